#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The graft of a three-file kernel: what it does, and what stops it."""

import contextlib
import io
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
import unittest.mock

import graft

KERNEL = {
    "Makefile": "VERSION = 1\nPATCHLEVEL = 2\nSUBLEVEL = 3\n",
    "Kbuild": "obj-y += mm/\n",
    "mm/mm.c": "int f(struct mm *mm)\n{\n\treturn mm->pgd;\n}\n",
    "mm/other.c": "int g(struct walk *walk)\n{\n\treturn walk->pgd;\n}\n",
}
SERIES = {
    "01-new/message": "mm: add a file\n",
    "01-new/files": "new -> mm\n",
    "01-new/edits": "file: Kbuild\nafter: ^obj-y\n|obj-y += new/\n",
    "02-move/message": "mm: move pgd\n",
    "02-move/pgd.cocci": "// Tokens: pgd\n@@\nstruct mm *mm;\n@@\nmm->\n"
                         "-pgd\n+pgt.pgd\n",
    "02-move/check": "forbid: ->pgd\nnot: walk->pgd\n",
}


def put(folder, files):
    for name, text in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        graft.write(path, text)


def ends(process):
    """Is the process gone, or gone but for its parent to notice, soon?"""
    for _ in range(500):
        try:
            if ") Z " in graft.read(f"/proc/{process}/stat"):
                return True
        except OSError:
            return True
        time.sleep(0.01)
    return False


