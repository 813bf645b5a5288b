# SPDX-License-Identifier: Apache-2.0
"""The table of a run: each row beside its limit of the same run, its aim, and whether that is met."""
import os
import platform
from pathlib import Path

HEAD = ("what", "Pratu", "limit in the same run", "ratio", "aim", "met")
WIDTHS = (46, 44, 40, 7, 16, 3)


def at_least(value: float, aim: float, unit="") -> tuple:
    return f">= {aim:,g}{unit}", value >= aim


def at_most(value: float, aim: float, unit="") -> tuple:
    return f"<= {aim:,g}{unit}", value <= aim


def both(first: tuple, second: tuple) -> tuple:
    return f"{first[0]}, {second[0]}", first[1] and second[1]


class Table:
    def __init__(self):
        self.rows = []

    def add(self, what, figure, limit="", ratio=None, aim=("", None)):
        """aim: its text, and whether it is met (None: there is none)."""
        if not self.rows:
            self.show(HEAD)
        met = {True: "yes", False: "no", None: ""}[None if aim[1] is None else bool(aim[1])]
        row = (what, figure, limit, "" if ratio is None else f"{ratio:.2f}", aim[0], met)
        self.rows.append(row)
        self.show(row)

    def show(self, row):
        print(" ".join(f"{word:<{width}}" for word, width in zip(row, WIDTHS)).rstrip(), flush=True)

    def note(self, text):
        print(f"  ({text})", flush=True)

    def write(self, path: Path):
        lines = [machine(), "", "| " + " | ".join(HEAD) + " |", "|" + "---|" * len(HEAD)]
        lines += ["| " + " | ".join(r) + " |" for r in self.rows]
        path.write_text("\n".join(lines).replace(">=", "≥").replace("<=", "≤").replace("| no |", "| **no** |") + "\n")


def machine() -> str:
    cpu = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), "?")
    load = os.getloadavg()[0]
    return f"{platform.platform()}; {cpu}; {os.cpu_count()} cores; load {load:.1f} when this was written"
