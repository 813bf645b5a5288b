# SPDX-License-Identifier: Apache-2.0
"""What the structure checks share: the files of the project, C read without comments, and how a fault is told.

Each check is an executable of this folder. It takes the root of a tree (default: this project), prints each fault
as place, expectation and what was received, and ends with 1 if there was any.
"""
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent.parent).resolve()


def files(*suffixes):
    """The project's files: known to git or about to be; without git, all that is not built."""
    listed = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "-co", "--exclude-standard", "--", "."], capture_output=True, text=True
    )
    if listed.returncode == 0 and (ROOT / ".git").exists():
        names = listed.stdout.splitlines()
    else:
        names = []
        for folder, folders, found in os.walk(ROOT):
            folders[:] = [f for f in folders if f not in ("build", ".run", ".git", "__pycache__")]
            names += [os.path.relpath(os.path.join(folder, f), ROOT) for f in found]
    there = (n for n in set(names) if (ROOT / n).is_file())
    return sorted(n for n in there if not suffixes or n.endswith(suffixes))


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def blank_c(text):
    """C with comments, texts and preprocessor lines blanked out, every line where it was."""

    def spaces(match):
        return re.sub(r"[^\n]", " ", match.group(0))

    pattern = r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
    text = re.sub(pattern, spaces, text, flags=re.S)
    return re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", spaces, text, flags=re.M)


class Function:
    """A function's definition: name, first and last line, parameters, depth of blocks, whether static."""

    def __init__(self, head, line, body):
        self.name = re.search(r"(\w+)\s*\($", head[: head.index("(") + 1]).group(1)
        self.line = line
        self.lines = head.count("\n") + body.count("\n") + 1
        inside = head[head.index("(", head.index(self.name)) + 1 : head.rindex(")")]
        depth = 0
        commas = 0
        for c in inside:
            depth += c in "([{"
            depth -= c in ")]}"
            commas += c == "," and depth == 0
        self.params = 0 if inside.strip() in ("", "void") else commas + 1
        self.static = bool(re.search(r"\bstatic\b", head))
        self.foreign = "MHD_Result" in head[: head.index("(")]  # libmicrohttpd says what it is called with
        self.depth = 0
        depth = 0
        for c in body:
            depth += c == "{"
            depth -= c == "}"
            self.depth = max(self.depth, depth)


def functions(text):
    """Every function that a C file defines."""
    text = blank_c(text)
    found = []
    start = depth = 0
    head = None
    for at, c in enumerate(text):
        if c == "{":
            if depth == 0:
                head = text[start:at]
                opened = at
            depth += 1
        elif c == "}":
            depth -= 1
            if depth == 0:
                add_function(found, text, (start, opened, at), head)
                if looks_like_function(head):
                    start = at + 1
        elif c == ";" and depth == 0:
            start = at + 1
    return found


ATTRIBUTE = re.compile(r"__attribute__\s*\(\((?:[^()]|\([^()]*\))*\)\)")


def looks_like_function(head):
    head = ATTRIBUTE.sub("", head).strip()
    return head.endswith(")") and "=" not in head.split("(")[0]


def add_function(found, text, span, head):
    start, opened, closed = span
    if not looks_like_function(head):
        return
    plain = ATTRIBUTE.sub(lambda m: re.sub(r"[^\n]", " ", m.group(0)), head)
    lead = len(plain) - len(plain.lstrip())
    line = text.count("\n", 0, start + lead) + 1
    found.append(Function(plain[lead:], line, text[opened : closed + 1]))


def test_exists(name, test):
    """Whether a test file defines a test and runs it: C (cmocka) or Python (pytest)."""
    text = read(name)
    if name.endswith(".c"):
        defined = re.search(rf"^static void {re.escape(test)}\(void \*\*", text, re.M)
        return defined and re.search(rf"\b(?:cmocka_unit_test\w*|WITH)\(\s*{re.escape(test)}\s*[,)]", text)
    return re.search(rf"^\s*(async )?def {re.escape(test)}\(", text, re.M)


class Faults:
    def __init__(self, name):
        self.name = name
        self.n = 0

    def add(self, place, expected, received):
        print(f"{place}: expected {expected}, got {received}")
        self.n += 1

    def end(self, checked):
        if not checked:
            self.add(ROOT, "something to check", "nothing")
        print(f"{self.name}: {checked} checked, {self.n} faults")
        sys.exit(1 if self.n else 0)
