#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tests/guards.tsv: each row's text is found exactly once, so that its mutation can be made, and the test that must
then fail exists. `make mutants` runs them."""
import re

import guard_rows
from tree import ROOT, Faults, read, test_exists

LEAST = 60
SCRIPT = re.compile(r"tests/structure/\w+\.py")


def check_test(faults, place, row):
    if not (ROOT / row.test_file).is_file():
        faults.add(place, "an existing test file", row.test_file)
    elif not SCRIPT.fullmatch(row.test) and not (row.test_name and test_exists(row.test_file, row.test_name)):
        faults.add(place, f"a test in {row.test_file}", row.test_name or "none")


def check_row(faults, place, row, ids):
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", row.id):
        faults.add(place, "an id of small letters, digits and hyphens", row.id)
    if row.id in ids:
        faults.add(place, "each id once", row.id)
    if row.text == row.replacement:
        faults.add(place, "a replacement that differs from the text", row.text)
    if not (ROOT / row.file).is_file():
        faults.add(place, "an existing file", row.file)
    elif read(row.file).count(row.text) != 1:
        faults.add(place, f"{row.text!r} once in {row.file}", f"{read(row.file).count(row.text)} times")
    check_test(faults, place, row)


def main():
    faults, ids = Faults("guards"), set()
    lines = guard_rows.lines(ROOT)
    for number, line in lines:
        place = f"{guard_rows.TABLE}:{number}"
        try:
            row = guard_rows.parse(number, line)
        except ValueError as fault:
            faults.add(place, "a row", f"{fault}: {line[:80]!r}")
            continue
        check_row(faults, place, row, ids)
        ids.add(row.id)
    if len(lines) < LEAST:
        faults.add(guard_rows.TABLE, f"at least {LEAST} guards", len(lines))
    faults.end(len(lines))


main()
