#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
Show struct mm_struct before and after the graft, side by side.

What is written often must not share a cache line with what it did not share
one with before: mm_count and mmap_lock have to stay where they were.
"""

import os
import re
import sys

from kbuild import Kernels, output_of

LINE = 64
FIXED = ("mm_count", "mmap_lock")
MEMBER = re.compile(r"(\w+)(?:\[\w*\])*(?:\)\(.*\))?(?: __attribute__.*)?;"
                    r"\s+/\*\s+(\d+)\s+(\d+)\s+\*/")


def layout(kernels, source, kind):
    """Offset and size of each member, from an object with debug data."""
    output = os.path.join(kernels.build, "pahole", kind)
    log = f"{output}.log"
    os.makedirs(output, exist_ok=True)
    for goals in (["x86_64_defconfig"], ["KCFLAGS=-g", "kernel/fork.o"]):
        if not kernels.make(source, output, "x86_64", "", goals, log):
            sys.exit(f"pahole: the kernel does not compile: see {log}")
    return members(os.path.join(output, "kernel", "fork.o"), "mm_struct")


def members(path, struct, base=0, before=""):
    found = {}
    for line in output_of("pahole", "-C", struct, path).splitlines():
        match = MEMBER.search(line)
        if not match:
            continue
        name, offset, size = match[1], int(match[2]) + base, int(match[3])
        inner = re.match(r"\s+struct (pg_table\w*)\s+\w", line)
        if inner:
            found.update(members(path, inner[1], offset, f"{before}{name}."))
        else:
            found[before + name] = (offset, size)
    return found


def lines(place):
    offset, size = place
    return offset // LINE, (offset + max(size, 1) - 1) // LINE


def show(place):
    if not place:
        return f"{'-':>16}"
    first, last = lines(place)
    where = f"{first}" if first == last else f"{first}-{last}"
    return f"{place[0]:>8}{where:>8}"


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: pahole.py BUILD")
    kernels = Kernels(sys.argv[1])
    kernels.check_out_stock()
    stock = layout(kernels, kernels.stock, "stock")
    grafted = layout(kernels, kernels.grafted, "grafted")

    print(f"{'struct mm_struct':<28}{'stock':>8}{'line':>8}"
          f"{'grafted':>8}{'line':>8}")
    for name in sorted(stock | grafted,
                       key=lambda n: grafted.get(n) or stock[n]):
        print(f"{name:<28}{show(stock.get(name))}{show(grafted.get(name))}")

    moved = [name for name in FIXED
             if lines(stock[name]) != lines(grafted[name])]
    if moved:
        sys.exit(f"pahole: {' and '.join(moved)} changed cache lines")
    print(f"{' and '.join(FIXED)} are on the same cache lines")


if __name__ == "__main__":
    main()
