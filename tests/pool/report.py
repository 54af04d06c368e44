#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Run days and costs on simulated machines, judge them, and draw them.

Usage: report.py PROGRAM RESULTS

Debian's own Python runs this, since it has Debian's matplotlib.
"""

import json
import os
import subprocess
import sys
from concurrent import futures

import matplotlib
from matplotlib import pyplot

matplotlib.use("Agg")

SIZES = (1, 64)
KINDS = ("pool", "stock")
COLORS = {"pool": "#1f4e79", "stock": "#d1352b"}
PANELS = ("2M leaves that are split", "2M leaves",
          "1G leaves fewer than at the start")
# What a sample consists of, in this order.
MINUTE, LEAVES, USED, FREE, GUESTS, FLUSHES, SPLIT = 0, 1, 4, 5, 6, 7, 8
# Cost may be larger by that much on the largest machine.
LIMIT = 1.3
TIB_BLOCKS = 1 << 19


def run(program, *args):
    done = subprocess.run([program, *args], stdout=subprocess.PIPE, text=True,
                          check=True)
    return json.loads(done.stdout)


def collect(program):
    """The days at once; what is measured is the CPU's time."""
    print("pool-sim: a day on 1 TiB and on 64 TiB, by a pool and on stock",
          flush=True)
    with futures.ThreadPoolExecutor() as pool:
        days = {f"{kind}-{size}": pool.submit(run, program, "day", str(size),
                                              kind)
                for size in SIZES for kind in KINDS}
    found = {name: day.result() for name, day in days.items()}
    print("pool-sim: what allocations cost", flush=True)
    found["cost"] = run(program, "cost")
    return found


def table(found):
    print(f"{'machine':<8} {'':<6} {'guests':>7} {'refused':>8}"
          f" {'2M splits':>10} {'still split':>12}"
          f" {'pages/flush':>12}")
    for size in SIZES:
        for kind in KINDS:
            day = found[f"{kind}-{size}"]
            print(f"{size:>3} TiB  {kind:<6} {day['guests']:>7}"
                  f" {day['refused']:>8} {day['splits'][0]:>10}"
                  f" {day['samples'][-1][SPLIT]:>12}"
                  f" {day['pages'] / day['flushes']:>12.1f}")
    print(f"\n{'order':<14}" + "".join(f"{order:>9}" for order in range(10)))
    for what in ("by_memory", "by_pool"):
        for row in found["cost"][what]:
            name = label(row, what)
            print(f"{name:<14}" +
                  "".join(f"{ns:>9.0f}" for ns in row["ns"]) + "  ns")


def label(row, what):
    if what == "by_memory":
        return f"{row['blocks'] // TIB_BLOCKS} TiB"
    return f"pool {2 * row['pool']} MiB"


def ratios(found):
    """How much more allocations cost on the largest machine, and as what."""
    rows = found["cost"]["by_memory"]
    first, last = rows[0], rows[-1]
    pairs = [(f"order {order}", *ns) for order, ns in
             enumerate(zip(first["ns"], last["ns"]))]
    pairs.append(("refill", first["fresh"], last["fresh"]))
    return [(large / small, name) for name, small, large in pairs]


def growth(found):
    """The same for the largest pool against the smallest."""
    rows = found["cost"]["by_pool"]
    return max(large / small for small, large in
               zip(rows[0]["ns"], rows[-1]["ns"]))


def judge(found):
    """(whether it holds, what)"""
    for size in SIZES:
        day = found[f"pool-{size}"]
        name = f"{size} TiB:"
        yield (day["changed"] == 0, f"{name} at the end of the day the layout"
               " of the direct map is that of the start")
        yield (day["lost"] == 0 and day["errors"] == 0, f"{name} no page is"
               f" lost, handed out twice, in the map or not zeroed"
               f" ({day['pages']} handed out)")
        yield (day["wasted"] <= 1, f"{name} {day['wasted']} leaves of 2M were"
               " split while a block was free (at most 1)")
        yield (found[f"stock-{size}"]["changed"] > 0, f"{name} stock leaves"
               f" {found[f'stock-{size}']['splits'][0]} leaves of 2M split")
    worst, name = max(ratios(found))
    yield (worst <= LIMIT, f"an allocation costs at most {worst:.2f}x on"
           f" 64 TiB of what it does on 1 TiB ({name}; at most {LIMIT}x)")
    yield (growth(found) <= 4, "an allocation from a large pool costs at most"
           f" {growth(found):.1f}x of what it does from a small one")


def hours(day):
    return [sample[MINUTE] / 60 for sample in day["samples"]]


def column(day, i):
    return [sample[i] for sample in day["samples"]]


