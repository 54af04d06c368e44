#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Count the instructions that ranges of a kernel's address space cost to map,
protect and unmap, on the stock and on the grafted kernel.

Both load the same module, tests/compare/ranges/ranges.c, on one CPU of which QEMU
counts the instructions. Each figure is for one leaf: the least of three calls,
divided by the leaves. Table pages are there already, as mostly, but where a
column says otherwise: vmalloc's stay when a range goes; those of the library go
with it, so that each of its calls allocates them.

What the library does is without a flush, since no CPU has its table loaded.
set_memory_x() flushes, once for each call; vunmap leaves the flush to its caller.

Debian's own Python runs this, since it has Debian's matplotlib.
"""

import functools
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, os.pardir, "qemu"))

# pylint: disable=wrong-import-position
import boot
import compare
import initramfs

ROW = compare.Row("ranges", "ranges", 1, compare.COUNTED, False)
VERBS = ("first", "map", "protect", "unmap", "clone")
SIZES = {1 << 12: "4 KiB", 1 << 21: "2 MiB", 1 << 26: "64 MiB",
         1 << 30: "1 GiB", 1 << 39: "512 GiB"}
# Where a call has that many leaves the rest of it hardly counts.
MANY = (1 << 26, 1 << 30)

# (what, verb, peer of stock, ours, at least so many times faster)
AIMS = (
    ("map ranges of the kernel", "map", "vmap_range", "vmap_range", 2),
    ("the library's map", "map", "vmap_range", "pg_table", 2),
    ("the library's protect", "protect", "set_memory", "pg_table", 5),
)


class Run(compare.Run):
    """One boot: its figures."""

    def words(self):
        return compare.WORDS

    def finish(self, errors):
        if not self.ended:
            self.problems.append(f"no end after {self.seconds:.0f} s {errors}")
        elif not any("failed" in entry for entry in self.data):
            self.problems.append("the module did not come to its end")

    def figures(self):
        """Instructions a leaf, by (peer, size of leaves, size, verb)."""
        found = {}
        for entry in self.data:
            if "peer" not in entry:
                continue
            leaf = 1 << 12 if entry["leaf"] == "4k" else 1 << 21
            if entry["leaf"] == "large" and entry["size"] >= 1 << 30:
                leaf = 1 << 30
            for verb in VERBS:
                ticks = entry.get(verb, -1)
                if ticks >= 0:
                    # An alias is one entry of the root.
                    leaves = 1 if verb == "clone" else entry["size"] // leaf
                    found[entry["peer"], entry["leaf"], entry["size"],
                          verb] = ticks / compare.COUNTED_NS / leaves
        return found


    def failure(self):
        """What was left when an allocation had failed."""
        return next(entry for entry in self.data if "failed" in entry)


def show(found):
    """All figures, a line for each way and size."""
    print(f"{'instructions a leaf':38}" +
          "".join(f"{verb:>10}" for verb in VERBS))
    for kernel, figures in found.items():
        for peer, leaf, size in dict.fromkeys(key[:3] for key in figures):
            cells = (figures.get((peer, leaf, size, verb)) for verb in VERBS)
            print(f"{kernel:6}{peer:20}{leaf:6}{SIZES[size]:>6}" + "".join(
                f"{'' if cell is None else format(cell, '.1f'):>10}"
                for cell in cells))


def judge(found):
    """A verdict for each aim; returns how many are missed."""
    missed = 0
    for what, verb, theirs, ours, factor in AIMS:
        times = min(found["stock"][theirs, "4k", size, verb] /
                    found["graft"][ours, "4k", size, verb] for size in MANY)
        missed += times < factor
        print(f"{'PASS' if times >= factor else 'FAIL'} {what}: {times:.1f} "
              f"times as fast by the 4 KiB leaf as {theirs} of stock, "
              f"at least {factor}")
    return missed


def judge_failure(runs):
    """A call that failed leaves nothing; returns how many do."""
    stock, graft = (run.failure() for run in runs)
    good = graft["left"] == 0
    print(f"{'PASS' if good else 'FAIL'} a table could not be allocated: of "
          f"{graft['pages']} pages {graft['left']} stay mapped, on stock "
          f"{stock['left']}")
    return not good


def store(args, found):
    path = os.path.join(args.build, "results", "kernel.json")
    with open(path, "w", encoding="ascii") as out:
        json.dump({kernel: [{"peer": peer, "leaf": leaf, "size": size,
                             "verb": verb, "instructions": round(value, 2)}
                            for (peer, leaf, size, verb), value
                            in figures.items()]
                   for kernel, figures in found.items()}, out, indent=1)
        out.write("\n")


def main():
    args = compare.parse_build(__doc__, "bench-kernel")
    try:
        runs = boot.run_all([functools.partial(compare.run_guest, args, kernel,
                                               ROW, initrd(args, kernel), Run)
                             for kernel in compare.KERNELS], 2)
    except KeyboardInterrupt:
        sys.exit("bench-kernel: interrupted")
    failed = sum(bool(run.problems) for run in runs)
    if not failed:
        found = {run.kernel: run.figures() for run in runs}
        show(found)
        store(args, found)
        failed = judge(found) + judge_failure(runs)
    print(f"bench-kernel: {len(AIMS) + 1 - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


def initrd(args, kernel):
    target = os.path.join(args.folder, f"ranges-{kernel}.cpio")
    initramfs.archive(target, [
        (os.path.join(HERE, "ranges", "init"), "init"),
        (os.path.join(args.folder, f"ranges-{kernel}", "ranges.ko"),
         "ranges.ko")])
    return target


if __name__ == "__main__":
    main()
