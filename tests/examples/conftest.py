# SPDX-License-Identifier: Apache-2.0
"""One Pratu and one Chromium for all examples of a unit; the demo's own agencies are not needed."""
import shutil

import pytest
from acceptance.conftest import CHECK, browser, chromium, playwright  # noqa: F401
from lib.stack import Stack


@pytest.fixture(scope="session")
def stack():
    shutil.rmtree(CHECK / "demo", ignore_errors=True)
    with Stack(CHECK / "demo", agencies=False) as one:
        yield one
