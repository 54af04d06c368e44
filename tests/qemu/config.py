#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Configure a kernel: allnoconfig with our fragments laid over it.

Kconfig drops a symbol silently when a dependency is missing or its name has
changed. Here that is an error which names the symbol.
"""

import argparse
import os
import re
import subprocess
import sys

SET = re.compile(r"^(CONFIG_\w+)=(.*)$")
UNSET = re.compile(r"^# (CONFIG_\w+) is not set$")


def parse(path):
    """Return the symbols of a fragment or .config; None stands for unset."""
    symbols = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if match := SET.match(line.strip()):
                symbols[match[1]] = match[2]
            elif match := UNSET.match(line.strip()):
                symbols[match[1]] = None
    return symbols


def missing(wanted, config):
    """Return a line for each wanted symbol that has another value."""
    lines = []
    for name, value in wanted.items():
        got = parse_n(config.get(name))
        if got != parse_n(value):
            lines.append(f"{name}: wanted {value or 'n'}, got {got or 'n'}")
    return lines


def parse_n(value):
    """Unset and =n are the same."""
    return None if value == "n" else value


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", required=True, help="kernel source")
    parser.add_argument("--output", required=True, help="build directory")
    parser.add_argument("--arch", default="x86_64")
    parser.add_argument("fragments", nargs="+")
    args = parser.parse_args()

    os.makedirs(args.output, exist_ok=True)
    wanted = {}
    for fragment in args.fragments:
        wanted.update(parse(fragment))
    overlay = os.path.join(args.output, "fragments.config")
    text = "".join(f"{name}={value or 'n'}\n"
                   for name, value in wanted.items())
    target = os.path.join(args.output, ".config")
    if os.path.exists(target) and os.path.exists(overlay):
        with open(overlay, encoding="utf-8") as old:
            if old.read() == text and not missing(wanted, parse(target)):
                return
    with open(overlay, "w", encoding="utf-8") as out:
        out.write(text)

    result = subprocess.run(
        ["make", "-s", "-C", args.source, f"O={os.path.abspath(args.output)}",
         f"ARCH={args.arch}", "allnoconfig"],
        env=dict(os.environ, KCONFIG_ALLCONFIG=os.path.abspath(overlay)),
        capture_output=True, text=True, check=False)
    if result.returncode:
        sys.exit(f"config: allnoconfig failed: {result.stderr.strip()}")
    if lines := missing(wanted, parse(target)):
        sys.exit("config: Kconfig did not take these, fix "
                 f"{' '.join(args.fragments)}:\n  " + "\n  ".join(lines))


if __name__ == "__main__":
    main()
