#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every C file is laid out as .clang-format says (`make format` does it)."""
import re
import subprocess

from tree import ROOT, Faults, files


def main():
    faults = Faults("format")
    names = files(".c", ".h")
    done = subprocess.run(["clang-format", "--dry-run", *names], cwd=ROOT, capture_output=True, text=True)
    for name, line in sorted(set(re.findall(r"^(\S+?):(\d+):\d+: warning: code should be", done.stderr, re.M))):
        faults.add(f"{name}:{line}", "the layout of .clang-format", "another")
    if done.returncode != 0:
        faults.add("clang-format", "exit code 0", f"{done.returncode}: {done.stderr[:200]}")
    faults.end(len(names))


main()
