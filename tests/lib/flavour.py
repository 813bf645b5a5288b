# SPDX-License-Identifier: Apache-2.0
"""Which build of the program is tested."""
import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("PRATU_BIN") or ROOT / "build/pratu").parent
SANITIZED = BUILD.name in ("asan", "tsan")  # slower, and its memory says nothing
SLACK = 10 if SANITIZED else 1  # for limits that hold where nothing else runs
