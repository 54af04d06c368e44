#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Count what address-space isolation costs: instructions and writes to CR3.

Four kernels: the stock one, the grafted one without isolation, the one that has it
compiled in and off, and the same with asi=on. One CPU, of which QEMU counts the
instructions, so that the figures are exact and the same each time. A system call
and a context switch with isolation off must have none more than without it.

Writes to CR3 are counted by QEMU's log of them, as the difference of two machines
that differ in how many turns they make.

Debian's own Python runs this, since it has Debian's matplotlib.
"""

import functools
import glob
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, os.pardir, "qemu"))

# pylint: disable=wrong-import-position
import boot
import compare

NAME = "isolation"
ROW = compare.Row(NAME, NAME, 1, compare.COUNTED, False)
KERNELS = (*compare.KERNELS, "plain")
CLASSES = ("allow", "deny")
TURNS = 2000

# What one figure is of.
UNITS = {"syscall": "a system call", "switch": "two context switches and four "
         "system calls", "allow": "enter, relax and exit, allow-list",
         "deny": "enter, relax and exit, deny-list"}


class Run(compare.Run):
    """One boot: a kernel, a switch of isolation, and what it is to do."""

    def __init__(self, folder, spec, row):
        self.name, kernel, self.extra, self.count = spec
        super().__init__(folder, kernel, row)
        self.log = os.path.join(folder, f"isolation-{self.name}.log")
        self.cr3 = os.path.join(folder, f"isolation-{self.name}.cr3")

    def words(self):
        return [*super().words(), *self.extra]

    def machine(self, args, initrd):
        words = super().machine(args, initrd)
        if self.count:
            words += ["-d", "mmu", "-D", self.cr3]
        return words

    def finish(self, errors):
        if not self.ended:
            self.problems.append(f"no end after {self.seconds:.0f} s {errors}")

    def costs(self):
        """Instructions for each, by name."""
        return {entry["name"]: entry["ticks"] / compare.COUNTED_NS /
                entry["count"] for entry in self.data
                if entry["kind"] == "cost"}

    def cr3_writes(self):
        with open(self.cr3, encoding="ascii", errors="replace") as log:
            return sum(line.startswith("CR3 update") for line in log)


SPECS = (
    ("stock", "stock", [], False),
    ("plain", "plain", [], False),
    ("off", "graft", [], False),
    ("on", "graft", ["asi=on"], False),
    ("none", "graft", ["asi=on", "checks.turns=none"], True),
    *((name, "graft", ["asi=on", f"checks.turns={name}:{TURNS}"], True)
      for name in CLASSES),
)


def text_size(*paths):
    """Bytes of code in object files."""
    out = subprocess.run(["size", *paths], check=True, capture_output=True,
                         text=True).stdout
    return sum(int(line.split()[0]) for line in out.splitlines()[1:])


def text_growth(args):
    """What isolation adds to the kernel's code, by its own files."""
    build = os.path.join(args.build, "compare-graft")
    found = [path for pattern in ("mm/asi*.o", "arch/x86/mm/asi*.o",
                                  "arch/x86/kvm/asi.o",
                                  "kernel/module/inflate.o")
             for path in glob.glob(os.path.join(build, pattern))
             if "selftest" not in path and not path.endswith(".mod.o")]
    return {"files": text_size(*found),
            **{kernel: text_size(os.path.join(args.build,
                                              f"compare-{kernel}", "vmlinux"))
               for kernel in KERNELS}}


def judge(found):
    """Off must be free; returns how many figures are not."""
    failed = 0
    for name in ("syscall", "switch"):
        more = found["off"][name] - found["plain"][name]
        good = more < 0.5
        failed += not good
        print(f"{'PASS' if good else 'FAIL'} {UNITS[name]}: {more:+.2f} "
              f"instructions with isolation compiled in and off, "
              f"{found['on'][name] - found['plain'][name]:+.2f} with it on "
              f"({found['plain'][name]:.2f} without it, "
              f"{found['stock'][name]:.2f} on stock)")
    return failed


def show(found):
    for name in CLASSES:
        print(f"     {UNITS[name]}: {found['on'][name]:.1f} instructions, "
              f"{found['cr3'][name]:.2f} writes to CR3")
    text = found["text"]
    print(f"     code: {text['files']} bytes in files of isolation's own, "
          f"{text['graft'] - text['plain']:+d} in the whole kernel "
          f"({text['plain']} without it, {text['stock']} on stock)")


def figures(args, runs):
    found = {name: runs[name].costs() for name in ("stock", "plain", "off", "on")}
    idle = runs["none"].cr3_writes()
    found["cr3"] = {name: (runs[name].cr3_writes() - idle) / TURNS
                    for name in CLASSES}
    found["text"] = text_growth(args)
    return found


def boot_all(args):
    work = compare.compile_work(args)
    initrds = {kernel: compare.build_initrd(args, kernel, work)
               for kernel in KERNELS}
    try:
        runs = boot.run_all([functools.partial(compare.run_guest, args, spec,
                                               ROW, initrds[spec[1]], Run)
                             for spec in SPECS], 2)
    except KeyboardInterrupt:
        sys.exit("isolation: interrupted")
    return {run.name: run for run in runs}


def main():
    args = compare.parse_build(__doc__, "compare")
    runs = boot_all(args)
    failed = sum(bool(run.problems) for run in runs.values())
    if not failed:
        found = figures(args, runs)
        show(found)
        failed = judge(found)
        path = os.path.join(args.build, "results", "isolation.json")
        with open(path, "w", encoding="ascii") as out:
            json.dump(found, out, indent=1)
            out.write("\n")
    print(f"isolation: {2 - min(failed, 2)} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
