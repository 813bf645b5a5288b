#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A check that cannot fail is worthless: each structure check is shown a small tree that breaks its rule and must say
so, and one that keeps it and must be content."""
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
SPDX_C = "/* SPDX-License-Identifier: Apache-2.0 */\n"
SPDX = "# SPDX-License-Identifier: Apache-2.0\n"
GOOD_C = SPDX_C + '#include "idp/base/a.h"\n\nint a_one(void)\n{\n\treturn 1;\n}\n'
GOOD_H = SPDX_C + "int a_one(void);\n"
OP_SIGN = SPDX_C + "int op_sign(void)\n{\n\treturn 1;\n}\n"
GOOD = {"idp/base/a.c": GOOD_C, "idp/base/a.h": GOOD_H}


def c(body):
    return {**GOOD, "idp/base/a.c": GOOD_C + body}


def include(path, header):
    return {**GOOD, path: SPDX_C + f"#include {header}\n"}


def long_function(lines):
    short = "static void a_short(void)\n{\n}\n" * 40  # so that the median and the 95th percentile stay small
    return c(short + "static void a_long(void)\n{\n" + "\t;\n" * (lines - 3) + "}\n")


TEST_C = SPDX_C + (
    "static void it_holds(void **state)\n{\n}\nint main(void)\n{\n\tcmocka_unit_test(it_holds);\n}\n"
    "static void not_run(void **state)\n{\n}\n"
)
ROW = "RFC 6749 s3.1\tno repeats\ttests/unit/a.c:"


def spec(row, cited="RFC 6749"):
    return {"tests/spec.tsv": row, "tests/unit/a.c": TEST_C, "oidc/a.h": SPDX_C + f"/* {cited} s1 */\n"}


def guards(*rows, n=60):
    """A table of n good rows and of some more."""
    good = [f"g{i}\twhat\toidc/a.c\tguard{i:02}\tnothing\ttests/unit/a.c:it_holds" for i in range(n)]
    source = SPDX_C + "".join(f"/* guard{i:02} */\n" for i in range(n)) + "twice twice\n"
    table = "# a heading\n" + "\n".join([*good, *rows]) + "\n"
    return {"tests/guards.tsv": table, "tests/unit/a.c": TEST_C, "oidc/a.c": source}


def guard(text="guard00", replacement="nothing", test="tests/unit/a.c:it_holds", **other):
    return "\t".join([other.get("id", "mine"), "what", other.get("file", "oidc/a.c"), text, replacement, test])


def example(lines=1, listed="a", tested="a"):
    """An example of so many lines, with its row and its test."""
    return {
        "examples/a/app.py": SPDX + "import os\n" + "x = 1\n" * lines,
        "examples/a/README.md": "# A\n",
        "examples/README.md": f"| [{listed}]({listed}) | it |\n",
        "tests/examples/test_a.py": SPDX + f'Example(stack, "{tested}")\n',
    }


def texts(th, en):
    return {"idp/web/text/th.json": th, "idp/web/text/en.json": en}


def shared(key, page):
    both = {f"idp/page/text/{lang}.json": f'{{"{key}": "x"}}' for lang in ("th", "en")}
    return {**both, "idp/page/pages/a.html": page}


def makefile(*names):
    return {**GOOD, "Makefile": SPDX + f"sources:\n\t@echo {' '.join(names)}\n"}


def header(body):
    return {"idp/base/a.h": SPDX_C + "#define A 1 /* a value */\n" + body}


# check, what is wrong (None: nothing), the tree
CASES = [
    ("layers", None, {**GOOD, "oidc/b.c": SPDX_C + '#include "idp/base/a.h"\n#include <string.h>\n'}),
    ("layers", "only idp/base/ and what lies below", include("idp/base/b.c", '"oidc/x.h"') | {"oidc/x.h": SPDX_C}),
    ("layers", "only oidc/ and what lies below", include("oidc/b.c", '"otp/x.h"') | {"otp/x.h": SPDX_C}),
    ("layers", "only idp/web/ and what", include("idp/web/b.c", '"idp/vault/x.h"') | {"idp/vault/x.h": SPDX_C}),
    ("layers", "a header's path from the root", include("oidc/b.c", '"b.h"')),
    ("layers", "<libpq-fe.h> only in", include("idp/web/b.c", "<libpq-fe.h>")),
    ("layers", "<cjose/cjose.h> only in", include("oidc/b.c", "<cjose/cjose.h>")),
    ("layers", "vault_handlers.h only in", include("idp/web/b.c", '"vault_handlers.h"')),
    ("layers", None, include("idp/web/b.c", '"vault_table.h"')),
    ("layers", "vault_table.h only in idp/io and above", include("oidc/b.c", '"vault_table.h"')),
    ("layers", "queries_vault.h only in", include("idp/web/b.c", '"queries_vault.h"')),
    ("layers", "a pure file", include("otp/b.c", "<time.h>")),
    ("layers", "a pure file", {**GOOD, "otp/b.c": SPDX_C + "int b(void)\n{\n\treturn time(0);\n}\n"}),
    ("layers", None, {**include("idp/web/b.c", '"idp/page/a.h"'), "idp/page/a.h": GOOD_H}),
    ("layers", "only idp/page/", {**include("idp/page/b.c", '"idp/web/a.h"'), "idp/web/a.h": GOOD_H}),
    ("layers", "a folder that has a layer", {"elsewhere/a.c": SPDX_C}),
    ("sizes", None, long_function(80)),
    ("sizes", "at most 80 lines in a_long, got 81", long_function(81)),
    ("sizes", "at most 400 lines", {"idp/base/a.c": GOOD_C + "\n" * 394}),
    ("sizes", "at most 5 parameters", c("void f(int a, int b, int c, int d, int e, int f)\n{\n}\n")),
    ("sizes", None, c("void f(int a, int b, int c, int d, int (*e)(int, int))\n{\n}\n")),
    ("sizes", "at most 3 levels", c("void f(void)\n{\n{\n{\n{\n{\n}\n}\n}\n}\n}\n")),
    ("sizes", "at most 100 columns", c("/* " + "x" * 100 + " */\n")),
    ("sizes", "Makefile:2: expected at most 100 columns", {**GOOD, "Makefile": SPDX + "# " + "x" * 99 + "\n"}),
    ("sizes", "a median of at most 20", {"idp/base/a.c": SPDX_C + "int f(void)\n{\n" + "\t;\n" * 20 + "}\n"}),
    ("lists", None, makefile("idp/base/a.c")),
    ("lists", "idp/base/a.c: expected once in the Makefile's lists, got 0", makefile()),
    ("lists", "idp/base/a.c: expected once in the Makefile's lists, got 2", makefile("idp/base/a.c", "idp/base/a.c")),
    ("lists", "files that are there, got otp/gone.c", makefile("idp/base/a.c", "otp/gone.c")),
    ("lists", "idp/base/a.c before idp/base/b.c", makefile("idp/base/b.c", "idp/base/a.c")),
    ("names", None, GOOD),
    ("names", "a name that begins with a_", c("int b_two(void)\n{\n\treturn 2;\n}\n")),
    ("names", "a prototype in a header", c("int a_two(void)\n{\n\treturn 2;\n}\n")),
    ("names", None, {**GOOD, "idp/io/vault_ops.table": SPDX + "op sign  callers web\n", "idp/vault/op_sign.c": OP_SIGN}),
    ("names", "a prototype in a header", {**GOOD, "idp/vault/op_sign.c": OP_SIGN}),
    ("prototypes", None, header("/* One. */\nint a_one(void);\nbool a_two(int (*f)(int),\n\tint b);\nint a_three(void);\n")),
    ("prototypes", None, header("/* One. */\nint a_one(void);\ntypedef int a_call(int);\nROWS(A)\nstruct a {\n\tint (*f)(void);\n};\n")),
    ("prototypes", "a comment directly above a_one, got none", GOOD),
    ("prototypes", "a comment directly above a_one, got none", header("int a_one(void);\n")),
    ("prototypes", "a comment directly above a_two, got none", header("/* One. */\nint a_one(void);\n\nint a_two(void);\n")),
    ("prototypes", "a comment directly above a_two, got none", header("/* A. */\nstruct a {\n\tint x;\n};\nint a_two(void);\n")),
    ("prototypes", "a comment directly above a_in, got none", header("static inline int a_in(void)\n{\n\treturn 1;\n}\n")),
    ("format", None, GOOD),
    ("format", "the layout of .clang-format", c("static int  x ;\n")),
    ("spec", None, spec(ROW + "it_holds\n")),
    ("spec", "a test in tests/unit/a.c, got it_does_not", spec(ROW + "it_does_not\n")),
    ("spec", "a test in tests/unit/a.c, got not_run", spec(ROW + "not_run\n")),
    ("spec", "an existing test file", spec("RFC 6749\tx\ttests/unit/b.c:it_holds\n")),
    ("spec", "three cells", spec("RFC 6749 it_holds\n")),
    ("spec", "each row once", spec(2 * (ROW + "it_holds\n"))),
    ("spec", "for what is cited, got RFC 7636", spec(ROW + "it_holds\n", "RFC 7636")),
    ("examples", None, example(60)),
    ("examples", "1 to 60 lines of code", example(61)),
    ("examples", None, {**example(), "examples/a/b.json": "http://localhost:9010/ https://localhost:8443\n"}),
    ("examples", "one port", {**example(), "examples/a/b.json": "http://localhost:9010/ http://localhost:9011\n"}),
    ("examples", "a README.md", {k: v for k, v in example().items() if k != "examples/a/README.md"}),
    ("examples", "examples/README.md: expected each once", example(listed="b")),
    ("examples", "tests/examples: expected each once", example(tested="b")),
    ("examples", "packages by version and hash", {**example(), "examples/a/package-lock.json": '{"resolved": "x"}\n'}),
    ("guards", None, guards(guard())),
    ("guards", None, guards(guard(text="guard00 */\\n/* guard01", test="tests/structure/x.py")) | {"tests/structure/x.py": SPDX}),
    ("guards", "at least 60 guards, got 59", guards(n=59)),
    ("guards", "'gone' once in oidc/a.c, got 0 times", guards(guard(text="gone"))),
    ("guards", "'twice' once in oidc/a.c, got 2 times", guards(guard(text="twice"))),
    ("guards", "each id once, got g7", guards(guard(id="g7"))),
    ("guards", "an id of small letters", guards(guard(id="It_is"))),
    ("guards", "a replacement that differs", guards(guard(replacement="guard00"))),
    ("guards", "an existing file, got oidc/b.c", guards(guard(file="oidc/b.c"))),
    ("guards", "a test in tests/unit/a.c, got not_run", guards(guard(test="tests/unit/a.c:not_run"))),
    ("guards", "a test in tests/unit/a.c, got none", guards(guard(test="tests/unit/a.c"))),
    ("guards", "an existing test file, got tests/unit/b.c", guards(guard(test="tests/unit/b.c:it_holds"))),
    ("guards", "not 6 cells", guards("mine what")),
    ("guards", "a backslash is followed by", guards(guard(text="guard00\\x"))),
    ("texts", None, texts('{"a": "ก {n}"}', '{"a": "x {n}"}')),
    ("texts", "a text for b, got none", texts('{"a": "ก"}', '{"a": "x", "b": "y"}')),
    ("texts", "a text, got ' '", texts('{"a": " "}', '{"a": "x"}')),
    ("texts", "the slots ['n']", texts('{"a": "ก"}', '{"a": "x {n}"}')),
    ("texts", "each key once", texts('{"a": "ก", "a": "ข"}', '{"a": "x"}')),
    ("texts", None, {**texts('{"a": "ก"}', '{"a": "x"}'), **shared("b", "{{t:b}}{{t:@k}}")}),
    ("texts", "a only in idp/page", {**texts('{"a": "ก"}', '{"a": "x"}'), **shared("a", "")}),
    ("texts", "only texts of idp/page, got a", {**texts('{"a": "ก"}', '{"a": "x"}'), **shared("b", "{{t:a}}")}),
    ("texts", "at least two languages", {"idp/web/text/th.json": '{"a": "ก"}'}),
    ("words", None, GOOD),
    ("words", "a path that every machine has", c("/* /ro" + "ot/x */\n")),
    ("words", "a finished piece of work", c("/* TO" + "DO */\n")),
    ("words", "no goto", c("void f(void)\n{\n\tgo" + "to x;\n}\n")),
    ("words", "one line SPDX", {"a.c": "int x;\n"}),
    ("words", "a newline at the end", {"a.c": SPDX_C + "int x;"}),
    ("scripts", "an executable file", {"a": "#!/bin/sh\n" + SPDX}),
    ("scripts", "Python", {"a.py": SPDX + "def f(:\n"}),
]


def main():
    bad = 0
    for check, fault, tree in CASES:
        with tempfile.TemporaryDirectory() as folder:
            for name, text in tree.items():
                path = pathlib.Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            pathlib.Path(folder, ".clang-format").write_text((HERE.parent.parent / ".clang-format").read_text())
            done = subprocess.run([HERE / f"{check}.py", folder], capture_output=True, text=True)
        right = done.returncode == (1 if fault else 0) and (fault or "") in done.stdout and not done.stderr
        if not right:
            bad += 1
            print(f"{check}: expected {fault or 'no fault'}, got {done.returncode}: {done.stdout}{done.stderr}")
    print(f"prove: {len(CASES)} cases, {bad} faults")
    sys.exit(1 if bad else 0)


main()
