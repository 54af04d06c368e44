#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Style: checkpatch --strict, kernel-doc and sparse on our own files.

The tools are the grafted kernel's. Sparse runs through its build, so that it
sees our files as they are compiled there.
"""

import argparse
import os
import re
import subprocess

# Kernel headers have findings of their own; only lines about our files count.
FINDING = re.compile(r"^(?:\.\./|/)*(?:\S*?/)??((?:lib|arch|include|mm)/\S+?)"
                     r":\d+(?::\d+)?: (?:warning|error)")


def our_files(*patterns):
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard",
                             "--", *patterns],
                            capture_output=True, text=True, check=True)
    return [path for path in listed.stdout.split() if os.path.exists(path)]


def report(name, files, findings):
    """One FAIL for each file with findings, or one PASS for all."""
    for path, text in findings.items():
        print(f"FAIL {name} {path}")
        print("".join(f"     {line}\n" for line in text), end="", flush=True)
    if not findings:
        print(f"PASS {name}, {len(files)} files", flush=True)


def per_file(name, command, files):
    """Run a tool that is silent about a good file on each file."""
    findings = {}
    for path in files:
        done = subprocess.run(command + [path], capture_output=True, text=True,
                              errors="replace", check=False)
        if done.returncode:
            text = (done.stdout + done.stderr).strip().splitlines()
            findings[path] = text or [f"exit status {done.returncode}"]
    report(name, files, findings)
    return bool(findings)


def sparse(linux, build):
    """Check every object that the kernel's build makes of our sources."""
    files = [path for path in our_files("lib/*.c", "mm/*.c", "arch/x86/*.c")
             if os.path.exists(os.path.join(build, path[:-1] + "o"))]
    # Sparse runs when make wants to compile, hence C=2: whether it is due or not.
    command = ["make", "-C", linux, f"O={build}", "ARCH=x86_64",
               "CC=ccache gcc", "C=2", "-k"]
    done = subprocess.run(command + [path[:-1] + "o" for path in files],
                          capture_output=True, text=True, errors="replace",
                          check=False)
    findings = {}
    for line in done.stderr.splitlines():
        match = FINDING.match(line)
        if match and match[1] in files + our_files("include", "arch/*.h",
                                                   "lib/*.h"):
            findings.setdefault(match[1], []).append(line)
    if done.returncode and not findings:
        findings["(make)"] = done.stderr.strip().splitlines()[-5:]
    if not files:
        findings["(none)"] = ["no object of ours is in the kernel's build"]
    report("sparse", files, findings)
    return bool(findings)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--linux", required=True, help="the grafted tree")
    parser.add_argument("--build", required=True, help="its build directory")
    args = parser.parse_args()
    scripts = os.path.join(args.linux, "scripts")
    failed = per_file(
        "checkpatch", [os.path.join(scripts, "checkpatch.pl"), "--no-tree",
                       "--strict", "--terse", "--no-summary", "-f"],
        # The shim stands for kernel headers, which may do what others may not.
        our_files("*.c", "*.h", ":!tests/*/shim/*", ":!tests/host/test.h"))
    failed |= per_file(
        "kernel-doc", [os.path.join(scripts, "kernel-doc"), "-none",
                       "-Werror"],
        our_files("include/linux/*.h", "lib/*.[ch]", "mm/*.[ch]",
                  "arch/*.[ch]"))
    failed |= sparse(args.linux, args.build)
    raise SystemExit(failed)


if __name__ == "__main__":
    main()
