#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Boot a kernel under UEFI firmware in QEMU and judge what it says.

A variant is CPUS-PAGING-PTI, for example 4-5level-pti or 2-4level-nopti, with
-nonx behind it for CPUs that cannot forbid execution.

The guest has two serial ports. The first is the kernel's console, which must
stay free of complaints. On the second one tests/qemu/init reports:

    ok - NAME, not ok - NAME, ok - NAME # SKIP WHY      a result
    # TEXT                                              a remark, shown as is
    @monitor COMMAND                                    run by QEMU's monitor
    @again                                              the machine will go off:
                                                        start it anew, once
    @end                                                all checks have run
"""

import argparse
import collections
import concurrent.futures
import functools
import os
import re
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import initramfs

FIRMWARE = ["/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_CODE.fd"]
DISK_SIZE = 1 << 30
VARIANT = re.compile(r"([0-9]+)-([45])level-(pti|nopti)(-nonx)?")
RESULT = re.compile(r"(not ok|ok) - (.*?)(?: # SKIP (.*))?$")

# One of these on the console fails the boot. "INFO:" is how lockdep, RCU
# stalls and hung tasks begin; an NMI handler that took long is the emulator's.
COMPLAINT = re.compile(
    r"WARNING:|BUG:|Oops|INFO: (?!NMI handler)|Kernel panic|possible circular"
    r"|suspicious RCU|general protection fault|list_(add|del) corruption"
    r"|refcount_t:|double fault|invalid opcode|UBSAN|KASAN|KFENCE"
    r"|Unhandled exception|rcu: .*stall")

# Where there is no NX, a stock kernel with CONFIG_DEBUG_VM says so, too.
NX_UNSUPPORTED = re.compile(
    r"WARNING: .* at (vmap_range_noflush|kernel_range_map|map_\w+)")

# Between these lines of a check's the kernel may complain.
OOPS_WANTED = re.compile(r"checks: (an|no) oops is wanted$")

Variant = collections.namedtuple("Variant", "name cpus level pti nx")


def parse_variant(text):
    match = VARIANT.fullmatch(text)
    if not match:
        raise argparse.ArgumentTypeError(
            f"{text}: want CPUS-PAGING-PTI[-nonx] such as 4-5level-pti")
    return Variant(text, int(match[1]), int(match[2]), match[3] == "pti",
                   not match[4])


def has_kvm(variant):
    """Hardware virtualisation that can run this variant."""
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as info:
        # Other architectures have no such line.
        found = re.search(r"^flags\s*:(.*)$", info.read(), re.M)
    flags = set(found[1].split() if found else ())
    return (os.access("/dev/kvm", os.R_OK | os.W_OK)
            and bool(flags & {"vmx", "svm"})
            and (variant.level == 4 or "la57" in flags))


def command_line(variant, extra):
    words = ["console=ttyS0", "panic=-1", "apic_extnmi=all",
             "watchdog_thresh=60", "rcupdate.rcu_cpu_stall_timeout=120",
             "rcupdate.rcu_expedited=1", "crashkernel=16M", "resume=/dev/vda",
             "pti=on" if variant.pti else "pti=off",
             f"checks.cpus={variant.cpus}", f"checks.level={variant.level}",
             f"checks.pti={'on' if variant.pti else 'off'}",
             f"checks.nx={'on' if variant.nx else 'off'}"]
    if variant.level == 4:
        words.append("no5lvl")
    return " ".join(words + extra)


def firmware_args(workdir):
    """OVMF and a copy of its variable store, which the guest writes to."""
    code = next(filter(os.path.exists, FIRMWARE), None)
    if not code:
        sys.exit("boot: no UEFI firmware, run: apt-get install ovmf")
    store = os.path.join(workdir, "vars.fd")
    shutil.copyfile(code.replace("_CODE", "_VARS"), store)
    return ["-drive", f"if=pflash,format=raw,unit=0,readonly=on,file={code}",
            "-drive", f"if=pflash,format=raw,unit=1,file={store}"]


def disk_args(workdir):
    """A disk for what the kernel leaves behind when it hibernates."""
    disk = os.path.join(workdir, "disk")
    with open(disk, "wb") as out:
        out.truncate(DISK_SIZE)
    return ["-drive", f"if=none,id=disk,format=raw,cache=unsafe,file={disk}",
            "-device", "virtio-blk-pci,drive=disk"]


def machine(args, variant, initrd, workdir):
    """QEMU's command line, but for the ports."""
    # With room for memory that is plugged in, also beyond 512 GiB.
    words = ["-m", f"{args.memory},slots=3,maxmem=520G",
             "-smp", str(variant.cpus),
             "-cpu", "max" if variant.nx else "max,nx=off"]
    if has_kvm(variant):
        words += ["-accel", "kvm"]
    # One thread: QEMU before 8.1 may translate an instruction while another
    # virtual CPU pokes it, and then keeps the stale one.
    words += ["-accel", "tcg,thread=single"]
    words += disk_args(workdir)
    if not args.direct:
        words += firmware_args(workdir)
    return words + ["-kernel", args.kernel, "-initrd", initrd,
                    "-append",
                    command_line(variant, ["asi=on", *args.append])]


