#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
Lay the project over a Linux tree: one commit per step of the series.

A step is a folder series/NN-topic/ with a file "message" (the commit message)
and any of the following, applied in this order:

  files     "SOURCE -> DESTINATION" per line: what to copy into the kernel
  *.cocci   semantic patches, in the order of their names
  edits     small anchored edits of what spatch can't reach
  check     patterns that must not occur in the tree afterwards

Each commit is kept under refs/graft/KEY, where KEY is a hash of all that went
into it. Steps whose key is known are not redone.
"""

import argparse
import contextlib
import fcntl
import filecmp
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

PROJECT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SERIES = os.path.join(PROJECT, "coccinelle", "series")
MACROS = os.path.join(PROJECT, "coccinelle", "macros")
PACKAGE = "linux-source-6.12"
REFS = "refs/graft/"
SPACE = 4 << 30
# All that git is told. Fixed dates: the same input gives the same commit.
DATE = "2000-01-01T00:00:00Z"
GIT = {
    "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null",
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*",
    "GIT_AUTHOR_NAME": "pg_table", "GIT_COMMITTER_NAME": "pg_table",
    "GIT_AUTHOR_EMAIL": "pg_table@localhost",
    "GIT_COMMITTER_EMAIL": "pg_table@localhost",
    "GIT_AUTHOR_DATE": DATE, "GIT_COMMITTER_DATE": DATE,
}
START = time.monotonic()


class GraftError(Exception):
    """Says in one line what is wrong and what to do."""


def progress(step, what):
    elapsed = time.monotonic() - START
    print(f"[{elapsed:7.1f}s] {step:<28} {what}", flush=True)


def read(path):
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        return file.read()


def write(path, text):
    with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)


def environment():
    """The user's, but git is not to be told anything."""
    clean = {name: value for name, value in os.environ.items()
             if not name.startswith("GIT_")}
    return clean | GIT


def execute(command, cwd=None):
    """Run a program; all that it started ends with it if we are stopped."""
    with subprocess.Popen(command, cwd=cwd, env=environment(),
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, encoding="utf-8",
                          errors="surrogateescape", close_fds=False,
                          start_new_session=True) as child:
        try:
            output, errors = child.communicate()
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGTERM)
            raise
    return subprocess.CompletedProcess(command, child.returncode, output,
                                       errors)


def run(command, cwd=None, ok=(0,)):
    """Run a program and return its standard output."""
    done = execute(command, cwd)
    if done.returncode not in ok:
        why = (done.stderr or done.stdout).strip().splitlines() or ["failed"]
        raise GraftError(f"{' '.join(command[:3])}: {why[0]}")
    return done.stdout


def digest(*parts):
    total = hashlib.sha256()
    for part in parts:
        data = part.encode(errors="surrogateescape")
        total.update(b"%d:" % len(data) + data)
    return total.hexdigest()


