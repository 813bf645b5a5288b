#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tests/spec.tsv, both ways: each row names a test that exists and is run, and each RFC or specification that the
program cites by section has a row."""
import re

from tree import ROOT, Faults, files, read, test_exists

TABLE = "tests/spec.tsv"
CITED = re.compile(r"\bRFC (\d{4,5})\b")


def check_row(faults, place, line, seen):
    cells = line.split("\t")
    if len(cells) != 3 or not all(cell.strip() == cell and cell for cell in cells):
        faults.add(place, "three cells parted by tabs: section, demand, file:test", repr(line[:80]))
        return
    section, demand, reference = cells
    name, _, test = reference.rpartition(":")
    if (section, demand, reference) in seen:
        faults.add(place, "each row once", line[:80])
    seen.add((section, demand, reference))
    if not name or not (ROOT / name).is_file():
        faults.add(place, "an existing test file", name or reference)
    elif not test_exists(name, test):
        faults.add(place, f"a test in {name}", test)


def main():
    faults = Faults("spec")
    seen = set()
    lines = read(TABLE).splitlines() if (ROOT / TABLE).is_file() else []
    for number, line in enumerate(lines, 1):
        check_row(faults, f"{TABLE}:{number}", line, seen)
    rfcs = {number for section, _, _ in seen for number in CITED.findall(section)}
    for name in files(".c", ".h"):
        if name.startswith("tests/"):
            continue
        for number, line in enumerate(read(name).splitlines(), 1):
            for rfc in CITED.findall(line):
                if rfc not in rfcs:
                    faults.add(f"{name}:{number}", f"a row in {TABLE} for what is cited", f"RFC {rfc}")
    faults.end(len(lines))


main()
