#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Count who steps through the levels of page tables, before and after the graft:
walkers.py BUILD.

A walker is a .c or .h file whose text has all of p4d_offset, pud_offset and
pmd_offset, as words or as beginnings of words such as p4d_offset_lockless. Then
for each step of the series the lines that it removes from files of the kernel,
and those that it adds to them; the project's own files are not counted.
"""

import json
import os
import sys

from graft import Tree

STEPS = ("p4d_offset", "pud_offset", "pmd_offset")


class Series:
    """The commits of the grafted tree."""

    def __init__(self, path):
        self.tree = Tree(path)
        self.base = self.git("rev-list", "--max-parents=0", "HEAD")[0]
        self.kernel = set(self.git("ls-tree", "-r", "--name-only", self.base))

    def git(self, *words):
        return self.tree.git(*words).splitlines()

    def walkers(self, commit):
        """The files that have all of the words in one of their lines each."""
        patterns = [word for name in STEPS for word in ("-e", r"\b" + name)]
        found = self.git("grep", "-l", "--all-match", "-P", *patterns, commit,
                         "--", "*.c", "*.h")
        return {line.split(":", 1)[1] for line in found}

    def steps(self):
        """Of each commit its title and the lines of its numbers."""
        for commit in self.git("rev-list", "--reverse", f"{self.base}..HEAD"):
            title, *numbers = self.git("show", "--format=%s", "--numstat",
                                       "--no-renames", commit)
            yield title, [line.split("\t") for line in numbers if line]

    def lines(self):
        """What each step removes from the kernel's files and adds to them."""
        return [{"step": title,
                 "removed": sum(int(n[1]) for n in numbers
                                if n[2] in self.kernel),
                 "added": sum(int(n[0]) for n in numbers
                              if n[2] in self.kernel)}
                for title, numbers in self.steps()]


def count(files):
    return {suffix: sum(name.endswith("." + suffix) for name in files)
            for suffix in ("c", "h")}


def show(found):
    print(f"{'lines in files of the kernel, by step':60}removed  added    net")
    for step in found["steps"]:
        print(f"{step['step'][:59]:60}{-step['removed']:7} {step['added']:+6} "
              f"{step['added'] - step['removed']:+6}")
    for kernel in ("stock", "graft"):
        print("walkers, {}: {c} .c files, {h} .h files".format(
            kernel, **found[kernel]))
    for name in found["gone"]:
        print(f"gone: {name}")
    for name in found["new"]:
        print(f"new: {name}")


def main():
    build = sys.argv[1]
    series = Series(os.path.join(build, "linux"))
    stock, graft = series.walkers(series.base), series.walkers("HEAD")
    found = {"stock": count(stock), "graft": count(graft),
             "gone": sorted(stock - graft), "new": sorted(graft - stock),
             "steps": series.lines()}
    show(found)
    results = os.path.join(build, "results")
    os.makedirs(results, exist_ok=True)
    with open(os.path.join(results, "walkers.json"), "w",
              encoding="ascii") as out:
        json.dump(found, out, indent=1)
        out.write("\n")


if __name__ == "__main__":
    main()
