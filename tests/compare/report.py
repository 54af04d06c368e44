# SPDX-License-Identifier: GPL-2.0
"""The figures of both kernels as a table, and what is aimed at."""

from itertools import zip_longest

# Whether a missed aim fails the run.
AIMS_DECIDE = False

KERNELS = ("stock", "graft")
# Of a series of faults.
FIGURES = ("mean", "round_mean", "median", "p99", "release")
STAGES = ("boot", "peak", "after")
TABLES = "khx"
BLOCKS_PER_1G = 512

# Beyond those of boot, at the peak.
MAX_SPLIT_2M = 2
MAX_SPLIT_1G = 1
# Secret against shared, mean.
MAX_RATIO = 1.25
# Pages for which one flush is granted.
FLUSH_PAGES = 256


def mib(name):
    return lambda entry: entry["counters"].get(name, 0) // 1024


def event(*parts):
    """The sum of vmstat's direct map events that have one of these names."""
    def total(entry):
        found = [value for name, value in entry["counters"].items()
                 if name.startswith("direct_map_")
                 and any(part in name for part in parts)]
        return sum(found) if found else None
    return total


def counters(*names):
    return lambda entry: sum(entry["counters"].get(name, 0) for name in names)


def tables(entry):
    """How many 2M blocks are mapped by 4K leaves."""
    return sum(entry["layout"].count(letter) for letter in TABLES)


def leaves_1g(entry):
    return entry["layout"].count("G") // BLOCKS_PER_1G


def leaves_2m(entry):
    return entry["layout"].count("M")


# What is shown of a sample; the last word says that only the growth counts.
METRICS = (
    # Stock counts some large leaves twice at boot; leaves are counted here.
    ("DirectMap4k, MiB", mib("DirectMap4k"), False),
    ("DirectMap2M, MiB", mib("DirectMap2M"), False),
    ("DirectMap1G, MiB", mib("DirectMap1G"), False),
    ("1G leaves", leaves_1g, False),
    ("2M leaves", leaves_2m, False),
    ("2M blocks in 4K leaves", tables, False),
    ("splits", event("split"), True),
    ("collapses", event("collapse"), True),
    ("direct map flushes", event("flush"), True),
    ("TLB flush calls", counters("nr_tlb_remote_flush"), True),
    ("flush and call IPIs", counters("ipi_tlb", "ipi_call"), True),
)


def cell(samples, stage, value, growth):
    if stage not in samples:
        return "-"
    now, boot = value(samples[stage]), value(samples["boot"])
    if now is None:
        return "-"
    return str(now - (boot or 0) if growth else now)


def show_workload(name, both):
    print(f"\n{name:<24}" + "".join(f" | {kernel:>8}{'':>18}"
                                    for kernel in KERNELS).rstrip())
    print(f"{'':<24}" + "".join(" |" + "".join(f"{stage:>9}"
                                               for stage in STAGES)
                               for _ in KERNELS))
    for label, value, growth in METRICS:
        cells = [[cell(samples, stage, value, growth) for stage in STAGES]
                 for samples in both]
        if any(text != "-" for row in cells for text in row):
            print(f"{label:<24}" + "".join(
                " |" + "".join(f"{text:>9}" for text in row)
                for row in cells))
    for kernel, samples in zip(KERNELS, both):
        show_pools(kernel, samples)


def show_pools(kernel, samples):
    for stage in STAGES:
        for line in samples.get(stage, {}).get("pools", "").splitlines():
            print(f"  {kernel} {stage}: {line}")


def ratio(series, figure):
    return series["secret"][figure] / series["shared"][figure]


def flushes(series, way):
    """
    Flushes for FLUSH_PAGES pages: a flush interrupts each of the other CPUs,
    and what shared memory has of interrupts is not secret memory's.
    """
    def interrupts(kind):
        found = series[kind][way]
        return found["ipi_tlb"] + found["ipi_call"]
    if series["cpus"] == 1:
        return None
    extra = max(0, interrupts("secret") - interrupts("shared"))
    return (extra / (series["cpus"] - 1)
            / (series["secret"]["faults"] / FLUSH_PAGES))


