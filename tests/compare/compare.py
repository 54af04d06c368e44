#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Boot the stock and the grafted kernel under the same workloads, and compare.

Each workload of tests/compare/guest/ has a machine that is freshly booted. The
guest reports as tests/qemu/boot.py describes, and in lines of

    @data {"kind": "sample", ...}       the direct map at one moment
    @data {"kind": "faults", ...}       faults in both kinds of memory

Debian's own Python runs this, since it has Debian's matplotlib.
"""

import argparse
import collections
import functools
import glob
import json
import os
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, os.pardir, "qemu"))

# pylint: disable=wrong-import-position
import boot
import initramfs
import picture
import report

KERNELS = ("stock", "graft")
MEMORY = "3G"
TIMEOUT = 600

# A fixed direct map, and no work that is not the same each time. On a busy host
# the timer comes too late for the kernel's check of it, which panics.
WORDS = ["nokaslr", "norandmaps", "mitigations=off", "no_timer_check"]

# Text is poked: see boot.py.
SINGLE = ["-accel", "tcg,thread=single"]
MULTI = ["-accel", "tcg,thread=multi"]
# An instruction takes as many virtual nanoseconds, which the time stamp counter
# counts: with fewer the kernel would wait for its timers forever.
COUNTED_NS = 16
COUNTED = [*SINGLE, "-rtc", "base=2024-01-01,clock=vm", "-icount",
           f"shift={COUNTED_NS.bit_length() - 1},sleep=off"]

Row = collections.namedtuple("Row", "name workload cpus accel quiet")

# Quiet ones are timed, so that they run alone.
ROWS = (
    Row("fresh", "fresh", 2, SINGLE, False),
    Row("aged", "aged", 2, SINGLE, False),
    Row("bpf", "bpf", 2, SINGLE, False),
    Row("modules", "modules", 2, SINGLE, False),
    Row("tracing", "tracing", 2, SINGLE, False),
    Row("instructions", "instructions", 4, COUNTED, False),
    Row("faults-1", "faults", 1, MULTI, True),
    Row("faults-2", "faults", 2, MULTI, True),
)


class Run:
    """One boot: what it reported."""

    def __init__(self, folder, kernel, row):
        self.kernel = kernel
        self.row = row
        self.log = os.path.join(folder, f"{row.name}-{kernel}.log")
        self.data = []
        self.problems = []
        self.ended = False
        self.seconds = 0

    def words(self):
        """What the kernel is told."""
        return [*WORDS, f"checks.workload={self.row.workload}"]

    def machine(self, args, initrd):
        """QEMU's command line, but for the ports."""
        variant = boot.parse_variant(f"{self.row.cpus}-4level-nopti")
        image = os.path.join(args.build, f"compare-{self.kernel}", "arch",
                             "x86", "boot", "bzImage")
        return ["-m", MEMORY, "-smp", str(self.row.cpus), "-cpu", "max",
                *self.row.accel, "-kernel", image, "-initrd", initrd,
                "-append", boot.command_line(variant, self.words())]

    def report(self, line):
        if line.startswith("@data "):
            self.data.append(json.loads(line.split(" ", 1)[1]))
        elif line == "@end":
            self.ended = True
        elif not line.startswith("ok - "):
            self.problems.append(line)

    def console(self, line):
        if boot.COMPLAINT.search(line):
            self.problems.append(line)

    def finish(self, errors):
        if not self.ended:
            self.problems.append(f"no end after {self.seconds:.0f} s {errors}")
        elif not self.samples().keys() >= {"boot", "after"}:
            self.problems.append("no samples")
        elif not self.row.quiet and not (self.faults()
                                         or "peak" in self.samples()):
            self.problems.append("no figures")

    def samples(self):
        """The direct map's state by stage."""
        return {entry["stage"]: entry for entry in self.data
                if entry["kind"] == "sample"}

    def faults(self):
        """The series of faults by name."""
        return {entry["name"]: entry for entry in self.data
                if entry["kind"] == "faults"}

    def verdict(self):
        text = (f"{'FAIL' if self.problems else 'PASS'} compare "
                f"{self.row.name} on {self.kernel}, {self.seconds:.0f} s")
        if self.problems:
            text += f", log in {os.path.relpath(self.log)}"
        return "\n     ".join([text, *self.problems[:8]])


def run_guest(args, kernel, row, initrd, kind=Run):
    run = kind(args.folder, kernel, row)
    start = time.monotonic()
    with open(run.log, "w", encoding="utf-8", buffering=1) as out:
        guest = boot.Guest(run.machine(args, initrd))
        try:
            for port, line in guest.lines(start + TIMEOUT):
                out.write(f"{time.monotonic() - start:7.2f} {port}: {line}\n")
                if port == "console":
                    run.console(line)
                elif port == "report":
                    run.report(line)
        finally:
            errors = guest.stop()
    run.seconds = time.monotonic() - start
    run.finish(errors)
    sys.stdout.write(run.verdict() + "\n")
    sys.stdout.flush()
    return run


