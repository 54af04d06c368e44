#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What scripts cannot test of pgt. Usage: pgt_test.py PGT"""

import glob
import json
import os
import re
import select
import shutil
import subprocess
import sys
import tempfile
import termios
import time
import traceback

PGT = os.path.realpath(sys.argv[1])
SCRIPTS = os.path.join(os.path.dirname(os.path.realpath(__file__)), "scripts")


def run(script, *options, status=0):
    """What pgt prints when it reads a script."""
    done = subprocess.run([PGT, *options], input=script, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          cwd=SCRIPTS, check=False)
    assert done.returncode == status, f"status {done.returncode}, {done.stderr}"
    return done.stdout


def objects(text):
    """The object of each line."""
    return [json.loads(line) for line in text.splitlines()]


class Terminal:
    """A pgt that sees a terminal, and what it prints there."""

    def __init__(self, state):
        self.master, slave = os.openpty()
        self.pgt = subprocess.Popen(
            [PGT], stdin=slave, stdout=slave, stderr=slave,
            preexec_fn=lambda: os.login_tty(0),  # so that Ctrl-C is a signal
            env={"XDG_STATE_HOME": state, "TERM": "dumb", "HOME": state})
        os.close(slave)
        assert "help lists the commands" in self.wait()

    def wait(self):
        """What is printed until the next prompt, or until it ends."""
        text = ""
        while not text.endswith("\npgt> "):
            ready, _, _ = select.select([self.master], [], [], 30)
            assert ready, f"no prompt after {text!r}"
            try:
                text += os.read(self.master, 4096).decode()
            except OSError:
                break
            text = text.replace("\r", "")
        return text

    def press(self, keys):
        """Press keys as soon as each of them is read by itself."""
        until = time.monotonic() + 30
        while termios.tcgetattr(self.master)[3] & termios.ICANON:
            assert time.monotonic() < until, "the prompt does not edit lines"
            time.sleep(0.001)
        os.write(self.master, keys.encode())

    def type(self, line):
        """Type a line; what is printed after it."""
        self.press(line + "\n")
        return self.wait().split("\n", 1)[1]

    def end(self):
        """Ctrl-D at the prompt ends it well."""
        self.press("\x04")
        text = self.wait()
        os.close(self.master)
        assert self.pgt.wait(30) == 0, text


TREE = """\
create k x86_64
map k 0xffff888000000000 4G 1G rwg
map k 0xffffffff80000000 16M 8K rx:uc
reserve k 0x400000 2M PTE
create c x86_64
clone c k 0xffff888000000000 512G
seal k
"""


def test_json_of_a_tree():
    root, *nodes = objects(run(TREE + "dump k\n", "--json"))
    assert root == {"command": "dump", "table": "k", "kind": "root",
                    "format": "x86_64", "levels": 4, "sealed": True}
    assert [(node["kind"], node["level"]) for node in nodes] == [
        ("tables", "P4D"), ("tables", "PUD"), ("tables", "PMD"),
        ("tables", "P4D"), ("leaves", "PUD"),
        ("tables", "P4D"), ("tables", "PUD"), ("tables", "PMD"),
        ("leaves", "PTE")]
    assert nodes[2] == {
        "command": "dump", "table": "k", "kind": "tables", "level": "PMD",
        "first": "0x400000", "last": "0x5fffff", "size": 2 << 20, "count": 1,
        "adopted": False, "borrowed": False, "reserved": True, "borrows": 0}
    assert nodes[3]["borrows"] == 1
    assert nodes[-1] == {
        "command": "dump", "table": "k", "kind": "leaves", "level": "PTE",
        "first": "0xffffffff80000000", "last": "0xffffffff80001fff",
        "size": 8192, "prot": "r-x---:uc", "pa": "0x1000000"}
    assert objects(run(TREE + "dump c\n", "--json"))[1]["borrowed"]


def test_json_of_each_command():
    lookup, stats, verify, low, high = objects(run(
        TREE + "lookup k 0xffffffff80001234\nstats k\nverify k\nreach k\n",
        "--json"))
    assert lookup == {
        "command": "lookup", "table": "k", "va": "0xffffffff80001234",
        "pa": "0x1001234", "prot": "r-x---:uc", "level": "PTE",
        "first": "0xffffffff80001000", "last": "0xffffffff80001fff",
        "size": 4096}
    assert stats == {
        "command": "stats", "table": "k", "tables": 8, "borrowed": 0,
        "adopted": 0, "reservations": 1, "table_bytes": 28672,
        "mapped": (1 << 30) + 8192, "wx": 0,
        "leaves": {"PTE": 2, "PMD": 0, "PUD": 1, "P4D": 0}, "runs": 0,
        "holes": 0}
    assert verify == {"command": "verify", "table": "k", "good": True}
    assert low == {"command": "reach", "table": "k", "first": "0x1000000",
                   "last": "0x1001fff", "size": 8192}
    assert (high["first"], high["size"]) == ("0x100000000", 1 << 30)


