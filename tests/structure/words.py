#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Words that have no place in the project: paths of one machine, notes to self; and one licence line a file."""
import re

from tree import ROOT, Faults, files

# Written so that this file does not hold what it looks for.
DENIED = {
    "a path that every machine has": r"(?<![\w.])/(?:wo" r"rk|ro" r"ot|ho" r"me/\w+)/",
    "a finished piece of work": r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b",
    "a text without a conflict in it": r"^(?:<{7}|>{7}) ",
    "no goto": r"^\s*go" r"to \w+;",
}
LICENSED = (
    ".c", ".h", ".py", ".sh", ".sql", ".service", ".timer", "Makefile", ".js", ".go", ".java", "pom.xml", "httpd.conf",
)  # fmt: skip
LICENCE = "SPDX-License-Identifier: Apache-2.0"


def main():
    faults = Faults("words")
    names = files()
    for name in names:
        try:
            text = (ROOT / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture, or a fuzzer's seed
        if "/corpus/" in name:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            for wanted, denied in DENIED.items():
                if found := re.search(denied, line):
                    faults.add(f"{name}:{number}", wanted, repr(found.group(0)))
        if text and not text.endswith("\n"):
            faults.add(name, "a newline at the end", "none")
        script = text.startswith("#!")
        if (name.endswith(LICENSED) or script) and "\n".join(text.splitlines()[:5]).count(LICENCE) != 1:
            faults.add(name, f"one line {LICENCE} at its head", "another number")
    faults.end(len(names))


main()
