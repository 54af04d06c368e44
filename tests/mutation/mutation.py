#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Break the library on purpose, one way at a time, and see a test turn red.

Each mutant of mutants.txt is applied to a copy of the sources, which is built
with a few formats. The unit tests run, then the random test for a short time:
the first that fails has caught the mutant. A mutant that none catches shows
that a test is missing.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
LIST = os.path.join(HERE, "mutants.txt")
SOURCES = ("Makefile", "include", "lib", "tests")

# One plain, one with runs, one with both runs and break before make, and the
# one that scrambles: what a mutant breaks shows in one of these.
FORMATS = ("x86_64", "riscv64_sv39", "arm64_4k", "fake")

UNIT = {"LSAN_OPTIONS": "detect_leaks=0"}
RANDOM = {**UNIT, "SEED": "1", "OPS": "20000"}
FAILED = re.compile(r"FAIL (\S+)")


class Mutant:
    """One way to break one file: its lines OLD become NEW."""

    def __init__(self, name, path):
        self.name = name
        self.path = path
        self.old = []
        self.new = []

    def add(self, line):
        """Take a line of the list: ' ' stays, '-' goes, '+' comes."""
        if line[0] in " -":
            self.old.append(line[1:])
        if line[0] in " +":
            self.new.append(line[1:])

    def apply(self, text):
        """Returns the broken text; OLD must be there exactly once."""
        old = "\n" + "\n".join(self.old) + "\n"
        new = "\n" + "\n".join(self.new) + "\n"
        found = len(re.findall(f"(?={re.escape(old)})", text))
        if old == new or found != 1:
            raise ValueError(f"{self.path} has the lines {found} times")
        return text.replace(old, new)


