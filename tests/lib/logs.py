# SPDX-License-Identifier: Apache-2.0
"""Logs of what a test runs, for the report of a test that fails (tests/conftest.py)."""
import pathlib
import re

ORDINARY = re.compile(r'"what":"http.request".*"status":[123]')  # answers that went well
TAIL_LINES = 25
known = []


def watch(path):
    """A log file, there already or not yet, that tells why a test fails."""
    path = pathlib.Path(path)
    if path not in known:
        known.append(path)


def tails(since: float):
    """(path, its last lines, but for answers that went well) of each log that was written to since then."""
    for path in known:
        try:
            if path.stat().st_mtime >= since:
                lines = path.read_text(errors="replace").splitlines()
                yield path, "\n".join([line for line in lines if not ORDINARY.search(line)][-TAIL_LINES:])
        except OSError:
            pass
