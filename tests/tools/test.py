#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Run make targets one after the other and sum up what they report.

A target reports a result by a line that begins with PASS or FAIL. A target
that fails without having said FAIL, or that reports nothing, counts as one
failure. The last line is the sum.
"""

import os
import signal
import subprocess
import sys
import time


def run(target, log):
    """Run one target, show its output; return (passed, failed)."""
    count = {"PASS": 0, "FAIL": 0}
    with open(log, "w", encoding="utf-8") as out, subprocess.Popen(
            ["make", target], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            errors="replace") as process:
        try:
            for line in process.stdout:
                sys.stdout.write(line)
                sys.stdout.flush()
                out.write(line)
                word = line.split(" ", 1)[0].rstrip(":\n")
                if word in count:
                    count[word] += 1
        except KeyboardInterrupt:
            # Make tells what it runs, and waits for it.
            process.terminate()
            raise
    if process.returncode and not count["FAIL"]:
        print(f"FAIL {target}: make {target} failed")
        count["FAIL"] = 1
    elif not count["PASS"] and not count["FAIL"]:
        print(f"FAIL {target}: reported no result")
        count["FAIL"] = 1
    return count["PASS"], count["FAIL"]


def main():
    logs = os.path.join(os.environ.get("BUILD", "build"), "log")
    os.makedirs(logs, exist_ok=True)
    begin = time.monotonic()
    summary = []
    for target in sys.argv[1:]:
        start = time.monotonic()
        print(f"======== {target}", flush=True)
        passed, failed = run(target, os.path.join(logs, f"test-{target}.log"))
        summary.append((target, passed, failed, time.monotonic() - start))
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
