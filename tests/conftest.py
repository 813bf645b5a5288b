# SPDX-License-Identifier: Apache-2.0
"""For every folder: a test that fails shows the ends of the logs that were written meanwhile."""
import pytest
from lib import logs


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if call.when == "setup":
        item.began = call.start
    if report.failed and hasattr(report.longrepr, "addsection"):
        for path, text in logs.tails(item.began):
            report.longrepr.addsection(f"end of {path}", text)
    return report
