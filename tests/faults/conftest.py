# SPDX-License-Identifier: Apache-2.0
"""A stack whose processes are killed."""
import os
import pathlib
import shutil

import pytest
from crowd import CLIENT, SIGN_INS, citizens
from lib.processes import Processes
from lib.stack import Stack

CHECK = pathlib.Path(os.environ.get("PRATU_CHECK_DIR", "build/check/faults")).resolve()


@pytest.fixture(scope="module")
def stack():
    shutil.rmtree(CHECK / "demo", ignore_errors=True)
    with Stack(CHECK / "demo", agencies=False) as one:
        yield one


@pytest.fixture(scope="module")
def people(stack):
    made = citizens(SIGN_INS)
    stack.apply({"clients": [CLIENT], "citizens": made})
    return made


@pytest.fixture(scope="module")
def processes(stack):
    return Processes(stack)