class Guest:
    """A running machine: its two serial ports and its monitor."""

    running = []

    def __init__(self, words):
        mine, theirs = socket.socketpair()
        self.ports = {"monitor": mine.detach()}
        passed = {"monitor": theirs.detach()}
        # A serial port drops what its socket does not take at once. A pipe
        # lets the machine wait.
        for name in ("console", "report"):
            self.ports[name], passed[name] = os.pipe()
        cmd = ["qemu-system-x86_64", "-nodefaults", "-no-user-config",
               "-display", "none", "-no-reboot", "-machine", "q35", *words]
        for name, end in passed.items():
            cmd += ["-chardev", f"socket,id={name},fd={end}"
                    if name == "monitor" else
                    f"file,id={name},path=/proc/self/fd/{end}"]
        cmd += ["-serial", "chardev:console", "-serial", "chardev:report",
                "-mon", "chardev=monitor,mode=readline"]
        self.process = subprocess.Popen(
            cmd, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            pass_fds=passed.values())
        self.running.append(self.process)
        for end in passed.values():
            os.close(end)

    def lines(self, deadline):
        """Yield (port, line) until the machine is gone or time is up."""
        pending = dict.fromkeys(self.ports, b"")
        with selectors.DefaultSelector() as selector:
            for name, port in self.ports.items():
                selector.register(port, selectors.EVENT_READ, name)
            while selector.get_map() and time.monotonic() < deadline:
                for key, _ in selector.select(timeout=1):
                    try:
                        data = os.read(key.fd, 65536)
                    except ConnectionResetError:
                        data = b""
                    if not data:
                        selector.unregister(key.fd)
                    *whole, rest = (pending[key.data] + data).split(b"\n")
                    pending[key.data] = rest
                    for line in whole:
                        yield key.data, line.decode(errors="replace").rstrip()
        for name, rest in pending.items():
            if rest:
                yield name, rest.decode(errors="replace").rstrip()

    def monitor(self, command):
        os.write(self.ports["monitor"], command.encode() + b"\n")

    def stop(self):
        """End the machine if it still runs; return what QEMU had to say."""
        if self.process.poll() is None:
            self.process.kill()
        _, errors = self.process.communicate()
        for port in self.ports.values():
            os.close(port)
        return errors.strip()


class Verdict:
    """What a boot has shown so far."""

    def __init__(self, variant, allow_skip, excused):
        self.variant = variant
        self.allow_skip = allow_skip
        self.excused = re.compile(excused) if excused else None
        self.passed = self.failed = self.skipped = 0
        self.complaints = []
        self.oops_wanted = False
        self.boots = 1
        self.boots_wanted = 1
        self.ended = False

    def tell(self, text):
        """One write, because boots run side by side."""
        sys.stdout.write(text + "\n")
        sys.stdout.flush()

    def say(self, passed, name):
        self.tell(f"{'PASS' if passed else 'FAIL'} boot {self.variant.name}: "
                  + name)
        if passed:
            self.passed += 1
        else:
            self.failed += 1

    def result(self, passed, name, skip):
        if skip and self.allow_skip:
            self.tell(f"SKIP boot {self.variant.name}: {name} ({skip})")
            self.skipped += 1
        else:
            self.say(passed and not skip,
                     f"{name} (skipped: {skip})" if skip else name)

    def report(self, line, guest):
        if line.startswith("@monitor "):
            guest.monitor(line.split(" ", 1)[1])
        elif line == "@end":
            self.ended = True
        elif line == "@again" and self.boots_wanted < 2:
            self.boots_wanted += 1
        elif line.startswith("# "):
            self.tell(f"     {self.variant.name}: {line[2:]}")
        elif match := RESULT.match(line):
            self.result(match[1] == "ok", match[2], match[3])

    def boots_again(self):
        """Shall the machine be started anew, now that it is off?"""
        if self.ended or self.boots == self.boots_wanted:
            return False
        self.boots += 1
        return True

    def console(self, line):
        if match := OOPS_WANTED.search(line):
            self.oops_wanted = match[1] == "an"
        elif not self.variant.nx and NX_UNSUPPORTED.search(line):
            return
        elif COMPLAINT.search(line) and not self.oops_wanted:
            if self.excused and self.excused.search(line):
                self.excused = None
            else:
                self.complaints.append(line)

    def finish(self, timed_out, timeout, errors):
        self.say(not self.complaints, "no complaint on the kernel's console"
                 + "".join(f"\n     {c}" for c in self.complaints[:5]))
        why = (f": no end after {timeout} s" if timed_out
               else "" if self.ended else ": the machine stopped early")
        self.say(self.ended, "the checks ran to their end" + why
                 + (f"\n     {errors}" if errors and not self.ended else ""))


