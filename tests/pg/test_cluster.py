# SPDX-License-Identifier: Apache-2.0
"""deploy/pg/cluster: a private PostgreSQL wherever the checkout stands."""
import os
import pathlib
import subprocess
import time

import psycopg
import pytest
from lib.instance import CLUSTER, SUN_PATH

CHECK = pathlib.Path(os.environ.get("PRATU_CHECK_DIR", "build/check/pg")).resolve()


def run(command, directory, status=0):
    done = subprocess.run([CLUSTER, command, directory], capture_output=True, text=True)
    assert done.returncode == status, done.stderr
    return done.stdout.strip()


@pytest.fixture
def directory(request):
    """Where the test wants it; all of it is gone afterwards."""
    path = CHECK / request.param
    path.parent.mkdir(parents=True, exist_ok=True)
    run("remove", path)
    yield path
    run("remove", path)
    assert not path.exists()


def setting(place, name):
    with psycopg.connect(host=place, user="postgres", dbname="pratu") as db:
        return db.execute(f"SHOW {name}").fetchone()[0]


@pytest.mark.parametrize("directory", ["c1"], indirect=True)
def test_start_again_and_stop(directory):
    assert "stopped" in run("status", directory, 3)
    run("start", directory)
    place, pid = run("socket", directory), run("pid", directory)
    assert pid in run("status", directory)
    run("start", directory)
    assert run("pid", directory) == pid, "a second start leaves it alone"
    assert setting(place, "listen_addresses") == ""
    for name in ("fsync", "full_page_writes", "synchronous_commit", "data_checksums"):
        assert setting(place, name) == "on"
    assert setting(place, "lc_collate") == "C.UTF-8" and setting(place, "server_encoding") == "UTF8"
    run("stop", directory)
    run("stop", directory)
    run("status", directory, 3)
    with pytest.raises(psycopg.OperationalError):
        setting(place, "fsync")


@pytest.mark.parametrize("directory", ["c2"], indirect=True)
def test_it_recovers_from_a_crash(directory):
    run("start", directory)
    place = run("socket", directory)
    with psycopg.connect(host=place, user="postgres", dbname="pratu", autocommit=True) as db:
        db.execute("CREATE TABLE kept AS SELECT 1 AS a")
    pid = int(run("pid", directory))
    os.kill(pid, 9)
    end = time.monotonic() + 60
    while subprocess.run([CLUSTER, "status", directory], capture_output=True).returncode != 3:
        assert time.monotonic() < end, "it does not end"
    run("start", directory)
    assert int(run("pid", directory)) != pid
    with psycopg.connect(host=place, user="postgres", dbname="pratu") as db:
        assert db.execute("SELECT a FROM kept").fetchone() == (1,)


@pytest.mark.parametrize("directory", ["deep/" + "d" * 100], indirect=True)
def test_a_long_path_gets_a_short_socket(directory):
    run("start", directory)
    place = run("socket", directory)
    assert len(place + "/.s.PGSQL.5432") <= SUN_PATH and place.startswith("/tmp/pratu-")
    assert setting(place, "cluster_name") == "pratu"
    run("remove", directory)
    assert not os.path.exists(place)


@pytest.mark.parametrize("directory", ["closed/pg"], indirect=True)
def test_a_closed_home(directory):
    """Started as root, PostgreSQL runs as another user, who may not be able to reach the directory."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    directory.parent.chmod(0o700)
    printed = run("start", directory)
    place = run("socket", directory)
    if os.geteuid() == 0:
        assert "closed to the user" in printed and place.startswith("/var/tmp/pratu-")
    assert setting(place, "cluster_name") == "pratu"
    run("remove", directory)
    assert not os.path.exists(place)
    directory.parent.rmdir()


def test_usage():
    done = subprocess.run([CLUSTER], capture_output=True, text=True)
    assert done.returncode == 2 and "cluster start DIR" in done.stderr