class GraftTest(unittest.TestCase):
    def setUp(self):
        self.top = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.top)
        self.kernel = os.path.join(self.top, "kernel")
        self.series = os.path.join(self.top, "series")
        self.tree = graft.Tree(os.path.join(self.top, "tree"))
        graft.PROJECT, graft.SERIES, graft.SPACE = self.top, self.series, 0
        put(self.kernel, KERNEL)
        put(self.series, SERIES)
        put(self.top, {"new/new.c": "int new;\n"})

    def graft(self):
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            graft.graft(graft.Source(self.kernel), self.tree)
        return said.getvalue()

    def fails(self, pattern):
        with self.assertRaisesRegex(graft.GraftError, pattern):
            self.graft()
        self.assertEqual(self.tree.git("status", "--porcelain", "-uno"), "")

    def text(self, name):
        return graft.read(self.tree.file(name))

    def time(self, name):
        return os.stat(self.tree.file(name)).st_mtime_ns

    def test_each_step_is_a_commit(self):
        self.graft()
        self.assertEqual(
            self.tree.git("log", "--reverse", "--format=%s").splitlines(),
            ["Linux 1.2.3", "mm: add a file", "mm: move pgd"])
        self.assertIn("return mm->pgt.pgd;", self.text("mm/mm.c"))
        self.assertEqual(self.text("mm/other.c"), KERNEL["mm/other.c"])
        self.assertEqual(self.text("mm/new.c"), "int new;\n")
        self.assertEqual(self.text("Kbuild"), "obj-y += mm/\nobj-y += new/\n")

    def test_same_input_gives_the_same_commits(self):
        self.graft()
        head = self.tree.head()
        self.assertIn("2 of 2", self.graft())
        self.assertEqual(self.tree.head(), head)
        shutil.rmtree(self.tree.path)
        self.graft()
        self.assertEqual(self.tree.head(), head)

    def test_configuration_of_the_user_does_not_matter(self):
        config = os.path.join(self.top, "gitconfig")
        graft.write(config, "[commit]\ngpgSign = true\n[gpg]\nprogram = no\n"
                    "[status]\nshowUntrackedFiles = all\n"
                    "[grep]\nfallbackToNoIndex = false\nlineNumber = true\n")
        user = {"GIT_CONFIG_GLOBAL": config, "GIT_DIR": self.top,
                "GIT_INDEX_FILE": config, "GIT_AUTHOR_NAME": "user"}
        with unittest.mock.patch.dict(os.environ, user):
            self.graft()
            self.graft()
        self.assertEqual(self.tree.git("log", "-1", "--format=%an"),
                         "pg_table\n")

    def test_redoes_from_the_first_changed_step(self):
        self.graft()
        put(self.top, {"new/new.c": "int newer;\n"})
        times = self.time("mm/mm.c"), self.time("mm/other.c")
        self.assertNotIn("kept", self.graft())
        self.assertEqual(self.text("mm/new.c"), "int newer;\n")
        self.assertIn("mm->pgt.pgd", self.text("mm/mm.c"))
        self.assertEqual((self.time("mm/mm.c"), self.time("mm/other.c")),
                         times)

    def test_keeps_the_steps_before_the_changed_one(self):
        self.graft()
        put(self.series, {"02-move/message": "mm: move the root\n"})
        self.assertIn("1 of 2", self.graft())

    def test_missing_anchor_stops_at_the_step_before(self):
        self.graft()
        put(self.series, {"02-move/edits": "file: Kbuild\nafter: ^gone\n|x\n"})
        self.fails(r"Kbuild: anchor is not there: \^gone .*edits:2")
        self.assertIn("mm: add a file", self.tree.git("log", "-1"))

    def test_anchor_must_be_unique_in_a_file(self):
        put(self.series, {"02-move/edits": "file: Kbuild\nafter: ^obj\n|x\n"})
        self.fails("Kbuild: anchor matches 2 times")

    def test_anchor_may_match_in_many_files(self):
        put(self.series, {"02-move/edits": "files: mm/*.c\n"
                          "replace: int (\\w)\\(\n|long \\1("})
        self.graft()
        self.assertIn("long f(", self.text("mm/mm.c"))
        self.assertIn("long g(", self.text("mm/other.c"))

    def test_unconverted_site_is_reported_with_its_line(self):
        put(self.kernel, {"mm/macro.h": "\n#define ROOT(mm) ((mm)->pgd)\n"})
        self.fails(r"1 sites .*\n  mm/macro\.h:2: #define ROOT")

    def test_semantic_patch_without_work_is_an_error(self):
        put(self.kernel, {"mm/mm.c": "int f;\n"})
        self.fails("pgd.cocci: changed nothing")

    def test_work_of_others_is_not_dropped(self):
        self.graft()
        put(self.tree.path, {"mm/mm.c": "int mine;\n"})
        with self.assertRaisesRegex(graft.GraftError, "mm.c: was changed"):
            self.graft()
        self.assertEqual(self.text("mm/mm.c"), "int mine;\n")
        subprocess.run(["git", "-c", "user.name=me", "-c", "user.email=me@me",
                        "commit", "-qam", "mine"], cwd=self.tree.path,
                       check=True)
        self.fails("HEAD is not a commit of the graft")

    def test_another_kernel_replaces_the_tree(self):
        self.graft()
        self.kernel = os.path.join(self.top, "newer")
        put(self.kernel, KERNEL | {"Makefile": "VERSION = 2\n"})
        self.graft()
        self.assertIn("Linux 2", self.tree.git("log", "--format=%s"))

    def test_changed_file_makes_it_another_kernel(self):
        self.graft()
        for change in {"mm/other.c": "int h;\n"}, {"mm/more.c": "int i;\n"}:
            put(self.kernel, change)
            self.assertIn("unpacking", self.graft())
            for name, text in change.items():
                self.assertEqual(self.text(name), text)

    def test_kernel_is_not_the_tree(self):
        self.graft()
        for kernel in self.tree.path, self.tree.file("mm"), self.top:
            put(kernel, {"Makefile": "VERSION = 3\n"})
            self.kernel = kernel
            with self.assertRaisesRegex(graft.GraftError, "must lie apart"):
                self.graft()

    def test_another_kernel_does_not_drop_work_of_others(self):
        self.graft()
        put(self.tree.path, {"mm/mm.c": "int mine;\n"})
        put(self.kernel, {"Makefile": "VERSION = 2\n"})
        with self.assertRaisesRegex(graft.GraftError, "mm.c: was changed"):
            self.graft()
        self.assertEqual(self.text("mm/mm.c"), "int mine;\n")

    def test_directory_of_others_is_not_touched(self):
        for inside in ({"mine": "mine\n"}, {"mine": "", ".git/HEAD": ""}):
            put(self.tree.path, inside)
            if ".git/HEAD" in inside:
                subprocess.run(["git", "init", "-q"], cwd=self.tree.path,
                               check=True)
            with self.assertRaisesRegex(graft.GraftError, "no tree of the gr"):
                self.graft()
            self.assertTrue(os.path.exists(self.tree.file("mine")))

    def test_kernel_directory_keeps_its_own_repository(self):
        put(self.kernel, {".git/config": "[bad\n"})
        self.graft()
        self.assertIn("Linux 1.2.3", self.tree.git("log", "--format=%s"))
        self.assertEqual(os.listdir(self.top).count("tree"), 1)
        self.assertFalse([n for n in os.listdir(self.top) if ".graft" in n])

    def stop_in_spatch(self, number):
        """Graft in a process that gets a signal while spatch writes."""
        begun = os.path.join(self.top, "begun")
        slow = os.path.join(self.top, "slow")
        put(slow, {"spatch": "#!/bin/sh\necho bad >mm/mm.c\n: >.git/index.lock"
                   f"\nsleep 60 &\necho $! >{begun}.new"
                   f"\nmv {begun}.new {begun}\nwait\n"})
        os.chmod(os.path.join(slow, "spatch"), 0o755)
        child = os.fork()
        if not child:
            os.environ["PATH"] = f"{slow}:{os.environ['PATH']}"
            os.chdir(self.tree.path)
            graft.sys.argv = ["graft.py", "--kernel", self.kernel,
                              self.tree.path]
            with open(os.devnull, "w", encoding="ascii") as nowhere, \
                    contextlib.redirect_stdout(nowhere), \
                    contextlib.redirect_stderr(nowhere):
                try:
                    graft.main()
                finally:
                    os._exit(3)
        while not os.path.exists(begun):
            self.assertEqual(os.waitpid(child, os.WNOHANG), (0, 0))
            time.sleep(0.01)
        os.kill(child, number)
        os.waitpid(child, 0)
        return int(graft.read(begun))

    def test_interrupt_leaves_a_step_and_no_process(self):
        for number in signal.SIGTERM, signal.SIGINT:
            put(self.series, {"02-move/message": f"mm: {number}\n"})
            self.graft()
            put(self.series, {"02-move/pgd.cocci": SERIES["02-move/pgd.cocci"]
                              + f"// {number}\n"})
            sleeper = self.stop_in_spatch(number)
            os.remove(os.path.join(self.top, "begun"))
            self.assertTrue(ends(sleeper))
            self.assertFalse(self.tree.is_busy())
            self.assertEqual(self.tree.git("status", "--porcelain", "-uno"),
                             "")
            self.assertIn("1 of 2", self.graft())
            self.assertIn("pgt.pgd", self.text("mm/mm.c"))

    def test_killed_graft_is_done_again(self):
        self.graft()
        put(self.series, {"02-move/pgd.cocci": SERIES["02-move/pgd.cocci"]
                          + "// again\n"})
        os.kill(self.stop_in_spatch(signal.SIGKILL), signal.SIGKILL)
        self.assertEqual(self.text("mm/mm.c"), "bad\n")
        self.assertIn("1 of 2", self.graft())
        self.assertIn("pgt.pgd", self.text("mm/mm.c"))
        self.assertFalse(self.tree.is_busy())

    def test_what_is_no_kernel_is_refused(self):
        for bad in ("nowhere", "series", "kernel/Makefile"):
            self.kernel = os.path.join(self.top, bad)
            with self.assertRaises(graft.GraftError) as caught:
                self.graft()
            self.assertIn(self.kernel, str(caught.exception))
            self.assertNotIn("\n", str(caught.exception))

    def test_no_disk_space_is_seen_first(self):
        graft.SPACE = 1 << 62
        with self.assertRaisesRegex(graft.GraftError, "no disk space"):
            self.graft()
        self.assertFalse(os.path.exists(self.tree.path))


class Lines(unittest.TextTestResult):
    """One line for each test, as tests/tools/test.py counts them."""

    def addSuccess(self, test):
        super().addSuccess(test)
        print("PASS graft", test.id().split(".")[-1], flush=True)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        print("FAIL graft", test.id().split(".")[-1], flush=True)

    addError = addFailure


if __name__ == "__main__":
    unittest.main(testRunner=unittest.TextTestRunner(resultclass=Lines,
                                                     verbosity=0))
