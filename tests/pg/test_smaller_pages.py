# SPDX-License-Identifier: Apache-2.0
"""What the build leaves out of pages and of the style sheet, and what it keeps."""
import re
import sys

import pytest
from lib.instance import ROOT

sys.path.insert(0, str(ROOT / "deploy" / "build"))
from embed import smaller_page, smaller_style  # noqa: E402

PAGES = sorted(p for role in ("page", "web") for p in (ROOT / "idp" / role / "pages").glob("*.html"))


def test_line_breaks_beside_blocks_are_left_out():
    page = "<section>\n<h1>a</h1>\n<p>b\nc <b>d</b>\n<i>e</i></p>\n{{#x}}<p>f</p>{{/x}}\n{{>g}}\n</section>\n"
    assert smaller_page(page) == "<section><h1>a</h1><p>b\nc <b>d</b>\n<i>e</i></p>{{#x}}<p>f</p>{{/x}}{{>g}}</section>"


def test_what_is_inline_or_preformatted_stays_apart():
    for text in ("<a>b</a>\n<a>c</a>", "<pre>a\nb\n  c</pre>", "{{#x}}a{{/x}}\n{{#y}}b{{/y}}", "<button>a</button>\n<span>b</span>"):
        assert smaller_page(text) == text


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.name)
def test_nothing_but_line_breaks_is_left_out(path):
    text = path.read_text(encoding="utf-8")
    assert smaller_page(text).replace("\n", "") == text.replace("\n", "")


def test_a_style_sheet_means_the_same():
    sheet = "/* c */\n:root {\n\t--ink: #000;\n\t--in: 0.5rem;\n}\na > b + .c:hover {\n\tcolor: var(--ink);\n\tmargin: 10.5px 0.25rem 0 var(--in);\n}\n"
    assert smaller_style(sheet) == ":root{--b:#000;--a:.5rem}a>b+.c:hover{color:var(--b);margin:10.5px .25rem 0 var(--a)}\n"


def test_each_custom_property_keeps_a_name_of_its_own():
    sheet = (ROOT / "idp" / "page" / "pages" / "style.css").read_text(encoding="utf-8")
    long, short = (re.findall(r"--[a-z-]+", text) for text in (sheet, smaller_style(sheet)))
    assert len(long) == len(short) and len(set(zip(long, short))) == len(set(long)) == len(set(short)) <= 26
