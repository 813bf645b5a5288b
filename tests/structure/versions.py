#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The version of the Makefile, of debian/changelog and of CHANGELOG.md are one (CONTRIBUTING.md); a tag on this commit names it too."""
import re
import subprocess

from tree import ROOT, Faults, read


def main():
    faults = Faults("versions")
    version = re.search(r"^VERSION := (\S+)$", read("Makefile"), re.M).group(1)
    first = {
        "debian/changelog": r"^pratu \(([^)]+)\)",
        "CHANGELOG.md": r"^## (\d\S*) ",
    }
    for name, pattern in first.items():
        found = re.search(pattern, read(name), re.M)
        if not found or found.group(1) != version:
            faults.add(name, f"{version} at its head, as in the Makefile", found.group(1) if found else "none")
    tags = subprocess.run(["git", "-C", ROOT, "tag", "--points-at", "HEAD"], capture_output=True, text=True).stdout.split()
    for tag in tags:
        if tag.startswith("v") and tag != f"v{version}":
            faults.add("the tag of this commit", f"v{version}", tag)
    faults.end(3)


main()
