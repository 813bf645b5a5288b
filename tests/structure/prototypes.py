#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each prototype in a header of the program has a comment directly above it, or belongs to a group of prototypes under
one comment with no blank line between."""
import re

from tree import ATTRIBUTE, Faults, blank_c, files, read

FOLDERS = ("idp/", "oidc/", "otp/")
ROWS = re.compile(r"^[A-Z_]+\(\w+\)$", re.M)  # a table's macro: it declares one object a row
COMMENT = re.compile(r"^/\*.*?\*/[ \t]*$", re.M | re.S)


def prototypes(text):
    """Name, first and last line of each function that a header declares, or defines inline."""
    text = blank_c(text)
    for other in (ATTRIBUTE, ROWS):
        text = other.sub(lambda m: re.sub(r"[^\n]", " ", m.group(0)), text)
    start = depth = 0
    for at, c in enumerate(text):
        if c == "{":
            if depth == 0:
                head = at
            depth += 1
            continue
        depth -= c == "}"
        if depth or c not in ";}":
            continue
        function = c == "}" and text[start:head].rstrip().endswith(")")
        if c == "}" and not function:
            continue  # a struct: its declaration ends at the semicolon
        statement = text[start : head if function else at]
        name = re.match(r"(?!typedef\b)[^{=()]*?\b(\w+)\s*\(", statement.lstrip())
        if name:
            first = start + len(statement) - len(statement.lstrip())
            yield name.group(1), text.count("\n", 0, first) + 1, text.count("\n", 0, at) + 1
        start = at + 1


def main():
    faults = Faults("prototypes")
    checked = 0
    for name in (n for n in files(".h") if n.startswith(FOLDERS)):
        text = read(name)
        above = {text.count("\n", 0, c.end()) + 1 for c in COMMENT.finditer(text) if "SPDX-" not in c.group(0)}
        for function, first, last in prototypes(text):
            checked += 1
            if first - 1 in above:
                above.add(last)
            else:
                faults.add(f"{name}:{first}", f"a comment directly above {function}", "none")
    faults.end(checked)


main()
