#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sizes of files, functions, parameter lists and nesting (the budgets of the code style)."""
from tree import Faults, files, functions, read

FILE_LINES = 400
MEDIAN, P95, MOST = 20, 50, 80  # lines of a function, its head included
PARAMS = 5
LEVELS = 3  # of nesting inside a function
COLUMNS = 100  # of C and the Makefile, a tab counted as 8
LINES_OF = (".c", ".h", ".py", ".sh", ".sql", "Makefile")


def check_function(faults, name, function):
    place = f"{name}:{function.line}"
    if function.lines > MOST:
        faults.add(place, f"at most {MOST} lines in {function.name}", function.lines)
    if function.params > PARAMS and not function.foreign:
        faults.add(place, f"at most {PARAMS} parameters of {function.name}", function.params)
    if function.depth - 1 > LEVELS:
        faults.add(place, f"at most {LEVELS} levels of nesting in {function.name}", function.depth - 1)


def check_spread(faults, folder, lengths):
    lengths = sorted(lengths)
    median, p95 = lengths[len(lengths) // 2], lengths[int(len(lengths) * 0.95)]
    if median > MEDIAN:
        faults.add(folder, f"a median of at most {MEDIAN} lines a function", median)
    if p95 > P95:
        faults.add(folder, f"a 95th percentile of at most {P95} lines a function", p95)
    print(f"{folder}: {len(lengths)} functions, median {median}, p95 {p95}, most {lengths[-1]}")


def main():
    faults = Faults("sizes")
    names = files(*LINES_OF)
    lengths = {}
    for name in names:
        lines = read(name).splitlines()
        if len(lines) > FILE_LINES:
            faults.add(name, f"at most {FILE_LINES} lines", len(lines))
        if not name.endswith((".c", ".h", "Makefile")):
            continue
        for number, line in enumerate(lines, 1):
            if len(line.expandtabs(8)) > COLUMNS:
                faults.add(f"{name}:{number}", f"at most {COLUMNS} columns", len(line.expandtabs(8)))
        if name.endswith("Makefile"):
            continue
        found = functions(read(name))
        folder = "tests" if name.startswith("tests/") else "the program"
        lengths.setdefault(folder, []).extend(f.lines for f in found)
        for function in found:
            check_function(faults, name, function)
    for folder, found in lengths.items():
        if found:
            check_spread(faults, folder, found)
    faults.end(len(names))


main()
