#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The pages' texts: every language has the same keys, none twice, none empty, with the same {slots}."""
import json
import re

from tree import Faults, files, read

FOLDER = "idp/web/text/"


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


def main():
    faults = Faults("texts")
    names = [n for n in files(".json") if n.startswith(FOLDER)]
    languages = {name: pairs_of(faults, name) for name in names}
    everything = set().union(*languages.values()) if languages else set()
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
        faults.add(FOLDER, "at least two languages", names)
    faults.end(len(everything))


main()
