# SPDX-License-Identifier: Apache-2.0
"""Debian's packages of a language are asked for only where its tools are not there from elsewhere, and none is removed for them."""
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


def test_nothing_that_is_installed_is_removed(tmp_path):
    """exim4 conflicts with every other mail server: apt-get would remove that."""
    every = subprocess.run(
        ["/bin/bash", ROOT / "deploy/install-packages", "-n", "demo"], check=True, capture_output=True, text=True
    ).stdout.split()
    asked = tmp_path / "asked"
    installed = "\n".join(f"installed {name}" for name in every if name != "oathtool")
    for name, text in {
        "dpkg-query": f"cat <<'END'\n{installed}\nEND",
        "apt-cache": "exit 0",
        "apt-get": f'echo "$*" >>{asked}; [ "$2" = update ]',
        "sudo": 'exec "$@"',
    }.items():
        (tmp_path / name).write_text(f"#!/bin/bash\n{text}\n")
        (tmp_path / name).chmod(0o755)
    done = subprocess.run(
        ["/bin/bash", ROOT / "deploy/install-packages", "demo"], env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True, text=True,
    )  # fmt: skip
    installs = [line for line in asked.read_text().splitlines() if " install " in line]
    assert installs and all(" --no-remove " in line and line.endswith(" install oathtool") for line in installs)
    assert done.returncode == 1 and "not installed: oathtool. Other packages are never removed" in done.stderr