def curve(day, title):
    if title == PANELS[0]:
        return column(day, SPLIT)
    if title == PANELS[1]:
        return column(day, LEAVES + 1)
    giants = column(day, LEAVES + 2)
    return [giants[0] - value for value in giants]


def draw_leaves(axes, found, size, title):
    """The last sample, after all is over, stands apart."""
    for kind in KINDS:
        day = found[f"{kind}-{size}"]
        at, values = hours(day), curve(day, title)
        axes.plot(at[:-1], values[:-1], color=COLORS[kind], label=kind)
        axes.plot([25.2], values[-1:], "o", markersize=5, clip_on=False,
                  color=COLORS[kind])
    axes.axhline(curve(found[f"pool-{size}"], title)[0], color="#888888", linewidth=0.8, linestyle=":",
                 label="at the start")
    axes.set_title(f"{size} TiB: {title}", fontsize=10)
    axes.set_xlim(0, 26)
    axes.set_xticks([0, 6, 12, 18, 24, 25.2],
                    ["0", "6", "12", "18", "24 h", "\nafter"], fontsize=8)
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(matplotlib.ticker.EngFormatter(sep=""))
    axes.tick_params(axis="y", labelsize=8)
    axes.grid(alpha=0.25)


def draw_memory(axes, found, size):
    day = found[f"pool-{size}"]
    at = hours(day)[:-1]
    used = [value * 4 / (1 << 30) for value in column(day, USED)][:-1]
    free = [value * 2 / (1 << 20) for value in column(day, FREE)][:-1]
    axes.plot(at, used, color="#3c9d4e", label="guests have")
    axes.plot(at, free, color="#f2a93b", label="free blocks")
    axes.set_title(f"{size} TiB: memory, in TiB", fontsize=10)
    axes.set_xlim(0, 26)
    axes.set_xticks([0, 6, 12, 18, 24], ["0", "6", "12", "18", "24 h"],
                    fontsize=8)
    axes.set_ylim(0, 1.3 * max(used + free))
    axes.tick_params(axis="y", labelsize=8)
    axes.grid(alpha=0.25)


def draw_cost(axes, rows, what, title):
    shades = ("#8fb8de", "#5b93c7", "#1f4e79", "#0b2440")
    for row, shade in zip(rows, shades):
        axes.plot(range(len(row["ns"])), row["ns"], "o-", markersize=3,
                  color=shade, label=label(row, what))
    axes.set_yscale("log")
    axes.set_ylim(10, 30000)
    axes.yaxis.set_major_formatter(matplotlib.ticker.EngFormatter(sep=""))
    axes.set_xticks(range(10), ["4K"] + [""] * 3 + ["64K"] + [""] * 4 + ["2M"],
                    fontsize=8)
    axes.set_title(title, fontsize=10)
    axes.tick_params(axis="y", labelsize=8)
    axes.grid(alpha=0.25)
    axes.legend(fontsize=8, frameon=False, loc="upper left")


def draw(found, path):
    figure, axes = pyplot.subplots(3, 4, figsize=(16, 10),
                                   layout="constrained")
    for row, size in zip(axes, SIZES):
        for place, title in zip(row, PANELS):
            draw_leaves(place, found, size, title)
        draw_memory(row[3], found, size)
    axes[0][0].legend(fontsize=8, frameon=False, loc="upper left")
    axes[0][3].legend(fontsize=8, frameon=False, loc="upper left")
    for place in axes[2]:
        place.remove()
    grid = axes[2][0].get_gridspec()
    cost = found["cost"]
    draw_cost(figure.add_subplot(grid[2, :2]), cost["by_memory"], "by_memory",
              "an allocation and its way back, in ns, by size:"
              " machines with the same pool")
    draw_cost(figure.add_subplot(grid[2, 2:]), cost["by_pool"], "by_pool",
              "the same on 1 TiB: pools of which every second page is in use")
    figure.suptitle("A day of guests whose memory is outside of the direct map"
                    " (simulated)", fontsize=12)
    figure.savefig(path, dpi=90)
    pyplot.close(figure)


def main():
    program, results = sys.argv[1:]
    found = collect(program)
    with open(os.path.join(results, "pool-sim.json"), "w",
              encoding="utf-8") as file:
        json.dump(found, file)
        file.write("\n")
    table(found)
    print()
    verdicts = list(judge(found))
    for good, text in verdicts:
        print(f"{'PASS' if good else 'FAIL'} {text}")
    draw(found, os.path.join(results, "pool-sim.png"))
    print(f"pool-sim: {os.path.join(results, 'pool-sim.png')}")
    raise SystemExit(not all(good for good, _ in verdicts))


if __name__ == "__main__":
    main()