def digest_file(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def files_below(path):
    """A file itself, or every file of a directory that is not hidden."""
    if os.path.isfile(path):
        return [path]
    found = []
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(f for f in folders if f[0] not in "._")
        found += [os.path.join(folder, n) for n in sorted(names)
                  if n[0] != "."]
    return found


class Source:
    """The kernel to lay the project over: a tarball or a directory."""

    def __init__(self, given):
        self.path = os.path.abspath(given or self.packaged())
        if not os.path.exists(self.path):
            raise GraftError(
                f"{given}: no such kernel; give KERNEL=<directory or tarball>"
                f", or none for the distribution's {PACKAGE}")
        if os.path.isdir(self.path) and \
                not os.path.exists(os.path.join(self.path, "Makefile")):
            raise GraftError(f"{given}: not a kernel tree: no Makefile in it")
        self.key = digest("base", self.path, *self.state())

    def state(self):
        """What changes when a file does."""
        if os.path.isfile(self.path):
            yield from self.state_of(self.path)
        for folder, folders, names in os.walk(self.path):
            folders[:] = sorted(set(folders) - {".git"})
            for name in sorted(names):
                path = os.path.join(folder, name)
                yield path
                yield from self.state_of(path)

    @staticmethod
    def state_of(path):
        about = os.lstat(path)
        return str(about.st_size), str(about.st_mtime_ns)

    @staticmethod
    def packaged():
        path = f"/usr/src/{PACKAGE}.tar.xz"
        if not os.path.exists(path):
            raise GraftError(f"{path} is missing: apt-get install {PACKAGE}"
                             ", or give KERNEL=<directory or tarball>")
        return path

    def unpack(self, target):
        if os.path.isdir(self.path):
            run(["cp", "-a", "--reflink=auto", "-t", target, "--",
                 *(os.path.join(self.path, name)
                   for name in os.listdir(self.path) if name != ".git")])
        else:
            run(["tar", "-xf", self.path, "-C", target,
                 "--strip-components=1"])
        if not os.path.exists(os.path.join(target, "Kbuild")):
            raise GraftError(f"{self.path}: no kernel in it; give KERNEL="
                             "<directory or tarball> of one")


class Tree:
    """The git repository that holds the grafted kernel."""

    SETTINGS = {"core.compression": "0", "core.preloadindex": "true",
                "core.untrackedCache": "true", "core.fsync": "none",
                "core.autocrlf": "false", "gc.auto": "0",
                "maintenance.auto": "false", "advice.detachedHead": "false"}
    BUSY = ".git/graft-busy"

    def __init__(self, path):
        self.path = path

    def git(self, *arguments, ok=(0,)):
        # A repository above this one is none of ours.
        return run(["git", "--git-dir=.git", *arguments], cwd=self.path,
                   ok=ok)

    def file(self, name):
        return os.path.join(self.path, name)

    def exists(self):
        """Is there a tree of ours? What else there is stays untouched."""
        if not os.path.lexists(self.path):
            return False
        if not os.path.isdir(self.file(".git")) or \
                not self.git("for-each-ref", "--count=1", REFS, ok=(0, 128)):
            raise GraftError(f"{self.path}: is there and no tree of the graft;"
                             " move it away, or give BUILD=<directory>")
        return True

    def create(self, source):
        """Unpack beside the final place, so that it is there as a whole."""
        parent = os.path.dirname(self.path)
        os.makedirs(parent, exist_ok=True)
        free = shutil.disk_usage(parent).free
        if free < SPACE:
            raise GraftError(f"{parent}: no disk space: {free >> 20} MiB are "
                             f"free and {SPACE >> 20} MiB needed; free some, "
                             "or give BUILD=<directory>")
        with tempfile.TemporaryDirectory(prefix=".graft-", dir=parent) as room:
            new = Tree(os.path.join(room, "new"))
            new.fill(source)
            if self.exists():
                os.rename(self.path, os.path.join(room, "old"))
            os.rename(new.path, self.path)

    def fill(self, source):
        """The first commit: the kernel as it is."""
        os.mkdir(self.path)
        source.unpack(self.path)
        self.git("init", "-q", "-b", "graft")
        for name, value in self.SETTINGS.items():
            self.git("config", name, value)
        self.git("add", "-A", "-f")
        version = re.findall(r"^(?:VERSION|PATCHLEVEL|SUBLEVEL) = (\d+)",
                             read(self.file("Makefile")), re.MULTILINE)
        self.commit("Linux " + ".".join(version), source.key)

    def commit(self, message, key):
        self.git("commit", "-q", "--no-verify", "--allow-empty", "-a",
                 "-m", message)
        self.git("update-ref", REFS + key, "HEAD")

    def find(self, key):
        """The commit made from this key, or an empty string."""
        return self.git("rev-parse", "-q", "--verify", REFS + key + "^0",
                        ok=(0, 1)).strip()

    def head(self):
        return self.git("rev-parse", "HEAD").strip()

    def refuse_foreign_changes(self):
        """The tree is generated: work of others in it must not be lost."""
        drop = f"move that to {os.path.relpath(SERIES)}, or drop it: " \
               f"git -C {os.path.relpath(self.path)} reset --hard"
        changed = self.git("status", "--porcelain", "-uno").splitlines()
        if changed:
            raise GraftError(f"{self.file(changed[0][3:])}: was changed by "
                             f"hand; {drop}")
        if not self.git("for-each-ref", "--points-at", "HEAD", REFS):
            raise GraftError(f"{self.path}: HEAD is not a commit of the "
                             f"graft; {drop} HEAD~1")

    def is_busy(self):
        """Was a graft killed half-way? Then what is there is nobody's work."""
        return os.path.exists(self.file(self.BUSY))

    @contextlib.contextmanager
    def busy(self):
        """What is not committed in here is dropped, however it ends."""
        write(self.file(self.BUSY), "")
        try:
            yield
        finally:
            self.reset("HEAD")
            os.remove(self.file(self.BUSY))

    def reset(self, commit):
        with contextlib.suppress(FileNotFoundError):
            os.remove(self.file(".git/index.lock"))
        self.git("reset", "-q", "--hard", commit)

    def grep(self, options, pattern, *paths):
        """git grep: no match is no error."""
        return self.git("grep", options, "-e", pattern, "--", *paths,
                        ok=(0, 1)).splitlines()

    def changes(self, base):
        """What differs from the base: blob and time by path."""
        found = {}
        for line in self.git("diff", "--raw", "--no-abbrev", "--no-renames",
                             base, "HEAD").splitlines():
            what, path = line.split("\t", 1)
            if os.path.exists(self.file(path)):
                found[path] = (what.split()[3],
                               os.stat(self.file(path)).st_mtime_ns)
        return found

    def keep_times(self, base, before):
        """A file rewritten with what it held before is not to be rebuilt."""
        for path, (blob, _) in self.changes(base).items():
            if before.get(path, ("",))[0] == blob:
                os.utime(self.file(path), ns=(before[path][1],) * 2)
        self.git("update-index", "-q", "--refresh")


class Edit:
    """One anchored edit: where, the anchor, what to do there, the text."""

    def __init__(self, where, paths, every, action, anchor):
        self.where = where
        self.paths = paths
        self.every = every
        self.action = action
        self.text = []
        try:
            self.anchor = re.compile(anchor, re.MULTILINE | re.ASCII)
        except re.error as error:
            raise GraftError(f"{where}: bad anchor: {error}") from error

    def apply(self, tree):
        if self.every:
            names = tree.grep("-lIP", self.anchor.pattern, *self.paths)
        else:
            names = tree.git("ls-files", "--", *self.paths).splitlines()
        count = sum(self.apply_to(tree.file(name)) for name in names)
        if not count or (count > 1 and not self.every):
            times = "is not there" if not count else f"matches {count} times"
            raise GraftError(f"{' '.join(self.paths)}: anchor {times}: "
                             f"{self.anchor.pattern} ({self.where})")
        return count

    def apply_to(self, path):
        old = read(path)
        matches = list(self.anchor.finditer(old))
        if not matches or (len(matches) > 1 and not self.every):
            return len(matches)
        new, last = [], 0
        for match in matches:
            start, end, text = self.place(match, old)
            new += [old[last:start], text]
            last = end
        write(path, "".join(new) + old[last:])
        return len(matches)

    def place(self, match, old):
        """What part of the file gives way to which text."""
        if self.action == "replace":
            text = re.sub(r"\\(\d)", lambda m: match.group(int(m.group(1))),
                          "\n".join(self.text))
            return match.start(), match.end(), text
        text = "".join(line + "\n" for line in self.text)
        if self.action == "before":
            at = old.rfind("\n", 0, match.start()) + 1
        else:
            at = old.index("\n", match.end()) + 1
        return at, at, text


def statements(path):
    """The lines of a declarative file: (file:line, word, rest)."""
    for number, line in enumerate(read(path).splitlines(), 1):
        where = f"{os.path.relpath(path, PROJECT)}:{number}"
        if line.startswith("|"):
            yield where, "|", line[1:]
        elif line.strip() and not line.startswith("#"):
            word, colon, rest = line.partition(":")
            if not colon:
                raise GraftError(f"{where}: expected 'word: value'")
            yield where, word.strip(), rest.strip()


def parse_edits(path):
    edits, paths, every = [], None, False
    for where, word, rest in statements(path):
        if word in ("file", "files"):
            paths, every = rest.split(), word == "files"
        elif word in ("before", "after", "replace") and paths:
            edits.append(Edit(where, paths, every, word, rest))
        elif word == "|" and edits:
            edits[-1].text.append(rest)
        else:
            raise GraftError(f"{where}: unexpected '{word}'")
    return edits


class SemanticPatch:
    """A semantic patch; comments at its top say what it is run on."""

    def __init__(self, path):
        self.path = path
        self.text = read(path)
        self.tokens = self.header("Tokens")
        self.files = self.header("Files").split() or ["*.c", "*.h"]
        if not self.tokens:
            raise GraftError(f"{path}: no '// Tokens:' line")

    def header(self, word):
        return " ".join(re.findall(rf"^// {word}: *(.*)$", self.text, re.M))

    def apply(self, tree):
        """Convert the files with one of the tokens; returns how many."""
        # What spatch makes of a file depends on nothing else: keep it.
        memory = tree.file(os.path.join(".git", "spatch"))
        os.makedirs(memory, exist_ok=True)
        before = {path: digest_file(path) for path in map(
            tree.file, tree.grep("-lP", self.tokens, *self.files))}
        results = {path: os.path.join(memory, digest(self.text, read(MACROS),
                                                     content))
                   for path, content in before.items()}
        new = [path for path in before if not os.path.exists(results[path])]
        if new:
            self.spatch(new)
        for path in new:
            shutil.copyfile(path, results[path])
        for path, result in results.items():
            if not filecmp.cmp(result, path, shallow=False):
                shutil.copyfile(result, path)
        changed = [path for path in before
                   if digest_file(path) != before[path]]
        if not changed:
            raise GraftError(f"{self.path}: changed nothing")
        return len(changed)

    def spatch(self, files):
        done = execute(
            ["spatch", "--very-quiet", "--no-show-diff", "--in-place",
             "--no-includes", "--jobs", str(os.cpu_count()),
             "--macro-file", MACROS, "--sp-file", self.path, *files])
        trouble = [line for line in done.stderr.splitlines()
                   if re.search(r"EXN|rror", line)]
        if done.returncode or trouble:
            why = trouble or done.stderr.splitlines() or ["failed"]
            raise GraftError(f"{self.path}: spatch: {why[0]}")


class Step:
    """One folder of the series: one commit."""

    def __init__(self, name):
        self.name = name
        self.folder = os.path.join(SERIES, name)
        self.contents = sorted(os.listdir(self.folder))
        if "message" not in self.contents:
            raise GraftError(f"{self.folder}/message: missing")
        self.copies = list(self.copied())

    def path(self, name):
        return os.path.join(self.folder, name)

    def copied(self):
        """Each file to copy: (source, path in the kernel)."""
        if "files" not in self.contents:
            return
        for number, line in enumerate(
                read(self.path("files")).splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            source, _, target = (p.strip() for p in line.partition("->"))
            top = os.path.join(PROJECT, source)
            if not target or not os.path.exists(top):
                raise GraftError(f"{self.path('files')}:{number}: {source}: "
                                 "nothing to copy")
            for path in files_below(top):
                rest = os.path.relpath(path, top)
                yield path, os.path.normpath(os.path.join(target, rest))

    def key(self, previous):
        parts = [previous, digest_file(__file__), digest_file(MACROS)]
        for name in self.contents:
            parts += [name, digest_file(self.path(name))]
        for source, target in self.copies:
            parts += [target, digest_file(source)]
        return digest(*parts)

    def apply(self, tree, key):
        done = []
        for source, target in self.copies:
            os.makedirs(os.path.dirname(tree.file(target)), exist_ok=True)
            shutil.copyfile(source, tree.file(target))
        if self.copies:
            tree.git("add", "-f", *(target for _, target in self.copies))
            done.append(f"{len(self.copies)} files copied")
        for name in self.contents:
            if name.endswith(".cocci"):
                count = SemanticPatch(self.path(name)).apply(tree)
                done.append(f"{count} by {name}")
        if "edits" in self.contents:
            count = sum(edit.apply(tree)
                        for edit in parse_edits(self.path("edits")))
            done.append(f"{count} edits")
        if "check" in self.contents:
            self.check(tree)
            done.append("checked")
        tree.commit(read(self.path("message")), key)
        progress(self.name, ", ".join(done))

    def check(self, tree):
        """Stop at the first pattern that still occurs in the tree."""
        pattern, excuses = None, []
        for where, word, rest in [*statements(self.path("check")),
                                  (None, "forbid", None)]:
            if word == "not":
                excuses.append(re.compile(rest, re.ASCII))
                continue
            if word != "forbid":
                raise GraftError(f"{where}: unexpected '{word}'")
            if pattern:
                self.forbid(tree, pattern, excuses)
            pattern, excuses = rest, []

    def forbid(self, tree, pattern, excuses):
        left = []
        for hit in tree.grep("-nIP", pattern):
            path, number, text = hit.split(":", 2)
            if not any(e.search(f"{path}: {text}") for e in excuses):
                left.append(f"{path}:{number}: {text.strip()}")
        if left:
            listed = "\n  ".join(left[:50])
            raise GraftError(f"{self.path('check')}: {len(left)} sites are "
                             f"not converted ({pattern}):\n  {listed}")


def need(program):
    if not shutil.which(program):
        package = {"spatch": "coccinelle", "xz": "xz-utils"}
        raise GraftError(f"{program} is missing: apt-get install "
                         f"{package.get(program, program)}")


def graft(source, tree):
    if os.path.commonpath([source.path, tree.path]) in (source.path,
                                                       tree.path):
        raise GraftError(f"{source.path}: the kernel and the tree that is "
                         "made of it must lie apart")
    steps = [Step(name) for name in sorted(os.listdir(SERIES))]
    keys = [source.key]
    for step in steps:
        keys.append(step.key(keys[-1]))

    base = ""
    if tree.exists():
        if not tree.is_busy():
            tree.refuse_foreign_changes()
        base = tree.find(keys[0])
    if not base:
        progress("base", f"unpacking {source.path}")
        tree.create(source)
        base = tree.find(keys[0])
        progress("base", tree.git("log", "-1", "--format=%s", base).strip())

    kept = 0
    while kept < len(steps) and tree.find(keys[kept + 1]):
        kept += 1
    if kept:
        progress("kept", f"{kept} of {len(steps)} steps")
    if tree.find(keys[-1]) == tree.head() and not tree.is_busy():
        return
    before = tree.changes(base)
    try:
        with tree.busy():
            tree.reset(REFS + keys[kept])
            for step, key in zip(steps[kept:], keys[kept + 1:]):
                step.apply(tree, key)
    finally:
        tree.keep_times(base, before)


SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def interrupt(*_):
    """Stop by an exception, so that the tree is put in order; once."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[1])
    parser.add_argument("--kernel", help="directory or tarball of the kernel")
    parser.add_argument("tree", help="where the grafted kernel goes")
    arguments = parser.parse_args()
    for number in SIGNALS:
        signal.signal(number, interrupt)
    try:
        for program in ("git", "spatch", "tar", "xz"):
            need(program)
        source = Source(arguments.kernel)
        tree = Tree(os.path.abspath(arguments.tree))
        os.makedirs(os.path.dirname(tree.path), exist_ok=True)
        with open(tree.path + ".lock", "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            # Should we be killed, what we run holds the lock to its end.
            os.set_inheritable(lock.fileno(), True)
            graft(source, tree)
    except GraftError as error:
        sys.exit(f"graft: {error}")
    except OSError as error:
        sys.exit(f"graft: {error.filename or arguments.tree}: "
                 f"{error.strerror}; free some space or make it writable, "
                 "then run it again")
    except KeyboardInterrupt:
        sys.exit("graft: interrupted")
    progress("done", f"{os.path.relpath(tree.path)} is grafted")


if __name__ == "__main__":
    main()
