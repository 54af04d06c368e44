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
import tempfile

# Kernel headers have findings of their own; only lines about our files count.
FINDING = re.compile(r"^(?:\.\./|/)*(?:\S*?/)??((?:lib|arch|include|mm)/\S+?)"
                     r":\d+(?::\d+)?: (?:warning|error)")


FOLDERS = ("arch", "include", "lib", "mm", "tests")


def our_files(ends, *folders):
    """Our files below the folders whose names end so."""
    return sorted(os.path.join(top, name) for folder in folders
                  for top, _, names in os.walk(folder)
                  for name in names if name.endswith(ends))


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
        # In a directory of its own, because checkpatch leaves a file there.
        with tempfile.TemporaryDirectory() as room:
            done = subprocess.run([*command, os.path.abspath(path)], cwd=room,
                                  capture_output=True, text=True,
                                  errors="replace", check=False)
        if done.returncode:
            text = (done.stdout + done.stderr).strip().splitlines()
            findings[path] = text or [f"exit status {done.returncode}"]
    report(name, files, findings)
    return bool(findings)


def sparse(linux, build):
    """Check every object that the kernel's build makes of our sources."""
    files = [path for path in our_files(".c", "lib", "mm", "arch/x86")
             if os.path.exists(os.path.join(build, path[:-1] + "o"))]
    # Sparse runs when make wants to compile, hence C=2: whether it is due or not.
    command = ["make", "-C", linux, f"O={build}", "ARCH=x86_64",
               "CC=ccache gcc", "C=2", "-k"]
    done = subprocess.run(command + [path[:-1] + "o" for path in files],
                          capture_output=True, text=True, errors="replace",
                          check=False)
    headers = our_files(".h", "include", "arch", "lib")
    findings = {}
    for line in done.stderr.splitlines():
        match = FINDING.match(line)
        if match and match[1] in files + headers:
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
    scripts = os.path.abspath(os.path.join(args.linux, "scripts"))
    failed = per_file(
        "checkpatch", [os.path.join(scripts, "checkpatch.pl"), "--no-tree",
                       "--strict", "--terse", "--no-summary", "-f"],
        # The shim stands for kernel headers, which may do what others may not.
        [path for path in our_files((".c", ".h"), *FOLDERS)
         if "/shim/" not in path and path != "tests/host/test.h"])
    failed |= per_file(
        "kernel-doc", [os.path.join(scripts, "kernel-doc"), "-none",
                       "-Werror"],
        our_files((".c", ".h"), "include/linux", "lib", "mm", "arch"))
    failed |= sparse(args.linux, args.build)
    raise SystemExit(failed)


if __name__ == "__main__":
    main()
