#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Run the tree's own selftests on the stock and on the grafted kernel, and compare
what they say line by line.

The guest reports, between lines "@run FOLDER PROGRAM" and "@exit STATUS", all that
a program prints, and "@end" in the end. Of that the lines that are results count:
TAP's, and those with [OK], [FAIL] and the like; of a program that has none, as many
of KVM's, that it ended well. A program passes if it has the same results on both
kernels, and has any.
"""

import argparse
import difflib
import functools
import os
import re
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, os.pardir, "qemu"))

# pylint: disable=wrong-import-position
import boot
import initramfs

KERNELS = ("stock", "graft")
TIMEOUT = 1200
RESULT = re.compile(r"\s*((not )?ok \d|Bail out!|==== Test Assertion Failure"
                    r"|\[(OK|FAIL|SKIP|WARN|PASS)\])")
# What differs from run to run.
ADDRESS = re.compile(r"0x[0-9a-f]+")


class Run:
    """One boot: the results of each program, and what went wrong."""

    def __init__(self, kernel):
        self.kernel = kernel
        self.results = {}
        self.current = None
        self.complaints = []
        self.ended = False

    def report(self, line):
        if line.startswith("@run "):
            self.current = self.results[line.split(" ", 1)[1]] = []
        elif line.startswith("@exit "):
            status = line.split(" ", 1)[1]
            if status == "0" and not self.current:
                self.current.append("ok: it says nothing else")
            self.current.append("exit status " + status)
        elif line == "@end":
            self.ended = True
        elif self.current is not None and RESULT.match(line):
            self.current.append(ADDRESS.sub("0x...", line.strip()))

    def console(self, line):
        # What a program's own faults are called.
        if boot.COMPLAINT.search(line) and "traps: " not in line:
            self.complaints.append(line)


def programs(path):
    with open(path, encoding="utf-8") as lines:
        return [line.split() for line in lines if not line.startswith("#")]


def build_root(args, kernel):
    """Write the guest's root; returns its path."""
    target = os.path.join(args.folder, f"initramfs-{kernel}.cpio")
    kernel_build = getattr(args, kernel).removesuffix("/arch/x86/boot/bzImage")
    files = [(os.path.join(HERE, "init"), "init"), (args.programs, "programs")]
    for directory, program, *_ in programs(args.programs):
        if directory == "module":
            pair = (os.path.join(kernel_build, f"{program}.ko"),
                    f"modules/{program}.ko")
        else:
            name = f"selftests/{directory}/{program}"
            pair = (os.path.join(args.build, name), name)
        if pair not in files:
            files.append(pair)
    initramfs.archive(target, files)
    return target


def run_guest(args, kernel):
    run = Run(kernel)
    variant = boot.parse_variant(args.variant)
    words = ["-m", "2G", "-smp", str(variant.cpus), "-cpu", "max",
             "-accel", "tcg,thread=single", "-kernel",
             getattr(args, kernel), "-initrd", build_root(args, kernel),
             "-append", boot.command_line(variant, ["asi=on"])]
    log = os.path.join(args.folder, f"{kernel}.log")
    start = time.monotonic()
    with open(log, "w", encoding="utf-8", buffering=1) as out:
        guest = boot.Guest(words)
        try:
            for port, line in guest.lines(start + TIMEOUT):
                out.write(f"{time.monotonic() - start:7.2f} {port}: {line}\n")
                if port == "console":
                    run.console(line)
                elif port == "report":
                    run.report(line)
        finally:
            guest.stop()
    return run


def compare(name, stock, graft):
    """Return whether a program's results are the same, and say so."""
    ok = sum(line.startswith(("ok", "[OK]", "[PASS]")) for line in graft)
    if stock == graft and ok:
        print(f"PASS selftests {name}: {len(graft) - 1} results as on stock, "
              f"{ok} of them ok")
        return True
    print(f"FAIL selftests {name}: " +
          ("other results than on stock" if stock != graft else
           "no result is ok, so nothing is shown"))
    for line in difflib.unified_diff(stock, graft, "stock", "graft",
                                     lineterm="", n=0):
        print("     " + line)
    return False


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stock", required=True, help="bzImage")
    parser.add_argument("--graft", required=True, help="bzImage")
    parser.add_argument("--variant", default="2-5level-pti")
    parser.add_argument("--programs", default=os.path.join(HERE, "programs"),
                        help="what is run")
    parser.add_argument("--name", default="selftests", help="of the results")
    parser.add_argument("build", help="where the programs are")
    args = parser.parse_args()
    args.folder = os.path.join(args.build, "results", args.name)
    os.makedirs(args.folder, exist_ok=True)
    stock, graft = boot.run_all([functools.partial(run_guest, args, kernel)
                                 for kernel in KERNELS], 2)
    good = True
    for words in programs(args.programs):
        name = " ".join(words)
        good &= compare(name, stock.results.get(name, ["did not run"]),
                        graft.results.get(name, ["did not run"]))
    for run in (stock, graft):
        if not run.ended:
            print(f"FAIL selftests: no end on {run.kernel}")
            good = False
    for line in graft.complaints:
        print(f"FAIL selftests: the grafted kernel complains: {line}")
        good = False
    sys.exit(not good)


if __name__ == "__main__":
    main()