def run_all(args, rows, initrds):
    """Two at once, but the timed ones one after the other."""
    runs = []
    for quiet in (False, True):
        runs += boot.run_all([functools.partial(run_guest, args, kernel, row,
                                                initrds[kernel])
                              for row in rows if row.quiet == quiet
                              for kernel in KERNELS], 1 if quiet else 2)
    return runs


def parse_build(doc, target):
    """The one argument of those who boot what make TARGET has built."""
    parser = argparse.ArgumentParser(
        description=doc, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("build", help=f"where make {target} has built")
    args = parser.parse_args()
    args.folder = os.path.join(args.build, "compare")
    os.makedirs(os.path.join(args.build, "results"), exist_ok=True)
    signal.signal(signal.SIGTERM, boot.interrupt)
    return args


def build_initrd(args, kernel, work):
    target = os.path.join(args.folder, f"initramfs-{kernel}.cpio")
    workloads = glob.glob(os.path.join(HERE, "guest", "*.sh"))
    modules = glob.glob(os.path.join(args.folder, f"modules-{kernel}",
                                     "*.ko"))
    if not modules:
        sys.exit(f"compare: no modules of {kernel}, run: make compare")
    initramfs.archive(target, [
        (os.path.join(HERE, "guest", "init"), "init"), (work, "bin/work"),
        *((path, "workloads/" + os.path.basename(path)) for path in workloads),
        *((path, "modules/" + os.path.basename(path)) for path in modules)])
    return target


def compile_work(args):
    work = os.path.join(args.folder, "work")
    subprocess.run(["gcc", "-static", "-O2", "-Wall", "-Wextra", "-Werror",
                    "-o", work,
                    *glob.glob(os.path.join(HERE, "work", "*.c"))], check=True)
    return work


def release(args, kernel):
    with open(os.path.join(args.build, f"compare-{kernel}", "include",
                           "config", "kernel.release"),
              encoding="ascii") as text:
        return text.read().strip()


def scaled(row, series):
    """The figures of a series of faults in its unit instead of ticks."""
    counted = row.accel is COUNTED
    ticks = COUNTED_NS if counted else 1000 * series.pop("ticks_per_ns")
    for kind in ("shared", "secret"):
        for figure in report.FIGURES:
            series[kind][figure] = round(series[kind][figure] / ticks, 2)
    return {**series, "unit": "instructions" if counted else "us"}


def results(args, runs):
    """All that goes into compare.json."""
    out = {kernel: {"release": release(args, kernel), "workloads": {},
                    "faults": {}} for kernel in KERNELS}
    for run in runs:
        if run.faults():
            out[run.kernel]["faults"][run.row.name] = {
                name: scaled(run.row, series)
                for name, series in run.faults().items()}
        else:
            out[run.kernel]["workloads"][run.row.name] = run.samples()
    return out


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("build", help="where make compare has built")
    parser.add_argument("rows", nargs="*",
                        help="of: " + " ".join(row.name for row in ROWS))
    args = parser.parse_args()
    args.folder = os.path.join(args.build, "compare")
    rows = [row for row in ROWS if not args.rows or row.name in args.rows]
    if unknown := set(args.rows) - {row.name for row in rows}:
        sys.exit(f"compare: no row {' '.join(sorted(unknown))}")

    os.makedirs(os.path.join(args.build, "results"), exist_ok=True)
    os.makedirs(args.folder, exist_ok=True)
    work = compile_work(args)
    initrds = {kernel: build_initrd(args, kernel, work) for kernel in KERNELS}
    signal.signal(signal.SIGTERM, boot.interrupt)
    try:
        runs = run_all(args, rows, initrds)
    except KeyboardInterrupt:
        sys.exit("compare: interrupted")

    found = results(args, runs)
    failed = sum(bool(run.problems) for run in runs)
    if not failed:
        failed += report.show(found)
        store(args, found)
    print(f"compare: {len(runs) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


def store(args, found):
    path = os.path.join(args.build, "results", "compare")
    with open(f"{path}.json", "w", encoding="utf-8") as out:
        json.dump(found, out, indent=1)
        out.write("\n")
    if found["stock"]["workloads"]:
        picture.draw(found, f"{path}.png")
        print(f"the direct map as a picture: {os.path.relpath(path)}.png")


if __name__ == "__main__":
    main()
