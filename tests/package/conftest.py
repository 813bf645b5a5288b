# SPDX-License-Identifier: Apache-2.0
"""The Debian package, built once; a minimal Debian of the same release to install it in, made once and kept in build/."""
import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
from contextlib import contextmanager

import pytest
from lib.instance import ROOT
from lib.isolated import CAN_INSTALL, left_out

CHECK = pathlib.Path(os.environ.get("PRATU_CHECK_DIR", "build/check/package")).resolve()

if not CAN_INSTALL:
    left_out("installation, upgrade and purge of the package, a sign-in from it through nginx")


def run(*words, **options):
    """A command that must succeed; what it printed."""
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, stdin=subprocess.DEVNULL, **options)
    assert done.returncode == 0, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


@contextmanager
def alone(name):
    """Two runs of these tests at once do not make the same thing."""
    (ROOT / "build").mkdir(exist_ok=True)
    with open(ROOT / "build" / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def deb(tmp_path_factory):
    """Of the plain build, whichever flavour of the program the other tests run."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    place = tmp_path_factory.mktemp("package")
    with alone("deb"):
        run("make", "-s", "-C", ROOT, "deb", env=env)
        for one in (ROOT / "build" / "deb").glob("*.deb"):
            shutil.copy(one, place)
    (one,) = place.glob("pratu_*.deb")
    return one


def debian_sources():
    """Where this machine has Debian's packages from, as lines of a sources.list; and how it gets there."""
    form = "$(ORIGIN)|deb $(REPO_URI) $(RELEASE) $(COMPONENT)"
    told = run("apt-get", "indextargets", "--format", form, "Created-By: Packages").splitlines()
    lines = sorted({line.removeprefix("Debian|") for line in told if line.startswith("Debian|")})
    proxies = [line for line in run("apt-config", "dump").splitlines() if line.startswith("Acquire::http") and "Proxy" in line]
    return "\n".join(lines) + "\n", [f"--aptopt={line}" for line in proxies]


@pytest.fixture(scope="session")
def base(deb):
    """A Debian with nothing but what every Debian has, and what the package depends on: made by mmdebstrap with this
    machine's package sources, and kept for the next run."""
    depends = run("dpkg-deb", "-f", deb, "Depends")
    release = run("sh", "-c", ". /etc/os-release && echo $VERSION_CODENAME").strip()
    wanted = [[one.split("(")[0].strip() for one in d.split("|")] for d in depends.split(",")]
    names = ["systemd-standalone-sysusers" if "systemd" in one else one[0] for one in wanted]
    place = ROOT / "build" / "package-base" / hashlib.sha256(f"{release} {depends}".encode()).hexdigest()[:16]
    with alone("package-base"):
        if not (place / "made").exists():
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir(parents=True)
            sources, options = debian_sources()
            (place / "sources.list").write_text(sources)
            run("mmdebstrap", "--mode=root", "--variant=apt", f"--include={','.join(names)}", *options, release, place / "root",
                place / "sources.list")  # fmt: skip
            (place / "made").touch()
    return place / "root"
