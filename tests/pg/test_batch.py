# SPDX-License-Identifier: Apache-2.0
"""Statements sent together (idp/io/db_batch.h) on a real PostgreSQL: who goes with whom, whose row is whose, and what a failure
costs the others. One transaction holds a row, so that what waits is known."""
import os
import pathlib
import queue
import subprocess
import threading
import time

import pytest
from lib.instance import ROOT, Cluster

BIN = pathlib.Path(os.environ.get("PRATU_BIN") or ROOT / "build" / "pratu").parent / "tests/raw/batch_probe"


class Probe:
    def __init__(self, cluster, connections, lock_ms, log):
        self.process = subprocess.Popen(
            [BIN, f"host={cluster.socket} dbname=pratu user=postgres options='-c statement_timeout=0 -c lock_timeout=0'",
             str(connections), str(lock_ms)],
            text=True, bufsize=1, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=open(log, "w"))  # fmt: skip
        self.lines = queue.Queue()
        threading.Thread(target=lambda: [self.lines.put(l.split()) for l in self.process.stdout], daemon=True).start()

    def run(self, key, n, address="\\N", how="run"):
        self.process.stdin.write(f"{how} {key} {n} {address}\n")

    def answers(self, n):
        """The next n answers, by key."""
        found = [self.lines.get(timeout=20) for _ in range(n)]
        return {words[0]: words[1:] for words in found}

    def await_waiting(self, n):
        self.process.stdin.write(f"waiting {n}\n")
        assert self.lines.get(timeout=20) == ["waiting", str(n)]


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    one = Cluster(tmp_path_factory.mktemp("batch"))
    with one.connect() as db:
        db.execute("CREATE TABLE probe (n bigint PRIMARY KEY, hits integer NOT NULL DEFAULT 0)")
    yield one
    one.remove()


@pytest.fixture
def watch(own):
    with own.connect() as db:
        db.autocommit = True
        db.execute("TRUNCATE probe")
        db.execute("INSERT INTO probe SELECT generate_series(1, 40)")
        yield db


@pytest.fixture
def start(own, tmp_path):
    made = []

    def go(connections=1, lock_ms=0):
        made.append(Probe(own, connections, lock_ms, tmp_path / f"log{len(made)}"))
        return made[-1]

    yield go
    for probe in made:
        probe.process.stdin.close()
        assert probe.process.wait(timeout=20) == 0


def hits(watch):
    return dict(watch.execute("SELECT n, hits FROM probe WHERE hits > 0 ORDER BY n").fetchall())


def held(own, n):
    """A transaction of another that holds a row until it is closed."""
    other = own.connect()
    other.autocommit = False
    other.execute("SELECT FROM probe WHERE n = %s FOR UPDATE", [n])
    return other


