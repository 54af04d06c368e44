#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Compare the stock and the grafted kernel's page tables under PTI, entry by
entry.

Both kernels boot alike, and the guest prints what they show in
/sys/kernel/debug/page_tables: kernel, current_kernel and current_user. A line
there is a range of entries of one kind: where it begins and ends, what may be
done there, and the level. Every line must be the same in both, but for this:

- Two kernels' images are not equally large. A line that begins or ends in the
  image, or where the direct map has the image, may do so elsewhere, if that is
  at the same symbol: in its page or large page, or behind it.
- Of vmalloc's area, which the kernel's threads use in any order and in which the
  grafted kernel has room for mermap, what is mapped is compared, by its size and
  kind, and not where.
- What user mode has of the direct map, a page for each CPU, is where the per-CPU
  area found room: that may be elsewhere, as a whole.
- The stacks of ESPfix begin at a random place, in pages that are all alike, of
  which the kernel shows the first few: their distances are compared.
"""

import argparse
import collections
import functools
import json
import os
import re
import signal
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, os.pardir, "qemu"))

# pylint: disable=wrong-import-position
import boot
import initramfs

KERNELS = ("stock", "graft")
DUMPS = ("kernel", "current_kernel", "current_user")
TIMEOUT = 300

# A vsyscall page is mapped in one mode only. Where there are no PCIDs, and PTI
# is not asked for, user mode has all of the kernel's text.
Row = collections.namedtuple("Row", "name level cpu words")
ROWS = (
    Row("4level", 4, "max", []),
    Row("5level", 5, "max", []),
    Row("4level-vsyscall", 4, "max", ["vsyscall=emulate"]),
    Row("5level-vsyscall", 5, "max", ["vsyscall=emulate"]),
    Row("4level-text", 4, "Nehalem", ["pti=auto"]),
)
WORDS = ["nokaslr", "norandmaps", "no_timer_check"]

IMAGE = 0xffffffff80000000
IMAGE_SIZE = 1 << 30
# Without KASLR.
DIRECT_MAP = {4: 0xffff888000000000, 5: 0xff11000000000000}
PAGE_SIZES = (1 << 12, 1 << 21)

HEADER = re.compile(r"---\[ (.*) \]---")
LINE = re.compile(r"0x([0-9a-f]{16})-0x([0-9a-f]{16}) +[0-9]+[KMGTPE] (.*)")

SKIPPED = re.compile(r"\.\.\. [0-9]+ entries skipped \.\.\. ?")
# The kernel shows 16 lines of them, with gaps between, and maybe one before.
ESPFIX_PAGES = 7

Line = collections.namedtuple("Line", "region first end kind")


class Symbols:
    """The symbols that an address of the image can stand for."""

    def __init__(self, path, level):
        self.direct = DIRECT_MAP[level]
        self.names = collections.defaultdict(set)
        with open(path, encoding="ascii") as lines:
            for line in lines:
                value, _, name = line.split()
                for size in PAGE_SIZES:
                    page = int(value, 16) & -size
                    self.names[page].add(f"{name} in {size}")
                    self.names[page + size].add(f"behind {name} in {size}")

    def at(self, address):
        if 0 <= address - self.direct < IMAGE_SIZE:
            address += IMAGE - self.direct
        return self.names.get(address, set())


class Run:
    """One boot: its dumps."""

    def __init__(self, folder, kernel, row):
        self.kernel = kernel
        self.row = row
        self.log = os.path.join(folder, f"{row.name}-{kernel}.log")
        self.dumps = {name: [] for name in DUMPS}
        self.problems = []
        self.region = ""
        self.ended = False

    def report(self, line):
        words = line.split(" ", 2)
        if words[0] == "@dump":
            self.dump(self.dumps[words[1]], words[2])
        elif line == "@end":
            self.ended = True
        else:
            self.problems.append(line)

    def dump(self, lines, text):
        if match := HEADER.fullmatch(text):
            self.region = match[1]
        elif match := LINE.fullmatch(text):
            lines.append(Line(self.region, int(match[1], 16),
                              int(match[2], 16), " ".join(match[3].split())))
        elif not SKIPPED.fullmatch(text):
            self.problems.append(f"what is this: {text}")

    def finish(self, errors):
        if not self.ended:
            self.problems.append(f"no end {errors}")
        for name, lines in self.dumps.items():
            if not lines:
                self.problems.append(f"no dump of {name}")


def is_mapped(line):
    """Entries that are empty have no bits but a level."""
    return " " in line.kind


def sized(lines):
    """What is mapped, by size and kind."""
    return sorted(Line(line.region, 0, line.end - line.first, line.kind)
                  for line in lines if is_mapped(line))


def relative(lines):
    """What is mapped, counted from where the first of it is."""
    lines = [line for line in lines if is_mapped(line)]
    return [line._replace(first=line.first - lines[0].first,
                          end=line.end - lines[0].first) for line in lines]


def comparable(name, lines):
    """The lines of a dump, by region."""
    regions = collections.defaultdict(list)
    for line in lines:
        regions[line.region].append(line)
    regions["vmalloc() Area"] = sized(regions["vmalloc() Area"])
    regions["ESPfix Area"] = relative(regions["ESPfix Area"])[:ESPFIX_PAGES]
    if name == "current_user":
        regions["Low Kernel Mapping"] = relative(regions["Low Kernel Mapping"])
    return regions


def same(symbols, stock, graft):
    """Are two lines the same?"""
    return stock.kind == graft.kind and all(
        a == b or symbols["stock"].at(a) & symbols["graft"].at(b)
        for a, b in ((stock.first, graft.first), (stock.end, graft.end)))


def show(line):
    return (f"{line.first:#018x}-{line.end:#018x} {line.kind}" if line
            else "nothing")


def compare(symbols, name, stock, graft):
    """Yield the differences of two dumps."""
    stock, graft = comparable(name, stock), comparable(name, graft)
    for region in dict.fromkeys([*stock, *graft]):
        ours, theirs = graft[region], stock[region]
        for i in range(max(len(ours), len(theirs))):
            old = theirs[i] if i < len(theirs) else None
            new = ours[i] if i < len(ours) else None
            if not (old and new and same(symbols, old, new)):
                yield f"{region}: stock {show(old)}, graft {show(new)}"
                break


def machine(args, kernel, row, initrd):
    variant = boot.parse_variant(f"2-{row.level}level-pti")
    image = os.path.join(args.build, f"compare-{kernel}", "arch", "x86",
                         "boot", "bzImage")
    return ["-m", "1G", "-smp", "2", "-cpu", row.cpu,
            "-accel", "tcg,thread=single", "-kernel", image,
            "-initrd", initrd,
            "-append", boot.command_line(variant, [*WORDS, *row.words])]


def run_guest(args, kernel, row, initrd):
    run = Run(args.folder, kernel, row)
    start = time.monotonic()
    with open(run.log, "w", encoding="utf-8", buffering=1) as out:
        guest = boot.Guest(machine(args, kernel, row, initrd))
        try:
            for port, line in guest.lines(start + TIMEOUT):
                out.write(f"{time.monotonic() - start:7.2f} {port}: {line}\n")
                if port == "report":
                    run.report(line)
                elif port == "console" and boot.COMPLAINT.search(line):
                    run.problems.append(line)
        finally:
            errors = guest.stop()
    run.finish(errors)
    return run


def judge(args, row, stock, graft):
    """Print a verdict for each dump; returns them."""
    symbols = {kernel: Symbols(os.path.join(
        args.build, f"compare-{kernel}", "System.map"), row.level)
               for kernel in KERNELS}
    verdicts = []
    for name in DUMPS:
        found = [f"{run.kernel}: {problem}" for run in (stock, graft)
                 for problem in run.problems]
        found = found or list(compare(symbols, name, stock.dumps[name],
                                      graft.dumps[name]))
        lines = graft.dumps[name]
        mapped = sum(map(is_mapped, lines))
        moved = len(set(lines) - set(stock.dumps[name]))
        print(f"{'FAIL' if found else 'PASS'} page tables {row.name} {name}: "
              f"{len(lines)} lines, {mapped} of them mapped, {moved} elsewhere"
              + "".join(f"\n     {text}" for text in found[:8]))
        verdicts.append({"row": row.name, "dump": name, "lines": len(lines),
                         "mapped": mapped, "elsewhere": moved,
                         "differences": found})
    return verdicts


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("build", help="where make page-tables has built")
    parser.add_argument("rows", nargs="*",
                        help="of: " + " ".join(row.name for row in ROWS))
    args = parser.parse_args()
    args.folder = os.path.join(args.build, "compare", "page-tables")
    rows = [row for row in ROWS if not args.rows or row.name in args.rows]
    if unknown := set(args.rows) - {row.name for row in rows}:
        sys.exit(f"page-tables: no row {' '.join(sorted(unknown))}")

    results = os.path.join(args.build, "results")
    os.makedirs(results, exist_ok=True)
    os.makedirs(args.folder, exist_ok=True)
    initrd = os.path.join(args.folder, "initramfs.cpio")
    initramfs.archive(initrd, [(os.path.join(HERE, "tables", "init"), "init")])
    signal.signal(signal.SIGTERM, boot.interrupt)
    verdicts = []
    try:
        for row in rows:
            runs = boot.run_all([functools.partial(run_guest, args, kernel, row,
                                                   initrd)
                                 for kernel in KERNELS], 2)
            verdicts += judge(args, row, *runs)
    except KeyboardInterrupt:
        sys.exit("page-tables: interrupted")
    with open(os.path.join(results, "page_tables.json"), "w",
              encoding="ascii") as out:
        json.dump(verdicts, out, indent=1)
        out.write("\n")
    failed = sum(bool(verdict["differences"]) for verdict in verdicts)
    print(f"page-tables: {len(verdicts) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
