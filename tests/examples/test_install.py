# SPDX-License-Identifier: Apache-2.0
"""Debian's packages of a language are asked for only where its tools are not there from elsewhere."""
import os
import shutil
import subprocess

from prepare import ROOT

TOOLS = {"node": "nodejs", "npm": "npm", "go": "golang-go", "javac": "openjdk-17-jdk-headless", "mvn": "maven"}


def wanted(path):
    done = subprocess.run(
        ["/bin/bash", ROOT / "deploy/install-packages", "-n", "check"], env={**os.environ, "PATH": str(path)},
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return set(done.stdout.split())


def test_a_tool_that_is_on_the_path_is_not_installed(tmp_path):
    (tmp_path / "dirname").symlink_to(shutil.which("dirname"))
    assert set(TOOLS.values()) | {"git", "nginx"} <= wanted(tmp_path), "bare Debian has none of them"
    (tmp_path / "node").symlink_to("/bin/true")
    assert set(TOOLS.values()) & wanted(tmp_path) == set(TOOLS.values()) - {"nodejs"}
    for tool in TOOLS.keys() - {"node"}:
        (tmp_path / tool).symlink_to("/bin/true")
    assert not set(TOOLS.values()) & wanted(tmp_path)
    assert "git" in wanted(tmp_path)
