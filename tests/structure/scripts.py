#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Shell scripts pass shellcheck, Python compiles, and what has a #! can be executed."""
import os
import subprocess

from tree import ROOT, Faults, files


def head(name):
    with open(ROOT / name, "rb") as f:
        return f.readline(80).decode("utf-8", "replace")


def main():
    faults = Faults("scripts")
    shells, checked = [], 0
    for name in files():
        first = head(name)
        if first.startswith("#!"):
            checked += 1
            if not os.access(ROOT / name, os.X_OK):
                faults.add(name, "an executable file, for it begins with #!", "no x bit")
        if first.startswith("#!") and first.split("/")[-1].strip() in ("sh", "bash", "env bash"):
            shells.append(name)
        if name.endswith(".py") or "python3" in first:
            checked += 1
            try:
                compile((ROOT / name).read_bytes(), name, "exec")
            except SyntaxError as fault:
                faults.add(f"{name}:{fault.lineno}", "Python", fault.msg)
    if shells:
        done = subprocess.run(["shellcheck", "-x", "-f", "gcc", *shells], cwd=ROOT, capture_output=True, text=True)
        for line in done.stdout.splitlines():
            place, _, what = line.partition(": ")
            faults.add(place, "nothing that shellcheck finds", what)
    faults.end(checked + len(shells))


main()
