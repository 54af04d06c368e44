#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
Compile the grafted kernel for every architecture with a Debian compiler.

A row passes if it compiles without a warning or an error that the kernel
before the graft does not give.
"""

import os
import re
import shutil
import subprocess
import sys
from typing import NamedTuple

from kbuild import Kernels

PACKAGES = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir,
                        "tests", "tools", "packages.sh")


class Row(NamedTuple):
    """
    What to compile; the compiler is gcc with the prefix triplet-, and options
    are switched on, or off with a "!" in front.
    """

    name: str
    arch: str
    triplet: str
    config: str
    goals: tuple = ("all",)
    options: tuple = ()


def part(name, arch, triplet, config, *more):
    """What the graft touches: assembly's offsets, mm/ and the CPU's own."""
    folder = {"sparc64": "sparc"}.get(arch, arch)
    return Row(name, arch, triplet, config,
               ("prepare", "mm/", "kernel/fork.o", f"arch/{folder}/mm/",
                f"arch/{folder}/kernel/", *more))


ROWS = (
    Row("x86_64", "x86_64", "", "defconfig"),
    Row("i386", "i386", "", "tinyconfig"),
    Row("arm64", "arm64", "aarch64-linux-gnu", "tinyconfig"),
    Row("riscv64", "riscv", "riscv64-linux-gnu", "tinyconfig",
        options=("64BIT", "ARCH_RV64I")),
    Row("um", "um", "", "tinyconfig", options=("64BIT",)),
    # Code of x86 that is converted and that defconfig leaves out.
    Row("x86_64-guest", "x86_64", "", "defconfig",
        ("arch/x86/", "mm/", "drivers/firmware/efi/", "drivers/iommu/"),
        ("XEN", "XEN_PV", "XEN_PVHVM", "XEN_DOM0", "HYPERV", "INTEL_TXT",
         "KVM", "IOMMU_SVA", "INTEL_IOMMU_SVM", "AMD_IOMMU", "KASAN",
         "DEBUG_VM", "DEBUG_VM_PGTABLE", "PTDUMP_DEBUGFS", "PROVE_LOCKING",
         "TRANSPARENT_HUGEPAGE", "HUGETLB_PAGE_OPTIMIZE_VMEMMAP")),
    Row("x86_64-up", "x86_64", "", "defconfig",
        ("arch/x86/", "mm/", "kernel/", "drivers/firmware/efi/"), ("!SMP",)),
    # As a whole, for what the linker says of sections.
    Row("i386-efi", "i386", "", "tinyconfig",
        options=("PCI", "ACPI", "EFI", "EFI_STUB", "KEXEC",
                 "DEBUG_SECTION_MISMATCH")),
    Row("i386-pae", "i386", "", "defconfig", ("arch/x86/", "mm/"),
        ("HIGHMEM64G",)),
    part("arm64-kvm", "arm64", "aarch64-linux-gnu", "defconfig",
         "arch/arm64/kvm/", "drivers/firmware/efi/", "drivers/iommu/"),
    part("riscv64-defconfig", "riscv", "riscv64-linux-gnu", "defconfig",
         "drivers/firmware/efi/"),
    part("riscv64-nommu", "riscv", "riscv64-linux-gnu",
         "nommu_virt_defconfig"),
    part("alpha", "alpha", "alpha-linux-gnu", "defconfig"),
    part("arc", "arc", "arc-linux-gnu", "defconfig"),
    part("arm", "arm", "arm-linux-gnueabihf", "multi_v7_defconfig",
         "arch/arm/lib/"),
    part("m68k", "m68k", "m68k-linux-gnu", "defconfig"),
    part("mips64", "mips", "mips64-linux-gnuabi64", "malta_kvm_defconfig",
         "arch/mips/kvm/"),
    part("parisc", "parisc", "hppa-linux-gnu", "generic-32bit_defconfig"),
    part("parisc64", "parisc", "hppa64-linux-gnu",
         "generic-64bit_defconfig"),
    part("powerpc", "powerpc", "powerpc-linux-gnu", "pmac32_defconfig"),
    part("powerpc64le", "powerpc", "powerpc64le-linux-gnu",
         "ppc64le_defconfig", "arch/powerpc/kvm/"),
    part("s390", "s390", "s390x-linux-gnu", "defconfig", "arch/s390/boot/"),
    part("sh", "sh", "sh4-linux-gnu", "defconfig"),
    part("sparc64", "sparc64", "sparc64-linux-gnu", "defconfig"),
    part("sparc32", "sparc", "sparc64-linux-gnu", "sparc32_defconfig"),
)


def prefix(row):
    return f"{row.triplet}-" if row.triplet else ""


def install_compilers(rows):
    missing = sorted({f"gcc-{row.triplet}" for row in rows
                      if not shutil.which(f"{prefix(row)}gcc")})
    if not missing:
        return
    if subprocess.run([PACKAGES, *missing], check=False).returncode:
        sys.exit(1)


def compile_row(kernels, row, source, kind):
    """Returns whether the row compiles, and what the compiler complains of."""
    top = os.path.join(kernels.build, "matrix", f"{row.name}-{kind}")
    log = f"{top}.log"
    os.makedirs(os.path.dirname(top), exist_ok=True)
    if os.path.exists(log):
        os.remove(log)

    def make(*goals):
        return kernels.make(source, top, row.arch, prefix(row), goals, log)

    done = make(row.config)
    if done and row.options:
        subprocess.run([os.path.join(source, "scripts", "config"), "--file",
                        os.path.join(top, ".config"),
                        *(word for option in row.options for word in
                          ("-d" if option[0] == "!" else "-e",
                           option.lstrip("!")))],
                       check=True)
        done = make("olddefconfig")
    done = done and make("-k", *row.goals)
    with open(log, encoding="utf-8", errors="replace") as file:
        text = file.read()
    for above in (source, os.path.relpath(source, top)):
        text = text.replace(above + "/", "")
    return done, {re.sub(r":\d+", "", line) for line in text.splitlines()
                  if re.search(r"\b(warning|WARNING|error|ERROR):", line)}


def judge(kernels, row):
    """The stock kernel is only compiled where there is something to excuse."""
    done, complaints = compile_row(kernels, row, kernels.grafted, "grafted")
    if done and not complaints:
        return True, "compiles, no warning"
    kernels.check_out_stock()
    stock_done, stock = compile_row(kernels, row, kernels.stock, "stock")
    new = sorted(complaints - stock)
    if new:
        return False, f"{len(new)} new complaints, the first: {new[0]}"
    if not done and (stock_done or not complaints):
        log = os.path.join(kernels.build, "matrix", f"{row.name}-grafted.log")
        return False, f"does not compile: {os.path.relpath(log)}"
    return True, f"compiles, all {len(complaints)} complaints are stock's own"


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: matrix.py BUILD [ROW...] | --compilers")
    if sys.argv[1] == "--compilers":
        install_compilers(ROWS)
        return
    wanted = sys.argv[2:] or [row.name for row in ROWS]
    unknown = set(wanted) - {row.name for row in ROWS}
    if unknown:
        sys.exit(f"matrix: no row {' '.join(sorted(unknown))}; there are: "
                 f"{' '.join(row.name for row in ROWS)}")
    rows = [row for row in ROWS if row.name in wanted]
    kernels = Kernels(sys.argv[1])
    install_compilers(rows)
    failed = []
    for row in rows:
        passed, why = judge(kernels, row)
        print(f"{'PASS' if passed else 'FAIL'} matrix {row.name}: {why}",
              flush=True)
        if not passed:
            failed.append(row.name)
    if failed:
        sys.exit(f"matrix: {len(failed)} of {len(rows)} rows failed: "
                 f"{' '.join(failed)}")
    print(f"matrix: all {len(rows)} rows pass")


if __name__ == "__main__":
    main()
