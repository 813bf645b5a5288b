# SPDX-License-Identifier: Apache-2.0
"""One stack and one Chromium for all acceptance tests; a fresh browser profile for each test."""
import os
import pathlib
import shutil
import subprocess

import pytest
from lib.stack import Stack
from playwright.sync_api import sync_playwright

CHECK = pathlib.Path(os.environ.get("PRATU_CHECK_DIR", "build/check/acceptance")).resolve()


@pytest.fixture(scope="session")
def stack():
    shutil.rmtree(CHECK / "demo", ignore_errors=True)
    with Stack(CHECK / "demo") as one:
        yield one


def trust(home: pathlib.Path, ca: pathlib.Path):
    """Let a Chromium with this home trust the demo's CA, as a user would by its settings."""
    # Chromium looks in one or the other, by version.
    for database in (home / ".pki/nssdb", home / ".local/share/pki/nssdb"):
        database.mkdir(parents=True)
        at = f"sql:{database}"
        subprocess.run(["certutil", "-d", at, "-N", "--empty-password"], check=True)
        subprocess.run(["certutil", "-d", at, "-A", "-t", "C,,", "-n", "demo", "-i", ca], check=True)


@pytest.fixture(scope="session")
def playwright():
    with sync_playwright() as one:
        yield one


def launch(playwright, home: pathlib.Path):
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    environment = {k: v for k, v in os.environ.items() if not k.startswith("XDG_")}
    return playwright.chromium.launch(
        executable_path=shutil.which("chromium"), args=arguments, env={**environment, "HOME": str(home)}
    )


@pytest.fixture(scope="session")
def chromium(playwright, stack, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    trust(home, stack.ca)
    browser = launch(playwright, home)
    yield browser
    browser.close()


@pytest.fixture
def browser(chromium):
    """Makes fresh profiles, each like a phone that was never here; all are closed at the end."""
    made = []

    def make(width=1280, locale="th-TH", **options):
        context = chromium.new_context(
            viewport={"width": width, "height": 800}, locale=locale, **options
        )
        context.set_default_timeout(45000)
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()
