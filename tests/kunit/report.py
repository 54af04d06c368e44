#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Report the KUnit results in a log, one line for each test.

The log is that of kunit.py or of boot.py, in which lines of results begin with
"ktap:". It is read by the kernel's own kunit.py. A test that has parameters is
one line, too; where it failed, the parameters follow.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

MARKED = re.compile(r"^ *[0-9.]+ report: ktap: ", re.MULTILINE)


def documents(path):
    """Each KTAP document in the log."""
    with open(path, encoding="utf-8", errors="replace") as log:
        text = log.read()
    if MARKED.search(text):
        text = "".join(MARKED.sub("", line)
                       for line in text.splitlines(keepends=True)
                       if MARKED.match(line))
    return re.split(r"^(?=KTAP version)", text, flags=re.MULTILINE)[1:]


def parse(kunit, document):
    """Return the suites in it, and what kunit.py says is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        tree = os.path.join(folder, "json")
        result = subprocess.run([kunit, "parse", f"--json={tree}"],
                                input=document, capture_output=True,
                                text=True, check=False)
        errors = [line for line in result.stdout.splitlines()
                  if "[ERROR]" in line]
        if result.returncode and not errors:
            errors = [result.stderr.strip() or "kunit.py: a test failed"]
        if not os.path.exists(tree):
            return [], errors
        with open(tree, encoding="utf-8") as file:
            return json.load(file)["sub_groups"], errors


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
    parser.add_argument("suites", nargs="*", help="suites that must be there")
    args = parser.parse_args()

    passed = failed = 0
    suites, errors = [], []
    for document in documents(args.log):
        more, wrong = parse(args.kunit, document)
        suites += more
        errors += wrong
    for suite in suites:
        for name, results in cases(suite):
            bad = [r for r in results if r[1] not in ("PASS", "SKIP")]
            skipped = all(r[1] == "SKIP" for r in results)
            word = "FAIL" if bad else "SKIP" if skipped else "PASS"
            print(f"{word} kunit {args.name}: {suite['name']}.{name}")
            for parameter, what in bad:
                print(f"     {parameter} {what}")
            failed += bool(bad)
            passed += word == "PASS"
    missing = set(args.suites) - {suite["name"] for suite in suites}
    for name in sorted(missing):
        print(f"FAIL kunit {args.name}: {name}: did not run")
        failed += 1
    if not passed or (errors and not failed):
        print(f"FAIL kunit {args.name}: no complete result in {args.log}")
        failed += 1
    if failed:
        print("".join(f"     {line}\n" for line in errors), end="")
    print(f"kunit {args.name}: {passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
