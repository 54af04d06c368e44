#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Run the benchmarks of each compiler, print a table and write the results.

Usage: report.py RESULTS.json COMPILER=PROGRAM... -- [ROW]...
"""
import json
import subprocess
import sys

HEAD = f"{'row':<18} {'compiler':<8} {'subject':>10} {'limit':>10}" \
       f" {'ratio':>8}  {'spread':>6}  unit"


def line(result):
    """One result as a line of the table."""
    text = f"{result['row']:<18} {result['compiler']:<8} {result['ns']:10.3f}"
    if result["limit_ns"]:
        text += f" {result['limit_ns']:10.3f} {result['ratio']:7.2f}x"
    else:
        text += f" {'-':>10} {'-':>8}"
    return text + f"  {result['spread']:6.1%}  {result['unit']}"


def run(compiler, program, rows):
    """The results of one compiler's program, printed as they come."""
    results = []
    with subprocess.Popen([program, *rows], text=True,
                          stdout=subprocess.PIPE) as process:
        for text in process.stdout:
            result = json.loads(text)
            result["compiler"] = compiler
            print(line(result), flush=True)
            results.append(result)
    if process.returncode:
        sys.exit(f"bench: the program built by {compiler} failed "
                 f"(status {process.returncode})")
    return results


def main():
    """See the usage above."""
    split = sys.argv.index("--")
    results = []
    print(HEAD)
    for argument in sys.argv[2:split]:
        compiler, program = argument.split("=", 1)
        results += run(compiler, program, sys.argv[split + 1:])
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        json.dump(results, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