def show_faults(row, both):
    unit = next(iter(both[0].values()))["unit"]
    print(f"\n{row + ('' if row == unit else ', ' + unit):<24}" + "".join(
        f" | {kernel:<8}{'shared':>8}{'secret':>8}{'ratio':>8}"
        for kernel in KERNELS))
    for name in both[0]:
        for figure in FIGURES:
            print(f"{name + ' ' + figure.replace('_', ' '):<24}" + "".join(
                " | " + " " * 8 + fault_cells(found[name], figure)
                for found in both))
        for way in ("out", "back"):
            if flushes(both[0][name], way) is not None:
                label = f"{name} flushes/{FLUSH_PAGES}, {way}"
                print(f"{label:<24}" + "".join(
                    f" | {'':<16}{flushes(found[name], way):>8.1f}{'':>8}"
                    for found in both))


def fault_cells(series, figure):
    digits = 0 if series["unit"] == "instructions" else 1
    return "".join(f"{series[kind][figure]:>8.{digits}f}"
                   for kind in ("shared", "secret")) + \
        f"{ratio(series, figure):>7.2f}x"


def layout_aims(name, samples):
    """What is aimed at with one workload: (text, value, reached)."""
    boot, peak, after = (samples[stage] for stage in STAGES)
    if name in ("fresh", "aged"):
        split = tables(peak) - tables(boot)
        yield (f"{name}: 2M leaves split at the peak, at most {MAX_SPLIT_2M}",
               split, split <= MAX_SPLIT_2M)
        split = leaves_1g(boot) - leaves_1g(peak)
        yield (f"{name}: 1G leaves split at the peak, at most {MAX_SPLIT_1G}",
               split, split <= MAX_SPLIT_1G)
    changed = sum(a != b for a, b in zip_longest(
        boot["layout"], after["layout"], fillvalue="."))
    yield (f"{name}: 2M blocks that differ from boot's in the end, none",
           changed, not changed)


def fault_aims(faults):
    for name, series in faults.get("faults-2", {}).items():
        for figure in ("mean", "round_mean"):
            value = ratio(series, figure)
            yield (f"2 CPUs, {name}: a secret fault's "
                   f"{figure.replace('_', ' ')}, at most {MAX_RATIO}x",
                   f"{value:.2f}x", value <= MAX_RATIO)
    for name, series in faults.get("instructions", {}).items():
        for way in ("out", "back"):
            value = flushes(series, way)
            yield (f"4 CPUs, {name}: flushes for {FLUSH_PAGES} pages, {way}, "
                   "at most 1", f"{value:.1f}", value <= 1)


def aims(found):
    for name, samples in found["workloads"].items():
        yield from layout_aims(name, samples)
    yield from fault_aims(found["faults"])


def show_aims(found):
    """Returns how many are missed."""
    missed = 0
    both = zip(*(aims(found[kernel]) for kernel in KERNELS))
    print(f"\n{'aim':<64}{'stock':>8}{'graft':>8}")
    for (text, stock, _), (_, graft, reached) in both:
        missed += not reached
        print(f"{text:<64}{stock:>8}{graft:>8}  "
              + ("ok" if reached else "not yet"))
    return missed


def show(found):
    """Print all; returns how many failures there are."""
    for kernel in KERNELS:
        print(f"{kernel}: Linux {found[kernel]['release']}")
    for name in found["stock"]["workloads"]:
        show_workload(name, [found[kernel]["workloads"][name]
                             for kernel in KERNELS])
    for row in found["stock"]["faults"]:
        show_faults(row, [found[kernel]["faults"][row] for kernel in KERNELS])
    missed = show_aims(found)
    return missed if AIMS_DECIDE else 0
