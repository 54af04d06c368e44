#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What the host tests reach of the library: lines, functions and branches.

Runs each command, which was built for gcov, and has lcov collect what they
reached. A header that every format includes is one file here: what one format
reaches is reached. Each line that is not needs a reason in uncovered.txt, and
each reason there such a line.
"""

import argparse
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
LIBRARY = os.path.join(ROOT, "lib/pg_table/")
REASONS = os.path.join(HERE, "uncovered.txt")

# Percent that are wanted at least.
LINES, BRANCHES = 97, 90

# A warning is of what must not happen: no test has to take its branches.
OPTIONS = {"lcov_branch_coverage": "1",
           "lcov_excl_br_line": r"\bWARN(_ON)?(_ONCE)?\("}

# Functions that carry their format's name are the same in all formats.
PREFIX = re.compile(r"^\w+?_(?=pt_)")


class Source:
    """What is known of one file of the library."""

    def __init__(self, path):
        self.name = path[len(LIBRARY):]
        self.lines = {}
        self.functions = {}
        self.variants = {}
        with open(path, encoding="utf-8") as file:
            self.text = [line.strip() for line in file]

    def add_line(self, line, count):
        """A line ran so often in one more object."""
        self.lines[line] = self.lines.get(line, 0) + count

    def add_branches(self, line, counts):
        """The branches of a line in one more object.

        What a format does not have is compiled away, so a line can have more
        branches in one than in another. That which has all stands for it.
        """
        known = self.variants.get(line, [])
        if len(counts) == len(known):
            counts = [a + b for a, b in zip(counts, known)]
        if len(counts) >= len(known):
            self.variants[line] = counts

    def add_function(self, line, name, count):
        """A function, which begins there, ran so often in one more object."""
        _, before = self.functions.get(line, ("", 0))
        self.functions[line] = PREFIX.sub("", name), before + count

    def function(self, line):
        """The name of the function that a line is in."""
        begin = max((at for at in self.functions if at <= line), default=0)
        return self.functions[begin][0] if begin else "-"

    def counts(self):
        """(found, hit) of lines, functions and branches."""
        every = {"lines": list(self.lines.values()),
                 "functions": [count for _, count in self.functions.values()],
                 "branches": sum(self.variants.values(), [])}
        return {kind: (len(counts), sum(count > 0 for count in counts))
                for kind, counts in every.items()}

    def uncovered(self):
        """Its lines that no object ran: (number, function, text)."""
        return [(line, self.function(line), self.text[line - 1])
                for line, count in sorted(self.lines.items()) if not count]

    def half_covered(self):
        """Lines that ran, and of which branches did not."""
        return {line: counts for line, counts in sorted(self.variants.items())
                if self.lines[line] and 0 in counts}


def read_info(path):
    """The files of the library in what lcov has collected, by name."""
    sources, source, functions, line, branches = {}, None, {}, 0, []

    def end_line():
        if source and branches:
            source.add_branches(line, branches)

    with open(path, encoding="utf-8") as info:
        for text in info:
            what, _, rest = text.strip().partition(":")
            fields = rest.split(",")
            if what in ("SF", "DA", "end_of_record"):
                end_line()
                branches = []
            if what == "SF":
                source = None
                if rest.startswith(LIBRARY):
                    source = sources.setdefault(rest, Source(rest))
            elif not source:
                continue
            elif what == "FN":
                functions[fields[1]] = int(fields[0])
            elif what == "FNDA":
                source.add_function(functions[fields[1]], fields[1],
                                    int(fields[0]))
            elif what == "DA":
                line = int(fields[0])
                source.add_line(line, int(fields[1]))
            elif what == "BRDA":
                branches.append(int(fields[3].replace("-", "0")))
    return sorted(sources.values(), key=lambda source: source.name)


class Reason:
    """Why lines of one function are not covered."""

    def __init__(self, name, function, why):
        self.place = (name, function)
        self.why = why
        self.always = []
        self.maybe = []

    def take(self, text):
        """Is this line meant? Each line of the list stands for one."""
        for texts in (self.always, self.maybe):
            if text in texts:
                texts.remove(text)
                return True
        return False


def read_reasons():
    """The list: places and reasons, then lines; '?' is reached by chance."""
    reasons = []
    with open(REASONS, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            line = line.rstrip("\n")
            head = re.fullmatch(r"(\S+) (\w+): (\S.*)", line)
            if not line or line[0] == "#":
                continue
            if head:
                reasons.append(Reason(*head.groups()))
            elif line[0] == "\t" and reasons:
                reasons[-1].always.append(line.strip())
            elif line[0] == "?" and reasons:
                reasons[-1].maybe.append(line[1:].strip())
            elif line[0] == " " and reasons:
                reasons[-1].why += " " + line.strip()
            else:
                sys.exit(f"{REASONS}:{number}: neither a reason nor a line")
    return reasons


def explain(sources, reasons):
    """Each uncovered line with its reason, or None; and stale reasons."""
    found, stale = [], []
    for source in sources:
        for line, function, text in source.uncovered():
            fitting = [reason for reason in reasons
                       if reason.place == (source.name, function)]
            why = next((reason.why for reason in fitting if reason.take(text)),
                       None)
            found.append({"file": source.name, "line": line, "text": text,
                          "function": function, "reason": why})
    texts = {source.name: source.text for source in sources}
    for reason in reasons:
        gone = [text for text in reason.maybe
                if text not in texts.get(reason.place[0], [])]
        stale += [(*reason.place, text) for text in reason.always + gone]
    return found, stale


def collect(build):
    """Have lcov read what the programs left behind."""
    info = os.path.join(build, "coverage.info")
    rc = [word for option in OPTIONS.items()
          for word in ("--rc", "=".join(option))]
    # geninfo of Debian 12 defines some functions twice, and says so.
    done = subprocess.run(["lcov", "-q", *rc, "--capture", "-d",
                           os.path.join(build, "lib"), "-o", info],
                          stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, check=False)
    if done.returncode:
        sys.exit(f"coverage: lcov failed:\n{done.stderr.strip()}")
    return read_info(info)


def run(commands, build):
    """Run the programs, which say PASS or FAIL."""
    for top, _, names in os.walk(build):
        for name in names:
            if name.endswith(".gcda"):
                os.remove(os.path.join(top, name))
    settings = {"LSAN_OPTIONS": "detect_leaks=0", "SEED": "1", "OPS": "20000"}
    for command in commands:
        done = subprocess.run(command, shell=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, errors="replace",
                              stderr=subprocess.STDOUT, text=True, check=False,
                              env=settings | os.environ)
        lines = done.stdout.splitlines()
        passed = sum(line.startswith("PASS") for line in lines)
        if done.returncode or not passed:
            print("\n".join(line for line in lines
                            if not line.startswith("PASS")))
            sys.exit(f"coverage: {command} failed")
        print(f"coverage: {passed} passed, {command}", flush=True)


def percent(found, hit):
    """How much is hit; nothing is all of nothing."""
    return 100 * hit / found if found else 100


def show(sources):
    """Print the table; returns its last row."""
    total = {kind: [0, 0] for kind in ("lines", "functions", "branches")}
    print(f"{'file':<24}{'lines':>18}{'functions':>18}{'branches':>18}")

    def row(name, counts):
        print(f"{name:<24}" + "".join(
            f"{hit:>6} of {found:<4}{int(10 * percent(found, hit)) / 10:5.1f}"
            for found, hit in counts.values()))

    for source in sources:
        counts = source.counts()
        row(source.name, counts)
        for kind, pair in counts.items():
            total[kind] = [a + b for a, b in zip(total[kind], pair)]
    row("all", total)
    return total


def judge(total, found, stale):
    """What is wrong, line by line."""
    wrong = [f"{line['file']}:{line['line']}: no reason: "
             f"{line['function']}: {line['text']}"
             for line in found if not line["reason"]]
    wrong += [f"uncovered.txt: stale: {name} {function}: {text}"
              for name, function, text in stale]
    for kind, least in (("lines", LINES), ("branches", BRANCHES)):
        if percent(*total[kind]) < least:
            wrong.append(f"{percent(*total[kind]):.2f} % of {kind}, "
                         f"and {least} % are wanted")
    return wrong


def main():
    """Run, collect, print, and judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", required=True, help="where it was built")
    parser.add_argument("--results", required=True, help="file to write")
    parser.add_argument("--branches", action="store_true",
                        help="list lines of which branches are not taken")
    parser.add_argument("commands", nargs="*",
                        help="what to run; without, judge the last run")
    args = parser.parse_args()
    if args.commands:
        run(args.commands, args.build)
    sources = collect(args.build)
    total = show(sources)
    found, stale = explain(sources, read_reasons())
    for reason in dict.fromkeys(line["reason"] for line in found):
        if not reason:
            continue
        print(f"\n{reason}")
        for line in found:
            if line["reason"] == reason:
                print(f"  {line['file']}:{line['line']} {line['function']}: "
                      f"{line['text']}")
    for source in sources if args.branches else ():
        for line, counts in source.half_covered().items():
            print(f"{source.name}:{line}: {source.function(line)}: "
                  f"{counts} {source.text[line - 1]}")
    with open(args.results, "w", encoding="utf-8") as file:
        json.dump({"total": total, "uncovered": found,
                   "files": {source.name: source.counts()
                             for source in sources}}, file, indent=1)
        file.write("\n")
    wrong = judge(total, found, stale)
    print(f"\ncoverage: {percent(*total['lines']):.2f} % of lines, "
          f"{percent(*total['branches']):.2f} % of branches, "
          f"{len(found)} lines uncovered, {len(wrong)} things wrong")
    for text in wrong:
        print(f"FAIL coverage: {text}")
    if not wrong:
        print("PASS coverage")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
