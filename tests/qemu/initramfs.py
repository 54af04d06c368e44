#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Write the guest's root: busybox, init, the checks and the kernel itself, as a
newc archive.

Written here rather than by cpio, so that owners and device nodes need no root.
"""

import glob
import os
import pathlib
import shutil
import stat
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDERS = {"bin", "dev", "proc", "sys", "tmp"}


def entry(number, name, mode, data=b"", device=(0, 0)):
    """One archive member: header, name and data, each padded to 4 bytes."""
    fields = [number, mode, 0, 0, 1, 0, len(data), 0, 0, *device,
              len(name) + 1, 0]
    head = b"070701" + b"".join(b"%08X" % f for f in fields)
    head += name.encode() + b"\0"
    return pad(head) + pad(data)


def pad(data):
    return data + b"\0" * (-len(data) % 4)


def compiled(target, name):
    """Compile NAME.c; returns where the program is, here and in the guest."""
    program = f"{target}.{name}"
    # The guest takes interrupts on the stack that it is on.
    subprocess.run(["gcc", "-static", "-Os", "-mno-red-zone", "-Wall", "-Werror",
                    "-o", program, os.path.join(HERE, f"{name}.c")], check=True)
    return program, f"bin/{name}"


def members(files):
    """Yield (name, mode, data, device) of everything in the archive."""
    folders = {str(parent) for _, name in files
               for parent in pathlib.PurePath(name).parents} - {"."}
    for folder in sorted(FOLDERS | folders):
        yield folder, stat.S_IFDIR | 0o755, b"", (0, 0)
    yield "dev/console", stat.S_IFCHR | 0o600, b"", (5, 1)
    for path, name in files:
        with open(path, "rb") as source:
            yield name, stat.S_IFREG | 0o755, source.read(), (0, 0)
    yield "bin/sh", stat.S_IFLNK | 0o777, b"busybox", (0, 0)


def archive(target, files):
    """Write busybox, the checks' library and the files, each (path, name)."""
    busybox = shutil.which("busybox")
    if not busybox:
        sys.exit("initramfs: no busybox, run: apt-get install busybox-static")
    files = [(busybox, "bin/busybox"), (os.path.join(HERE, "lib.sh"), "lib.sh"),
             *files]
    with open(target, "wb") as out:
        for number, (name, *rest) in enumerate(members(files), 1):
            out.write(entry(number, name, *rest))
        out.write(entry(0, "TRAILER!!!", 0))


def build(target, pattern, kernel, module=None):
    found = sorted(glob.glob(os.path.join(HERE, "checks", pattern)))
    if not found:
        sys.exit(f"initramfs: no check in tests/qemu/checks matches {pattern}")
    archive(target, [(os.path.join(HERE, "init"), "init"),
                     *((path, "checks/" + os.path.basename(path))
                       for path in found),
                     *(compiled(target, name)
                       for name in ("kexec", "secret", "guest", "inflate")),
                     (kernel, "boot/bzImage"),
                     *([(module, "confined.ko")] if module else [])])