def read_mutants():
    """The mutants of the list, in its order."""
    mutants = []
    with open(LIST, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            line = line.rstrip("\n")
            if not line or line[0] == "#":
                continue
            if line[0] in " -+":
                mutants[-1].add(line)
            elif len(line.split()) == 2:
                mutants.append(Mutant(*line.split()))
            else:
                sys.exit(f"{LIST}:{number}: neither a mutant nor a line of one")
    return mutants


def read(*path):
    """The text of a file."""
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


def write(text, *path):
    """Replace a file."""
    with open(os.path.join(*path), "w", encoding="utf-8") as file:
        file.write(text)


def check(mutants):
    """Does each mutant apply, and has it a name for itself?"""
    wrong = 0
    names = [mutant.name for mutant in mutants]
    for mutant in mutants:
        try:
            mutant.apply(read(ROOT, mutant.path))
            if names.count(mutant.name) > 1:
                raise ValueError("another one has the same name")
        except (OSError, ValueError) as error:
            print(f"FAIL mutation {mutant.name}: {error}")
            wrong += 1
    if not wrong:
        print(f"PASS every_mutant_applies: {len(mutants)} mutants")
    return wrong


class Bench:
    """A copy of the sources, where mutants are built and tested."""

    def __init__(self, build):
        self.build = build
        self.tree = os.path.join(build, "tree")
        self.limit = 600
        shutil.rmtree(build, ignore_errors=True)
        os.makedirs(self.tree)
        for name in SOURCES:
            source, target = os.path.join(ROOT, name), os.path.join(self.tree, name)
            if os.path.isdir(source):
                shutil.copytree(source, target, symlinks=True)
            else:
                shutil.copy2(source, target)
        self.keep_formats()

    def keep_formats(self):
        """Leave the other formats out, to build quickly."""
        folder = os.path.join(self.tree, "lib/pg_table")
        text = read(folder, "sim.c")
        for name in re.findall(r"\t\t&pg_table_(\w+),\n", text):
            if name not in FORMATS:
                text = text.replace(f"\t\t&pg_table_{name},\n", "")
                os.remove(os.path.join(folder, "format", name + ".c"))
        write(text, folder, "sim.c")

    def program(self, name):
        """Where a test program is made."""
        return os.path.join(self.build, "host-mutant", name)

    def make(self):
        """Build the tests; returns what the compiler says if it can't."""
        # All of the library: what did not change comes from ccache, and nothing
        # of another mutant stays, whatever make knows of dependencies.
        shutil.rmtree(self.program("lib"), ignore_errors=True)
        # Not this make's jobs and variables.
        env = {key: value for key, value in os.environ.items()
               if not key.startswith("MAKE") and key != "MFLAGS"}
        done = subprocess.run(["make", "-s", "-C", self.tree,
                               f"BUILD={self.build}", "HOST_CC=ccache gcc",
                               self.program("host-tests"),
                               self.program("random")], env=env,
                              capture_output=True, text=True, check=False)
        return done.stderr.strip() if done.returncode else ""

    def red(self, name, settings):
        """Run a test program; returns its first test that fails, if any."""
        late = threading.Event()
        with subprocess.Popen([self.program(name)], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, errors="replace",
                              stderr=subprocess.STDOUT, text=True,
                              env=os.environ | settings,
                              start_new_session=True) as child:
            def kill():
                late.set()
                os.killpg(child.pid, signal.SIGKILL)

            timer = threading.Timer(self.limit, kill)
            timer.start()
            failed, passed = None, "the beginning"
            for line in child.stdout:
                failed = FAILED.match(line)
                if failed:
                    break
                if line.startswith("PASS "):
                    passed = line.split()[1].rstrip(":")
            timer.cancel()
            # The others of its tests, too.
            if failed:
                os.killpg(child.pid, signal.SIGKILL)
        if failed:
            return failed[1]
        if late.is_set():
            return f"the limit of {self.limit:.0f} s, after {passed}"
        return f"the exit of {name}" if child.returncode else None

    def test(self):
        """Returns the first red test of all, if any."""
        return self.red("host-tests", UNIT) or self.red("random", RANDOM)

    def begin(self):
        """Everything is green without a mutant, and takes so long."""
        begin = time.monotonic()
        wrong = self.make()
        if wrong:
            sys.exit(f"mutation: the tests can't be built:\n{wrong}")
        built = time.monotonic()
        red = self.test()
        if red:
            sys.exit(f"mutation: {red} fails without a mutant")
        took = time.monotonic() - built
        # Some mutants do not end; others only slow down what else runs here.
        self.limit = 5 * took + 30
        print(f"mutation: built in {built - begin:.0f} s, tested in "
              f"{took:.0f} s, {' '.join(FORMATS)}", flush=True)

    def catch(self, mutant):
        """Returns the test that catches the mutant, if any."""
        path = os.path.join(self.tree, mutant.path)
        text = read(path)
        write(mutant.apply(text), path)
        try:
            wrong = self.make()
            if wrong:
                sys.exit(f"mutation: {mutant.name} can't be built:\n{wrong}")
            return self.test()
        finally:
            write(text, path)


def run(mutants, build):
    """Try all of them; returns how many survived."""
    bench = Bench(build)
    bench.begin()
    begin, survived = time.monotonic(), []
    for number, mutant in enumerate(mutants, 1):
        red = bench.catch(mutant)
        if not red:
            survived.append(mutant.name)
        minutes, seconds = divmod(int(time.monotonic() - begin), 60)
        print(f"[{number}/{len(mutants)} {minutes}:{seconds:02}] "
              f"{'PASS' if red else 'FAIL'} {mutant.name}: "
              f"{'caught by ' + red if red else 'survived'}", flush=True)
    for name in survived:
        print(f"survived: {name}")
    print(f"mutation: {len(mutants) - len(survived)} caught, "
          f"{len(survived)} survived")
    return len(survived)


def main():
    """Check the list, or run the mutants whose names contain an argument."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true",
                        help="only see that each mutant applies")
    parser.add_argument("--build", help="directory to work in")
    parser.add_argument("names", nargs="*",
                        help="parts of names; all mutants without")
    args = parser.parse_args()
    mutants = read_mutants()
    wrong = check(mutants) if args.check or args.build else 0
    if wrong or not args.build:
        return bool(wrong)
    if args.names:
        mutants = [mutant for mutant in mutants
                   if any(name in mutant.name for name in args.names)]
    if not mutants:
        sys.exit("mutation: no mutant has such a name")
    return bool(run(mutants, os.path.abspath(args.build)))


if __name__ == "__main__":
    sys.exit(main())
