#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Run make targets one after the other and sum up what they report.

A target reports a result by a line that begins with PASS or FAIL. A target
that fails without having said FAIL, or that reports nothing, counts as one
failure. What failed is said again at the end, with what was said right before
it. The last line is the sum.
"""

import collections
import os
import signal
import subprocess
import sys
import time


BEFORE = 6  # lines that are said again with a FAIL
FAILURES = 30  # that are said again


def word_of(line):
    return line.split(" ", 1)[0].rstrip(":\n")


def failure(target, last, line):
    """What failed, after what was said since the last test's result."""
    said = []
    for before in reversed(last):
        if word_of(before) in ("PASS", "FAIL"):
            break
        said.insert(0, before)
    return "".join([f"---- {target}\n", *said, line.rstrip("\n"), "\n"])


def lacks(target, returncode, count):
    """The FAIL that a target should have said, or nothing."""
    if returncode and not count["FAIL"]:
        return f"FAIL {target}: make {target} failed\n"
    if not count["PASS"] and not count["FAIL"]:
        return f"FAIL {target}: reported no result\n"
    return ""


def run(target, log, failures):
    """Run one target, show its output; return (passed, failed).

    What says FAIL goes to failures, a text for each.
    """
    count = {"PASS": 0, "FAIL": 0}
    last = collections.deque(maxlen=BEFORE)
    with open(log, "w", encoding="utf-8") as out, subprocess.Popen(
            ["make", target], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            errors="replace") as process:
        try:
            for line in process.stdout:
                sys.stdout.write(line)
                sys.stdout.flush()
                out.write(line)
                word = word_of(line)
                if word in count:
                    count[word] += 1
                if word == "FAIL":
                    failures.append(failure(target, last, line))
                last.append(line)
        except KeyboardInterrupt:
            # Make tells what it runs, and waits for it.
            process.terminate()
            raise
    line = lacks(target, process.returncode, count)
    if line:
        sys.stdout.write(line)
        failures.append(failure(target, last, line))
        count["FAIL"] = 1
    return count["PASS"], count["FAIL"]


def main():
    logs = os.path.join(os.environ.get("BUILD", "build"), "log")
    os.makedirs(logs, exist_ok=True)
    begin = time.monotonic()
    summary, failures = [], []
    for target in sys.argv[1:]:
        start = time.monotonic()
        print(f"======== {target}", flush=True)
        log = os.path.join(logs, f"test-{target}.log")
        passed, failed = run(target, log, failures)
        summary.append((target, passed, failed, time.monotonic() - start))
    if failures:
        print("======== failed")
        sys.stdout.write("".join(failures[:FAILURES]))
        if len(failures) > FAILURES:
            print(f"and {len(failures) - FAILURES} more, see {logs}")
    print("======== all")
    for target, passed, failed, seconds in summary:
        print(f"{target:<16} {passed:6} passed {failed:6} failed "
              f"{seconds:6.0f} s")
    print(f"all parts took {time.monotonic() - begin:.0f} s")
    passed = sum(row[1] for row in summary)
    failed = sum(row[2] for row in summary)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


def interrupt(*_):
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, interrupt)
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("test: interrupted")
