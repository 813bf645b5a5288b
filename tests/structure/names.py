#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""foo.c exports only foo_*, or what foo.h declares; and nothing has external linkage by oversight: every such
function stands in a header. No global changes: what was built holds no writable data but what is allowed here."""
import pathlib
import re
import subprocess

from tree import ROOT, Faults, files, functions, read


# The log is needed everywhere: its role and level are set once at start, before any thread, and its queue has a lock.
WRITABLE = {("idp/base/log.c", "log_role"), ("idp/base/log.c", "log_limit"), ("idp/base/log_queue.c", "queue")}
SYMBOL = re.compile(r"^\S+ .{7} (?:\.data|\.bss)(?!\.rel\.ro)\S*\t\S+\s+(\S+)$", re.M)


def check_globals(faults, name):
    built = ROOT / "build" / (name[:-1] + "o")
    if not built.is_file():
        return
    listed = subprocess.run(["objdump", "-t", built], check=True, capture_output=True, text=True).stdout
    for symbol in SYMBOL.findall(listed):
        if not symbol.startswith(".") and (name, symbol) not in WRITABLE:
            faults.add(name, "no global that changes", symbol)


def stems(name):
    """foo_bar.c may export foo_bar_* and, as a part of foo, foo_*."""
    words = pathlib.PurePath(name).stem.split("_")
    return ["_".join(words[:n]) for n in range(len(words), 0, -1)]


def main():
    faults = Faults("names")
    declared = {h: set(re.findall(r"\b(\w+)\s*[(,;]", read(h))) for h in files(".h")}
    everywhere = set().union(*declared.values()) if declared else set()
    table = ROOT / "idp/io/vault_ops.table"
    if table.is_file():  # the handlers' prototypes are generated from it
        everywhere |= {f"op_{name}" for name in re.findall(r"^op (\w+)", table.read_text(encoding="utf-8"), re.M)}
    sources = [n for n in files(".c") if not n.startswith(("tests/", "deploy/"))]
    for name in sources:
        check_globals(faults, name)
        folder = pathlib.PurePath(name).parent
        own = set().union(*(declared.get(str(folder / f"{stem}.h"), set()) for stem in stems(name)))
        for function in functions(read(name)):
            if function.static or function.name == "main":
                continue
            place = f"{name}:{function.line}"
            if not any(function.name == s or function.name.startswith(s + "_") for s in stems(name)):
                if function.name not in own:
                    faults.add(place, f"static, or a name that begins with {stems(name)[0]}_", function.name)
            if function.name not in everywhere:
                faults.add(place, "static, or a prototype in a header", function.name)
    faults.end(len(sources))


main()