def run(words, verdict, out, start, timeout):
    """Run the machine until it stays off; return what QEMU had to say."""
    guest = Guest(words)
    try:
        for port, line in guest.lines(start + timeout):
            out.write(f"{time.monotonic() - start:7.2f} {port}: {line}\n")
            if port == "console":
                verdict.console(line)
            elif port == "report":
                verdict.report(line, guest)
    finally:
        errors = guest.stop()
    if time.monotonic() < start + timeout and verdict.boots_again():
        return run(words, verdict, out, start, timeout)
    return errors


def boot(args, variant, initrd):
    log = os.path.join(args.results, f"boot-{variant.name}.log")
    verdict = Verdict(variant, args.allow_skip, args.excuse)
    start = time.monotonic()
    verdict.tell(f"---- boot {variant.name}, log in {os.path.relpath(log)}")
    with tempfile.TemporaryDirectory() as workdir, \
            open(log, "w", encoding="utf-8", buffering=1) as out:
        words = machine(args, variant, initrd, workdir)
        errors = run(words, verdict, out, start, args.timeout)
        timed_out = time.monotonic() >= start + args.timeout
    verdict.finish(timed_out, args.timeout, errors)
    verdict.tell(f"---- boot {variant.name}: {verdict.passed} passed, "
                 f"{verdict.failed} failed, {verdict.skipped} skipped, "
                 f"{time.monotonic() - start:.0f} s")
    return verdict


def run_all(calls, at_once):
    """Call all that boot, so many at once; if one fails none goes on."""
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        boots = [pool.submit(call) for call in calls]
        try:
            return [done.result() for done in boots]
        except BaseException:
            # A boot ends when its machine does.
            pool.shutdown(wait=False, cancel_futures=True)
            for machine in Guest.running:
                machine.kill()
            raise


def boot_all(args, initrd):
    """Boot all variants, as many at once as there are CPUs."""
    return run_all([functools.partial(boot, args, variant, initrd)
                    for variant in args.variants], os.cpu_count())


def interrupt(*_):
    raise KeyboardInterrupt


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--kernel", required=True, help="bzImage")
    parser.add_argument("--module", help="for the check that loads one")
    parser.add_argument("--results", required=True, help="folder for the logs")
    parser.add_argument("--memory", default="1G")
    parser.add_argument("--timeout", type=int, default=1500, metavar="SECONDS")
    parser.add_argument("--checks", default="*", metavar="GLOB",
                        help="run only these of tests/qemu/checks")
    parser.add_argument("--direct", action="store_true",
                        help="without firmware")
    parser.add_argument("--allow-skip", action="store_true",
                        help="a skipped check is no failure")
    parser.add_argument("--excuse", metavar="REGEX",
                        help="one complaint of the kernel that is no failure")
    parser.add_argument("--append", action="append", default=[],
                        metavar="WORDS", help="for the kernel's command line")
    parser.add_argument("variants", nargs="+", type=parse_variant)
    args = parser.parse_args()

    if not os.path.exists(args.kernel):
        sys.exit(f"boot: no kernel at {args.kernel}, run: make kernel")
    if args.module and not os.path.exists(args.module):
        sys.exit(f"boot: no module at {args.module}, run: make module")
    os.makedirs(args.results, exist_ok=True)
    initrd = os.path.join(args.results, "initramfs.cpio")
    initramfs.build(initrd, args.checks, args.kernel, args.module)
    signal.signal(signal.SIGTERM, interrupt)
    try:
        verdicts = boot_all(args, initrd)
    except KeyboardInterrupt:
        sys.exit("boot: interrupted")
    passed = sum(v.passed for v in verdicts)
    failed = sum(v.failed for v in verdicts)
    with open(os.path.join(args.results, "boot.count"), "w",
              encoding="ascii") as out:
        out.write(f"{passed} {failed}\n")
    print(f"boot: {passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
