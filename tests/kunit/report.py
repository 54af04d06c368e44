#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Report the KUnit results in a kernel's log, one line for each test.

The log is read by the kernel's own kunit.py. A test that has parameters is one
line, too; where it failed, the parameters follow.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

# What boot.py puts before a line of the console, and printk before that.
PREFIX = re.compile(r"^ *[0-9.]+ (console|report): ")
STAMP = re.compile(r"^\[ *[0-9.]+\] ")


def console(path):
    """The lines that came from the kernel, bare."""
    with open(path, encoding="utf-8", errors="replace") as log:
        for line in log:
            match = PREFIX.match(line)
            if match and match[1] != "console":
                continue
            line = line[match.end():] if match else line
            yield STAMP.sub("", line)


def parse(kunit, log):
    """Return the tree of results, or None, and what kunit.py said last."""
    with tempfile.TemporaryDirectory() as folder:
        ktap = os.path.join(folder, "ktap")
        tree = os.path.join(folder, "json")
        with open(ktap, "w", encoding="utf-8") as out:
            out.writelines(console(log))
        result = subprocess.run([kunit, "parse", f"--json={tree}", ktap],
                                capture_output=True, text=True, check=False)
        said = [line for line in result.stdout.splitlines()
                if "[ERROR]" in line or "Testing complete" in line]
        if not os.path.exists(tree):
            return None, result.returncode, said
        with open(tree, encoding="utf-8") as file:
            return json.load(file), result.returncode, said


def cases(suite):
    """Each test of a suite: (name, its results as (parameter, status))."""
    for case in suite["test_cases"]:
        yield case["name"], [("", case["status"])]
    for group in suite["sub_groups"]:
        yield group["name"], [(case["name"], case["status"])
                              for case in group["test_cases"]]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kunit", required=True, help="the tree's kunit.py")
    parser.add_argument("name", help="what ran, such as um")
    parser.add_argument("log")
    args = parser.parse_args()

    tree, status, said = parse(args.kunit, os.path.abspath(args.log))
    passed = failed = 0
    for suite in tree["sub_groups"] if tree else []:
        for name, results in cases(suite):
            bad = [r for r in results if r[1] not in ("PASS", "SKIP")]
            skipped = all(r[1] == "SKIP" for r in results)
            word = "FAIL" if bad else "SKIP" if skipped else "PASS"
            print(f"{word} kunit {args.name}: {suite['name']}.{name}")
            for parameter, what in bad:
                print(f"     {parameter} {what}")
            failed += bool(bad)
            passed += word == "PASS"
    if not passed or (status and not failed):
        print(f"FAIL kunit {args.name}: no complete result in {args.log}")
        failed += 1
    if failed:
        print("".join(f"     {line}\n" for line in said), end="")
    print(f"kunit {args.name}: {passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
