#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turn files into C at build time.

  embed.py queries ROLE OUT_PREFIX FILE.sql...   struct query q_<role>_<name>
  embed.py files   NAME OUT_PREFIX FILE...       struct embedded_file <name>_files[], ended by a NULL name;
                                                 style sheets also in gzip's format, as <name>_packed[]
  embed.py texts   NAME OUT_PREFIX FILE.json...  struct embedded_text <name>_<lang>[] and <name>_<lang>_n
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


def header_list(sql, key, path):
    found = re.findall(rf"^-- {key}:[ \t]*(.*)$", sql, re.M)
    if not found:
        sys.exit(f"{path}: expected a line '-- {key}: ...' (a list, or none)")
    items = [x.strip() for line in found for x in line.split(",") if x.strip()]
    return [] if items == ["none"] else items


def queries(role, prefix, files):
    c = [f'#include "{os.path.basename(prefix)}.h"\n']
    h = ["#pragma once", '#include "idp/io/db.h"']
    for path in files:
        name = os.path.splitext(os.path.basename(path))[0]
        sql = open(path, encoding="utf-8").read()
        params, columns = header_list(sql, "params", path), header_list(sql, "returns", path)
        body = "\n".join(l for l in sql.splitlines() if not l.startswith("--"))
        ident = f"q_{role}_{name}"
        types = "".join(f'"{p}", ' for p in params) + "NULL"
        c.append(f"static const char *const {ident}_params[] = {{{types}}};")
        c.append(f'const struct query {ident} = {{"{role}/{name}",\n{c_string(body)},\n'
                 f"\t{ident}_params, {len(params)}, {len(columns)}}};\n")
        h.append(f"extern const struct query {ident};")
    write(prefix, h, c)


def files(name, prefix, paths):
    h = ["#pragma once", '#include "idp/base/embedded.h"',
         f"extern const struct embedded_file {name}_files[]; /* ended by a NULL name */"]
    c = [f'#include "{os.path.basename(prefix)}.h"\n', f"const struct embedded_file {name}_files[] = {{"]
    packed = []
    for path in paths:
        text = open(path, encoding="utf-8").read()
        text = smaller_style(text) if path.endswith(".css") else text
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


def smaller_style(text):
    """Without comments, and without blanks where none is needed. Texts in quotes hold no two blanks in a row."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r" ?([{};,]) ?", r"\1", text)
    return re.sub(r"(?<=[a-z-]): (?=[^{}]*[;}])", ":", text).replace(";}", "}").strip() + "\n"


def c_bytes(data):
    return "\n".join('\t"' + "".join(f"\\{b:03o}" for b in data[i:i + 24]) + '"' for i in range(0, len(data), 24))


def texts(name, prefix, paths):
    """One flat object of texts a language; all languages must hold the same keys."""
    def once(pairs):
        keys = [k for k, _ in pairs]
        double = sorted({k for k in keys if keys.count(k) > 1})
        if double:
            sys.exit(f"{path}: given twice: {', '.join(double)}")
        return dict(pairs)

    h = ["#pragma once", '#include "idp/base/embedded.h"']
    c = [f'#include "{os.path.basename(prefix)}.h"\n']
    first = None
    for path in paths:
        lang = os.path.splitext(os.path.basename(path))[0]
        with open(path, encoding="utf-8") as f:
            found = json.load(f, object_pairs_hook=once)
        wrong = [k for k, v in found.items() if not isinstance(v, str) or not v.strip()]
        if wrong:
            sys.exit(f"{path}: expected a text: {', '.join(wrong)}")
        first = first or (path, set(found))
        odd = sorted(first[1] ^ set(found))
        if odd:
            sys.exit(f"{path} and {first[0]}: in one of them only: {', '.join(odd)}")
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
    if len(sys.argv) < 4 or sys.argv[1] not in ("queries", "files", "texts"):
        sys.exit(__doc__)
    {"queries": queries, "files": files, "texts": texts}[sys.argv[1]](sys.argv[2], sys.argv[3], sys.argv[4:])
