# SPDX-License-Identifier: Apache-2.0
"""tests/guards.tsv as rows: read by the check of this folder and by tests/mutants, which runs the mutations."""
import pathlib
from dataclasses import dataclass

TABLE = "tests/guards.tsv"
CELLS = ("id", "guards", "file", "text", "replacement", "test")
ESCAPES = {"t": "\t", "n": "\n", "\\": "\\"}


@dataclass(frozen=True)
class Row:
    """A guard: `text`, found once in `file`, is what guards; with `replacement` in its place `test` must fail."""

    line: int
    id: str
    guards: str
    file: str
    text: str
    replacement: str
    test: str  # tests/unit/x.c:name, tests/pg/test_x.py:name, or a script of tests/structure

    @property
    def test_file(self):
        return self.test.partition(":")[0]

    @property
    def test_name(self):
        return self.test.partition(":")[2]

    def mutated(self, source):
        """The file's content with the guard gone. ValueError: the text is not there exactly once."""
        n = source.count(self.text)
        if n != 1:
            raise ValueError(f"the text is found {n} times in {self.file}")
        return source.replace(self.text, self.replacement)


def unescape(cell):
    r"""\t, \n and \\ are a tab, a newline and a backslash. ValueError: another letter after a backslash."""
    out, at = [], 0
    while at < len(cell):
        if cell[at] == "\\":
            at += 1
            if cell[at : at + 1] not in ESCAPES:
                raise ValueError("a backslash is followed by t, n or another backslash")
            out.append(ESCAPES[cell[at]])
        else:
            out.append(cell[at])
        at += 1
    return "".join(out)


def parse(number, line):
    """One line of the table. ValueError says what is wrong with it."""
    cells = line.split("\t")
    if len(cells) != len(CELLS) or not all(cell.strip() for cell in cells):
        raise ValueError(f"not {len(CELLS)} cells separated by tabs: {', '.join(CELLS)}")
    values = dict(zip(CELLS, cells))
    for name in CELLS:
        values[name] = unescape(values[name]) if name in ("text", "replacement") else values[name].strip()
    return Row(line=number, **values)


def lines(root):
    """(line number, line) of every row; what begins with # is a heading."""
    path = pathlib.Path(root, TABLE)
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    return [(n, line) for n, line in enumerate(text.splitlines(), 1) if line and not line.startswith("#")]