def test_json_of_an_odd_name():
    name = '"\\{}\x01é'
    obj, = objects(run(f"create {name} fake\nverify {name}\n", "--json"))
    assert obj["table"].encode("latin-1").decode() == name


def test_json_is_all_that_scripts_print():
    scripts = glob.glob(os.path.join(SCRIPTS, "*.pgt"))
    lines = 0
    for path in scripts:
        done = subprocess.run([PGT, "--json", path], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True,
                              cwd=SCRIPTS, check=False)
        for obj in objects(done.stdout):
            assert "command" in obj, obj
            lines += 1
    assert lines > 100, lines


def test_formats_are_those_of_create():
    formats = objects(run("formats\n", "--json"))
    assert formats[0] == {
        "command": "formats", "format": "x86_64", "levels": 4,
        "spans": {"PTE": 1 << 12, "PMD": 1 << 21, "PUD": 1 << 30,
                  "P4D": 1 << 39}}
    text = run("formats\n").splitlines()
    assert len(text) == len(formats)
    assert text[0] == "x86_64: 4 levels, PTE 4K, PMD 2M, PUD 1G, P4D 512G"
    for obj, line in zip(formats, text):
        name = obj["format"]
        assert line.startswith(f"{name}: {obj['levels']} levels, ")
        assert len(obj["spans"]) == obj["levels"]
        run(f"create t {name}\n")


GOOD = "0x0000000000001000-0x0000000000002000           4K     RW    NX pte\n"


def test_load_tells_where_a_line_is_wrong():
    bad = {
        "rubbish": "'rubbish' is not a range of addresses",
        "0x1000-0x2000x 4K RW NX pte":
            "'0x1000-0x2000x' is not a range of addresses",
        "0x1000-2000 4K RW NX pte": "'0x1000-2000' is not a range of addresses",
        "0x1000-0x20000000000000000 4K RW pte":
            "'0x1000-0x20000000000000000' is not a range of addresses",
        "0x1000-0x2000": "the range has no size",
        "0x1000-0x2000 pte": "'pte' is not a number",
        "0x1000-0x2000 8K RW NX pte": "'8K' is not the size of the range",
        "0x1000-0x2000 4K RW NX": "there must be one level, not 0",
        "0x1000-0x2000 4K RW NX pte pmd": "there must be one level, not 2",
        "0x1000-0x2000 4K RW XN pte":
            "'XN' says nothing of a mapping that is known here",
        "0x1000-0x2000 4K RW PWT PAT NX pte":
            "write-protected memory is not a type that tables have here",
        "0x1000-0x2000 4K RW x pte":
            "load: the table does not allow it (EPERM)",
        "0x1000-0x1800 2K RW NX pte": "load: a bad value, or a range that is "
                                      "not possible here (EINVAL)",
        "0x1000-0x2000 4K RW NX pte":
            "load: something is there already (EEXIST)",
    }
    for line, message in bad.items():
        with tempfile.NamedTemporaryFile("w") as dump:
            dump.write(f"---[ Title ]---\n\n{GOOD}{line}\n")
            dump.flush()
            done = subprocess.run(
                [PGT], input=f"create t x86_64\nload t {dump.name}\n",
                text=True, capture_output=True, check=False)
            assert done.returncode == 1, line
            assert done.stderr == f"stdin:2: {dump.name}:4: {message}\n", \
                done.stderr


def test_load_all_or_nothing():
    with tempfile.NamedTemporaryFile("w") as dump:
        dump.write(GOOD + GOOD)
        dump.flush()
        text = run("create t x86_64\n"
                   f"expect EEXIST load t {dump.name}\nstats t\n", "--json")
    stats, = objects(text)
    assert (stats["tables"], stats["mapped"]) == (1, 0)


def test_picture():
    text = run(TREE + "picture k\n")
    number = r"(t\d+)"
    root, = re.findall(number + r' \[label="k: x86_64, 4 levels, sealed\|', text)
    boxes = set(re.findall(r"^\tt(\d+) \[", text, re.M))
    arrows = re.findall(r"^\tt(\d+):e\d+ -> t(\d+);$", text, re.M)
    # A tree: every box but the root is pointed to once.
    assert len(boxes) == 8 and sorted(to for _, to in arrows) == sorted(
        boxes - {root[1:]})
    assert {source for source, _ in arrows} < boxes
    assert re.search(r'\[penwidth=3, label="PMD table, reserved"\]', text)
    assert re.search(r'\[label="P4D table, borrowed by 1\|<e0>'
                     r"0xffff888000000000-0xffff88803fffffff 1G PUD "
                     r'rw--g-:wb -\\> 0x100000000\\l"\]', text)
    assert re.search(r'\[style=dashed, label="P4D borrowed table\|',
                     run(TREE + "picture c\n"))


