#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each folder of examples/ stays small, is explained, is listed and is run by a test; a lock file names no registry."""
import re

from tree import Faults, files, read

LINES = 60  # of code: not blank, no comment, no import
CODE = (".py", ".js", ".go", ".java", ".html", ".shtml", "httpd.conf", "application.yml")
EMPTY = re.compile(r"\s*((#|//|/\*|<!--).*)?|(import|from) .*")


def code_lines(name):
    text = re.sub(r"^import \(.*?^\)", "", read(name), flags=re.S | re.M)  # Go's block
    return sum(not EMPTY.fullmatch(line) for line in text.splitlines())


def ports(names):
    """What the files of an example call its own port; 8443 is the demo's Pratu."""
    found = set()
    for name in names:
        if not name.endswith("package-lock.json"):
            found |= set(re.findall(r"(?:localhost:|PORT\W+|--port |--bind localhost )(\d{4})\b", read(name)))
    return found - {"8443"}


def check_folder(faults, folder, names):
    lines = sum(code_lines(name) for name in names if name.endswith(CODE))
    if not 0 < lines <= LINES:
        faults.add(folder, f"1 to {LINES} lines of code", lines)
    if f"{folder}/README.md" not in names:
        faults.add(folder, "a README.md", "none")
    for name in names:
        if name.endswith("package-lock.json") and '"resolved"' in read(name):
            faults.add(name, "packages by version and hash", "addresses of a registry")


def main():
    faults = Faults("examples")
    names = [name for name in files() if name.startswith("examples/") and name.count("/") > 1]
    folders = sorted({"/".join(name.split("/")[:2]) for name in names})
    listed = re.findall(r"^\| \[[\w-]+\]\(([\w-]+)\) \|", read("examples/README.md"), re.M)
    run = re.findall(r'Example\(stack, "([\w-]+)"\)', "".join(read(n) for n in files(".py") if n.startswith("tests/examples/")))
    taken = set()
    for folder in folders:
        own = [name for name in names if name.startswith(folder + "/")]
        check_folder(faults, folder, own)
        here = ports(own)
        if len(here) > 1 or here & taken:
            faults.add(folder, "one port, which is no other example's", " ".join(sorted(here)))
        taken |= here
    for what, found in (("examples/README.md", listed), ("tests/examples", run)):
        if sorted(found) != [folder.split("/")[1] for folder in folders]:
            faults.add(what, f"each once: {' '.join(folders)}", " ".join(sorted(found)))
    faults.end(len(folders))


main()
