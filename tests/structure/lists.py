#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every C file stands in one of the Makefile's lists, once, each list in order; and what is listed is there."""
import os
import subprocess

from tree import ROOT, Faults, files


def listed():
    env = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    done = subprocess.run(["make", "-s", "-C", ROOT, "sources"], capture_output=True, text=True, env=env, check=True)
    return done.stdout.split()


def main():
    faults = Faults("lists")
    names = listed()
    there = files(".c")
    for name in there:
        if names.count(name) != 1:
            faults.add(name, "once in the Makefile's lists", f"{names.count(name)} times")
    for name in sorted(set(names) - set(there)):
        faults.add("Makefile", "files that are there", name)
    for before, after in zip(names, names[1:]):
        if os.path.dirname(before) == os.path.dirname(after) and before > after and not after.endswith(("main.c", "replay.c")):
            faults.add("Makefile", f"{after} before {before}", "another order")
    faults.end(len(there))


main()