def test_picture_is_what_graphviz_takes():
    with tempfile.TemporaryDirectory() as room:
        path = os.path.join(room, "picture")
        name = '"\\{}|<&>'
        run(f"create {name} x86_64\nmap {name} 0 0 4K r\n"
            f"picture {name} {path}\n{TREE}picture c {path}.c\n")
        if not shutil.which("dot"):
            return
        for end in "", ".c":
            done = subprocess.run(["dot", "-Tsvg", path + end], check=True,
                                  stdout=subprocess.PIPE, text=True,
                                  stderr=subprocess.STDOUT)
            assert done.stdout.startswith("<?xml"), done.stdout


def test_picture_that_cannot_be_written():
    done = subprocess.run([PGT], input="create t fake\npicture t /dev/full\n",
                          text=True, capture_output=True, check=False)
    assert done.returncode == 1
    assert done.stderr == ("stdin:2: picture: cannot write /dev/full: "
                           "No space left on device\n"), done.stderr


def test_prompt_completes():
    with tempfile.TemporaryDirectory() as state:
        pgt = Terminal(state)
        # Commands, formats, options, tables, errors, levels, modes.
        pgt.type("cre\tkernel x86_64_\texcl\tla\t0xffffffffffff")
        assert pgt.type("du\tke\t").startswith(
            "kernel: x86_64_la57, 5 levels\n")
        pgt.type("create clone x86_64_la57")
        assert pgt.type("expect ENOE\tloo\tker\t0") == "pgt> "
        pgt.type("map kernel 0 0 2M rw")
        pgt.type("spl\tke\t0 2M PT\t")
        assert " 2M PTE rw" in pgt.type("dump kernel")
        pgt.type("clo\tcl\tke\t0 256T sh\t")
        assert "borrowed" in pgt.type("du\tclo\t")
        assert pgt.type("! loo\tker\t1G") == "pgt> "
        # Nothing comes where nothing is known.
        assert "'zz' is not a command" in pgt.type("zz\t")
        pgt.end()


def test_prompt_completes_files():
    with tempfile.TemporaryDirectory() as state:
        path = os.path.join(state, "some.dump")
        with open(path, "w", encoding="ascii") as dump:
            dump.write(GOOD)
        pgt = Terminal(state)
        pgt.type("create t x86_64")
        pgt.type(f"load t {path[:-6]}\t")
        assert pgt.type("lookup t 0x1000").startswith("0x1000 -> 0x1000 rw")
        pgt.end()


def test_prompt_goes_on_after_errors():
    with tempfile.TemporaryDirectory() as state:
        pgt = Terminal(state)
        assert pgt.type("nonsense") == (
            "'nonsense' is not a command, try help\npgt> ")
        pgt.type("create t x86_64")
        assert pgt.type("create t x86_64") == (
            "create: something is there already (EEXIST)\npgt> ")
        assert pgt.type("expect ENOENT verify t") == (
            "verify: done, but ENOENT was expected\npgt> ")
        # Ctrl-C drops the line.
        assert pgt.type("destroy t\x03verify t") == "pgt> "
        assert pgt.type("verify t") == "pgt> "
        pgt.end()


def test_prompt_keeps_its_history():
    with tempfile.TemporaryDirectory() as state:
        pgt = Terminal(state)
        pgt.type("create t fake")
        pgt.type("")
        pgt.type("wrong")
        pgt.end()
        path = os.path.join(state, "pgt", "history")
        assert os.stat(path).st_mode & 0o777 == 0o600
        pgt = Terminal(state)
        # Ctrl-P is one line back.
        assert "'wrong' is not a command" in pgt.type("\x10")
        assert pgt.type("\x10\x10\x10") == "pgt> "
        assert pgt.type("dump t").startswith("t: fake")
        pgt.end()


def test_prompt_says_that_it_cannot_keep_its_history():
    with tempfile.TemporaryDirectory() as state:
        with open(os.path.join(state, "pgt"), "w", encoding="ascii"):
            pass
        pgt = Terminal(state)
        path = os.path.join(state, "pgt", "history")
        assert f"pgt: cannot write {path}: " in pgt.type("formats")
        assert "cannot write" not in pgt.type("formats")
        pgt.end()


def test_no_prompt_without_a_terminal():
    with tempfile.TemporaryDirectory() as state:
        done = subprocess.run([PGT], input="create t fake\nverify t\n",
                              text=True, capture_output=True, check=True,
                              env={"XDG_STATE_HOME": state})
        assert (done.stdout, done.stderr) == ("", "")
        assert not os.listdir(state)


def main():
    failed = 0
    tests = [(name[5:], function) for name, function in globals().items()
             if name.startswith("test_")]
    for name, function in tests:
        try:
            function()
            print(f"PASS pgt {name}", flush=True)
        except Exception:  # pylint: disable=broad-except
            failed += 1
            print(f"FAIL pgt {name}\n{traceback.format_exc()}", flush=True)
    print(f"pgt: {len(tests)} tests, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
