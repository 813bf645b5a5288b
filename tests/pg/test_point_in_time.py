# SPDX-License-Identifier: Apache-2.0
"""A whole cluster that PostgreSQL itself restored to an earlier moment, from a copy of its files and WAL: it has the same names, so that
only its timeline tells; `pratu recover` ends what has ended since."""
import pathlib
import shutil
import subprocess

import pytest
from conftest import CHECK
from lib.access import signed_in
from lib.instance import Cluster, Instance
from lib.stack import wait_until


@pytest.fixture
def clusters():
    made = []

    def make(name):
        shutil.rmtree(CHECK / name, ignore_errors=True)
        (CHECK / name).mkdir(parents=True)
        made.append(Cluster(CHECK / name))
        return made[-1]

    yield make
    for one in made:
        one.remove()


def data(cluster) -> pathlib.Path:
    """Its directory, for which the cluster has to run."""
    ((found,),) = cluster.connect("postgres").execute("SHOW data_directory").fetchall()
    return pathlib.Path(found)


def copy(source, target):
    """As file servers do: with owners and modes."""
    subprocess.run(["rm", "-rf", target], check=True)
    subprocess.run(["cp", "-a", source, target], check=True)


def restore(base, wal, target, until):
    """The base, and the other's WAL up to that moment."""
    copy(base, target)
    settings = target / "postgresql.auto.conf"
    settings.write_text(settings.read_text() + f"restore_command = 'cp {wal}/%f %p'\nrecovery_target_time = '{until}'\n"
                        "recovery_target_action = 'promote'\n")  # fmt: skip
    subprocess.run(["cp", "-a", target / "PG_VERSION", target / "recovery.signal"], check=True)


def check(instance):
    (found,) = [c for c in instance.json("doctor", status=None)["checks"] if c["check"] == "restore"]
    return found["verdict"]


def live(instance):
    ((n,),) = instance.sql("SELECT count(*) FROM idp.session WHERE ended_at IS NULL")
    return n


def test_a_restore_by_wal_is_told_by_its_timeline(clusters):
    first, second = clusters("pitr1"), clusters("pitr2")
    one = Instance(first, CHECK / "pitr", "pratu", make_database=False)
    one.init()
    one.migrate()
    directory, target = data(first), data(second)
    first.stop()
    second.stop()
    base = CHECK / "pitr_base"
    copy(directory, base)
    first.start()
    citizen = "00000000-0000-4000-8000-000000000001"
    with one.connect() as db:
        db.execute("INSERT INTO idp.citizen (citizen_id, claims, credentials_at) VALUES (%s, '{}', '-infinity')", [citizen])
        signed_in(db, citizen)
        ((moment,),) = db.execute("SELECT clock_timestamp()::text").fetchall()
        assert db.execute("SELECT count(*) FROM idp.end_access('subject', %s, NULL, NULL, NULL, false, 'sign_out', NULL)",
                          [citizen]).fetchone() == (2,)  # fmt: skip
        db.execute("SELECT pg_switch_wal()")
    assert live(one) == 0 and check(one) == "ok"
    restore(base, directory / "pg_wal", target, moment)
    shutil.rmtree(base)
    second.start()
    other = Instance(second, CHECK / "pitr", "restored", make_database=False)
    other.write_settings(**{f"{role}_database": one.settings[f"{role}_database"].replace(str(first.socket), str(second.socket))
                            for role in ("web", "vault", "admin", "owner")})  # fmt: skip
    other.name = "pratu"
    other.init()
    wait_until(lambda: other.sql("SELECT pg_is_in_recovery()") == [(False,)], what="the end of its recovery")
    assert live(other) == 1, "what had ended is alive again"
    assert check(other) == "warn"
    said = other.json("recover", "--to", moment.replace(" ", "T").partition(".")[0] + "Z", "--yes")
    assert said["sessions_ended"] == 1 and said["grants_revoked"] == 1
    assert live(other) == 0 and check(other) == "ok"
