#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The pages' texts: in each folder every language has the same keys, none twice, none empty, with the same {slots};
no key stands in two folders, and the shared pages use shared texts alone, for a role may come without the others."""
import json
import pathlib
import re

from tree import Faults, files, read

SHARED = "idp/page"


def pairs_of(faults, name):
    def unique(pairs):
        seen = {}
        for key, value in pairs:
            if key in seen:
                faults.add(name, "each key once", key)
            seen[key] = value
        return seen

    return json.loads(read(name), object_pairs_hook=unique)


def slots(text):
    return sorted(set(re.findall(r"\{(\w+)\}", text)))


def check_folder(faults, folder, names):
    languages = {name: pairs_of(faults, name) for name in names}
    everything = set().union(*languages.values())
    for name, texts in languages.items():
        for key in sorted(everything - set(texts)):
            faults.add(name, f"a text for {key}", "none")
        for key, text in texts.items():
            if not isinstance(text, str) or not text.strip():
                faults.add(f"{name}: {key}", "a text", repr(text))
                continue
            for other, there in languages.items():
                if isinstance(there.get(key), str) and slots(there[key]) != slots(text):
                    faults.add(f"{name}: {key}", f"the slots {slots(there[key])} of {other}", slots(text))
    if len(names) < 2:
        faults.add(folder, "at least two languages", names)
    return everything


def check_shared(faults, keys):
    for name in files(".html"):
        if name.startswith(f"{SHARED}/pages/"):
            for key in sorted(set(re.findall(r"\{\{t:([^@}]+)\}\}", read(name))) - keys):
                faults.add(name, f"only texts of {SHARED}", key)


def main():
    faults = Faults("texts")
    folders = {}
    for name in files(".json"):
        path = pathlib.PurePath(name)
        if path.match("idp/*/text/*.json"):
            folders.setdefault(str(path.parent.parent), []).append(name)
    seen = {}
    for folder, names in folders.items():
        for key in check_folder(faults, folder, names):
            if key in seen:
                faults.add(folder, f"{key} only in {seen[key]}", "it here too")
            seen[key] = folder
    check_shared(faults, {key for key, folder in seen.items() if folder == SHARED})
    faults.end(len(seen))


main()
