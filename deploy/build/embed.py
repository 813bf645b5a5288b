#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turn files into C at build time.

  embed.py files   NAME OUT_PREFIX FILE...       struct embedded_file <name>_files[], ended by a NULL name;
                                                 style sheets also in gzip's format, as <name>_packed[]
  embed.py texts   NAME OUT_PREFIX FILE.json...  struct embedded_text <name>_<lang>[] and <name>_<lang>_n

Files may come from several folders: no name twice, and the texts of <lang>.json make one table with no key twice.
"""
import gzip
import hashlib
import json
import os
import re
import sys


def c_string(text):
    out = []
    for line in text.splitlines(keepends=True):
        body = "".join(
            c if c not in '"\\\n\t' and 32 <= ord(c) < 127
            else {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}.get(c)
            or "".join(f"\\{b:03o}" for b in c.encode())
            for c in line)
        out.append(f'\t"{body}"')
    return "\n".join(out) or '\t""'


def files(name, prefix, paths):
    h = ["#pragma once", '#include "idp/base/embedded.h"',
         f"extern const struct embedded_file {name}_files[]; /* ended by a NULL name */"]
    c = [f'#include "{os.path.basename(prefix)}.h"\n', f"const struct embedded_file {name}_files[] = {{"]
    refuse_double([os.path.basename(p) for p in paths], ", ".join(sorted({os.path.dirname(p) for p in paths})))
    packed = []
    for path in paths:
        text = open(path, encoding="utf-8").read()
        text = SMALLER.get(os.path.splitext(path)[1], str)(text)
        raw = text.encode()
        tag = hashlib.sha256(raw).hexdigest()[:16]
        c.append(f'\t{{"{os.path.basename(path)}",\n{c_string(text)},\n\t\t{len(raw)}, "{tag}"}},')
        if path.endswith(".css"):
            packed.append((os.path.basename(path), gzip.compress(raw, 9, mtime=0), tag))
    c.append("\t{0, 0, 0, 0},\n};")
    if packed:
        h.append(f"extern const struct embedded_file {name}_packed[]; /* the style sheets of these, in gzip's format */")
        c.append(f"const struct embedded_file {name}_packed[] = {{")
        c += [f'\t{{"{n}",\n{c_bytes(b)},\n\t\t{len(b)}, "{tag}"}},' for n, b, tag in packed]
        c.append("\t{0, 0, 0, 0},\n};")
    write(prefix, h, c)


def refuse_double(names, place):
    double = sorted({n for n in names if names.count(n) > 1})
    if double:
        sys.exit(f"{place}: given twice: {', '.join(double)}")


def smaller_style(text):
    """Without comments, without blanks and zeros where none is needed, and with short names for its custom properties. Texts in quotes
    hold no two blanks in a row, and neither " > " nor " + "."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r" ?([{};,]) ?| ([>+]) ", r"\1\2", text)
    text = re.sub(r"(?<=[a-z-]): (?=[^{}]*[;}])", ":", text).replace(";}", "}").strip() + "\n"
    text = re.sub(r"(?<![\w.%])0\.(?=\d)", ".", text)
    names = sorted(set(re.findall(r"--[a-z-]+", text)), key=lambda name: (-text.count(name), name))
    return re.sub(r"--[a-z-]+", lambda m: f"--{chr(97 + names.index(m[0]))}", text)


# What begins and ends a line of its own on a page: blanks beside it mean nothing.
BLOCKS = ("html head meta link title body header footer main section aside div form p h1 h2 h3 ul li dl dt dd details"
          " summary").replace(" ", "|")


def smaller_page(text):
    """Without line breaks beside blocks. Within a section a break is kept, and so are those of what is pre-formatted."""
    text = re.sub(rf"\n(?=</?(?:{BLOCKS})\b)", "", text)
    return re.sub(rf"(</(?:{BLOCKS})>(?:\{{\{{/\w+\}}\}})*)\n", r"\1", text).rstrip("\n")


SMALLER = {".css": smaller_style, ".html": smaller_page}


def c_bytes(data):
    return "\n".join('\t"' + "".join(f"\\{b:03o}" for b in data[i:i + 24]) + '"' for i in range(0, len(data), 24))


def texts_of(paths):
    """The texts of one language: one flat object a file, no key in two of them."""
    pairs = []
    for path in paths:
        with open(path, encoding="utf-8") as f:
            pairs += json.load(f, object_pairs_hook=lambda found: found)
    refuse_double([k for k, _ in pairs], ", ".join(paths))
    wrong = [k for k, v in pairs if not isinstance(v, str) or not v.strip()]
    if wrong:
        sys.exit(f"{', '.join(paths)}: expected a text: {', '.join(wrong)}")
    return dict(pairs)


def texts(name, prefix, paths):
    """All languages must hold the same keys."""
    by_lang = {}
    for path in paths:
        by_lang.setdefault(os.path.splitext(os.path.basename(path))[0], []).append(path)
    h = ["#pragma once", '#include "idp/base/embedded.h"']
    c = [f'#include "{os.path.basename(prefix)}.h"\n']
    first = None
    for lang, of_lang in by_lang.items():
        found = texts_of(of_lang)
        first = first or (lang, set(found))
        odd = sorted(first[1] ^ set(found))
        if odd:
            sys.exit(f"texts of {lang} and {first[0]}: in one of them only: {', '.join(odd)}")
        h.append(f"extern const struct embedded_text {name}_{lang}[];\n"
                 f"extern const size_t {name}_{lang}_n;")
        c.append(f"const struct embedded_text {name}_{lang}[] = {{")
        for key in sorted(found, key=lambda k: k.encode()):
            c.append(f"\t{{{c_string(key).strip()},\n{c_string(found[key])}}},")
        c.append(f"\t{{0, 0}},\n}};\nconst size_t {name}_{lang}_n = {len(found)};")
    write(prefix, h, c)


def write(prefix, h, c):
    os.makedirs(os.path.dirname(prefix), exist_ok=True)
    for ext, lines in ((".h", h), (".c", c)):
        with open(prefix + ext, "w", encoding="utf-8") as f:
            f.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    if len(sys.argv) < 4 or sys.argv[1] not in ("files", "texts"):
        sys.exit(__doc__)
    {"files": files, "texts": texts}[sys.argv[1]](sys.argv[2], sys.argv[3], sys.argv[4:])
