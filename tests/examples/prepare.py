# SPDX-License-Identifier: Apache-2.0
"""What an example needs before it runs, each by its language's own tool, as its README says. Everything lies in
build/examples and stays there: a second run finds it and asks no network. Test processes that run side by side share it."""
import contextlib
import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = ROOT / "examples"
MADE = ROOT / "build" / "examples"
PREPARE_S = 1500


def tool(*words, cwd=None, **env):
    done = subprocess.run(
        [str(w) for w in words], cwd=cwd, env={**os.environ, **{k: str(v) for k, v in env.items()}}, timeout=PREPARE_S,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert done.returncode == 0, f"{words}: {done.returncode}\n{done.stdout[-4000:]}"
    return done.stdout


def files(name):
    """What an example is made of; not what a reader has made there by following its README."""
    made = {"node_modules", "target", "venv", "key.json", "client.json", "README.md", "__pycache__"}
    return [path for path in (SOURCES / name).rglob("*") if path.is_file() and not made & set(path.parts)]


def copy(name, place):
    for path in files(name):
        to = place / path.relative_to(SOURCES / name)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, to)


@contextlib.contextmanager
def once(name, *sources):
    """Gives a directory to make something in, and whether it is to be made: None where it is there, of these very files."""
    place = MADE / name
    MADE.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256(str(place).encode())
    for path in sorted(sources):
        digest.update(str(path).encode() + path.read_bytes())
    stamp = MADE / f"{name}.stamp"
    with open(MADE / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text() == digest.hexdigest():
            yield None
            return
        stamp.unlink(missing_ok=True)
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        yield place
        stamp.write_text(digest.hexdigest())


def python():
    """One virtual environment for all examples in Python; its interpreter."""
    wanted = sorted(SOURCES.glob("*/requirements.txt"))
    with once("python", *wanted) as place:
        if place:
            tool("/usr/bin/python3", "-m", "venv", place)
            tool(place / "bin/pip", "install", "-q", "--no-input", *[word for path in wanted for word in ("-r", path)])
    return MADE / "python/bin/python"


def node(name):
    """A copy of the folder with its packages beside it, as `npm ci` puts them."""
    with once(name, *files(name)) as place:
        if place:
            copy(name, place)
            tool("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--cache", MADE / "npm", cwd=place)
    return MADE / name


def go(name):
    """Its program. What the module proxy gave stays in build/examples too."""
    with once(name, *files(name)) as place:
        if place:
            env = {"GOMODCACHE": MADE / "gomod", "GOCACHE": MADE / "gocache", "GOFLAGS": "-buildvcs=false -modcacherw"}
            tool("go", "build", "-o", place / "agency", ".", cwd=SOURCES / name, **env)
    return MADE / name / "agency"


def maven(name):
    """Its runnable archive."""
    with once(name, *files(name)) as place:
        if place:
            copy(name, place)
            tool("mvn", "-q", "-B", f"-Dmaven.repo.local={MADE / 'maven'}", "package", cwd=place)
    [jar] = (MADE / name / "target").glob("*.jar")
    return jar
