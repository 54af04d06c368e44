# SPDX-License-Identifier: GPL-2.0
"""Build the grafted kernel, and the one it was made from, side by side."""

import os
import shutil
import subprocess

from graft import GraftError, Tree


def output_of(*command):
    return subprocess.run(command, check=True, text=True,
                          capture_output=True).stdout


class Kernels:
    """Both source trees, and a directory for what is built from them."""

    def __init__(self, build):
        self.build = os.path.abspath(build)
        self.grafted = os.path.join(self.build, "linux")
        self.stock = os.path.join(self.build, "linux-stock")

    def check_out_stock(self):
        """The first commit of the grafted tree, in a directory of its own."""
        grafted, stock = Tree(self.grafted), Tree(self.stock)
        base = grafted.git("rev-list", "--max-parents=0", "HEAD").strip()
        try:
            if stock.head() == base:
                return
        except (OSError, GraftError):
            pass
        shutil.rmtree(self.stock, ignore_errors=True)
        grafted.git("worktree", "prune")
        grafted.git("worktree", "add", "-f", "--detach", self.stock, base)

    def make(self, source, output, arch, cross, goals, log):
        """Run the kernel's make; returns whether it came to an end."""
        compiler = f"{cross}gcc"
        if shutil.which("ccache"):
            compiler = f"ccache {compiler}"
        os.makedirs(output, exist_ok=True)
        with open(log, "a", encoding="utf-8") as file:
            return not subprocess.run(
                ["make", "-s", "-C", source, f"O={output}", f"ARCH={arch}",
                 f"CROSS_COMPILE={cross}", f"CC={compiler}",
                 f"-j{os.cpu_count()}", *goals], stdout=file,
                stderr=subprocess.STDOUT, check=False).returncode