def blocked(watch, name="batch_probe%"):
    """The backend of that name that waits for a lock, once there is one."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        found = watch.execute(
            "SELECT pid, application_name FROM pg_stat_activity WHERE cardinality(pg_blocking_pids(pid)) > 0"
            " AND application_name LIKE %s", [name]).fetchall()  # fmt: skip
        if found:
            return found[0]
        time.sleep(0.005)
    raise AssertionError("nothing waits for a lock")


def gathered(own, watch, probe, jobs, n=40, answered=None):
    """Have these jobs wait while a first one is held up, then let them go together: their answers, or so many of them."""
    with held(own, n) as other:
        probe.run("first", n)
        blocked(watch)
        for i, job in enumerate(jobs):
            probe.run(*job)
            probe.await_waiting(i + 1)
        other.rollback()
    answers = probe.answers((answered or len(jobs)) + 1)
    assert answers.pop("first")[3] == "1", "alone"
    return answers


def test_alone_it_is_sent_at_once_over_one_connection(watch, start):
    probe = start()
    rows = []
    for key in ("a", "b", "c"):
        probe.run(key, 1)
        rows.append(probe.answers(1)[key])
    assert [row[:4] for row in rows] == [[key, "1", "\\N", "1"] for key in "abc"]
    assert len({row[4] for row in rows}) == 1 and hits(watch) == {1: 3}


def test_those_who_wait_go_together_and_each_has_its_own_row(own, watch, start):
    jobs = [("d", 4), ("b", 2, "10.0.0.2"), ("nothing", 99), ("a", 1, "::1"), ("c", 3)]
    answers = gathered(own, watch, start(), jobs)
    assert answers.pop("nothing") == ["none"]
    assert {key: row[:4] for key, row in answers.items()} == {
        "a": ["a", "1", "::1", "5"], "b": ["b", "2", "10.0.0.2", "5"],
        "c": ["c", "3", "\\N", "5"], "d": ["d", "4", "\\N", "5"]}, "sorted by their key"  # fmt: skip
    assert len({row[4] for row in answers.values()}) == 1
    assert hits(watch) == {1: 1, 2: 1, 3: 1, 4: 1, 40: 1}


def test_of_two_for_one_row_one_has_it(own, watch, start):
    answers = gathered(own, watch, start(), [("a", 1), ("b", 1), ("c", 2)])
    assert sorted(len(answers[key]) for key in "ab") == [1, 5] and answers["c"][3] == "3"
    assert hits(watch) == {1: 1, 2: 1, 40: 1}


def test_a_strangers_value_denies_nobody_else(own, watch, start):
    answers = gathered(own, watch, start(), [("a", 1), ("evil", 2, "'); DROP"), ("c", 3, "10.0.0.3")])
    assert answers["evil"] == ["failed"]
    assert answers["a"][:4] == ["a", "1", "\\N", "1"] and answers["c"][:4] == ["c", "1", "10.0.0.3", "1"]
    assert answers["a"][4] != answers["c"][4], "each over its own connection"
    assert hits(watch) == {1: 1, 3: 1, 40: 1}, "each once"


def test_a_row_that_stays_locked_keeps_nobody_else(own, watch, start):
    """The statement gives up; then each goes alone, and only the one that wants that row waits on, over its own connection."""
    probe = start(lock_ms=3000)
    with held(own, 2) as other:
        answers = gathered(own, watch, probe, [("a", 1), ("locked", 2), ("c", 3)], answered=2)
        assert answers["a"][3] == answers["c"][3] == "1"
        assert blocked(watch, "batch_probe own")
        probe.run("later", 4)
        assert probe.answers(1)["later"][3] == "1"
        other.rollback()
    assert probe.answers(1)["locked"][3] == "1"
    assert hits(watch) == {1: 1, 2: 1, 3: 1, 4: 1, 40: 1}


def test_one_that_waits_alone_keeps_nobody_else(own, watch, start):
    probe = start(lock_ms=50)
    with held(own, 2) as other:
        probe.run("locked", 2)
        assert blocked(watch, "batch_probe own")
        probe.run("later", 4)
        assert probe.answers(1)["later"][3] == "1"
        other.rollback()
    assert probe.answers(1)["locked"][3] == "1" and hits(watch) == {2: 1, 4: 1}


def test_an_unknown_outcome_denies_all_and_nothing_is_sent_again(own, watch, start):
    probe = start()
    with held(own, 2) as other:
        with held(own, 40) as first:
            probe.run("first", 40)
            blocked(watch)
            for i, job in enumerate([("a", 1), ("b", 2), ("c", 3)]):
                probe.run(*job)
                probe.await_waiting(i + 1)
            first.rollback()
        assert len(probe.answers(1)["first"]) == 5
        pid, name = blocked(watch)
        assert name == "batch_probe batch"
        watch.execute("SELECT pg_terminate_backend(%s)", [pid])
        assert probe.answers(3) == {key: ["failed"] for key in "abc"}
        other.rollback()
    assert hits(watch) == {40: 1}
    probe.run("next", 1)
    assert len(probe.answers(1)["next"]) == 5, "over a new connection"


def test_a_row_for_another_job_denies_all(own, watch, start):
    probe = start()
    with held(own, 40) as other:
        probe.run("first", 40)
        blocked(watch)
        for i, key in enumerate("abc"):
            probe.run(key, i + 1, how="stray")
            probe.await_waiting(i + 1)
        other.rollback()
    answers = probe.answers(4)
    assert {key: answers[key] for key in "abc"} == {key: ["failed"] for key in "abc"}, "none of them has another's row"


def test_within_a_transaction_it_goes_alone_over_its_own_connection(own, watch, start):
    probe = start()
    with held(own, 40) as other:
        probe.run("first", 40)
        blocked(watch)
        probe.run("inside", 1, how="inside")
        inside = probe.answers(1)["inside"]
        other.rollback()
    first = probe.answers(1)["first"]
    assert inside[3] == "1" and inside[4] != first[4]


def test_several_connections_work_at_once(own, watch, start):
    probe = start(connections=2)
    with held(own, 40) as other:
        probe.run("first", 40)
        blocked(watch)
        probe.run("second", 1)
        second = probe.answers(1)["second"]
        other.rollback()
    assert second[3] == "1" and second[4] != probe.answers(1)["first"][4]


def test_while_one_waits_for_a_lock_others_go_on(own, watch, start):
    probe = start(connections=2)
    with held(own, 5) as other:
        probe.run("waits", 5)
        blocked(watch)
        probe.run("goes", 6)
        assert probe.answers(1)["goes"][3] == "1"
        other.rollback()
    assert probe.answers(1)["waits"][3] == "1"


def await_commits(watch, n):
    """Until so many statements are carried out, and wait for the commit of a standby that is not there."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        pids = [pid for (pid,) in watch.execute("SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'").fetchall()]
        if len(pids) == n:
            return
        time.sleep(0.005)
    raise AssertionError(f"{len(pids)} commits wait, not {n}")


def test_while_one_commits_another_is_carried_out_and_neither_is_answered(watch, start):
    probe = start(connections=2)
    probe.run("first", 1)  # the connections' own first steps are done
    probe.answers(1)
    watch.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    watch.execute("SELECT pg_reload_conf()")
    try:
        probe.run("a", 2)
        await_commits(watch, 1)
        probe.run("b", 3)
        await_commits(watch, 2)
        assert probe.lines.empty() and hits(watch) == {1: 1}
    finally:
        watch.execute("ALTER SYSTEM RESET synchronous_standby_names")
        watch.execute("SELECT pg_reload_conf()")
    answers = probe.answers(2)
    assert answers["a"][3] == answers["b"][3] == "1" and answers["a"][4] != answers["b"][4]
    assert hits(watch) == {1: 1, 2: 1, 3: 1}


@pytest.fixture
def refuses_seven(watch):
    """A commit that changes row 7 is refused, though its statement is good."""
    watch.execute(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'at commit'; END $$;"
        "CREATE CONSTRAINT TRIGGER refuse AFTER UPDATE ON probe DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
        " WHEN (NEW.n = 7) EXECUTE FUNCTION refuse()")  # fmt: skip
    yield
    watch.execute("DROP TRIGGER refuse ON probe; DROP FUNCTION refuse()")


@pytest.mark.parametrize("connections", [1, 2])
def test_rows_whose_commit_is_refused_are_nobodys(watch, start, refuses_seven, connections):
    """They were here before the commit (I1)."""
    probe = start(connections=connections)
    probe.run("a", 7)
    assert probe.answers(1)["a"] == ["failed"]
    probe.run("b", 8)
    assert probe.answers(1)["b"][3] == "1"
    assert hits(watch) == {8: 1}
