# SPDX-License-Identifier: Apache-2.0
"""idp/io/db on a real PostgreSQL that is restarted, frozen and killed: what was not sent heals, what may have been
sent is never sent twice."""
import json
import os
import pathlib
import signal
import subprocess
import time

import psycopg
import pytest
from lib.instance import ROOT, Cluster

BIN = pathlib.Path(os.environ.get("PRATU_BIN") or ROOT / "build" / "pratu").parent / "tests/raw/db_probe"


class Probe:
    """One db_probe: one connection."""

    def __init__(self, cluster, log, **env):
        self.log = log
        self.process = subprocess.Popen(
            [BIN, f"host={cluster.socket} dbname=pratu user=postgres"], text=True, bufsize=1,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=open(log, "w"), env={**os.environ, **env},
        )  # fmt: skip

    def send(self, *words):
        self.process.stdin.write("\t".join(map(str, words)) + "\n")

    def answer(self):
        return self.process.stdout.readline().rstrip("\n").split("\t")

    def __call__(self, *words):
        self.send(*words)
        return self.answer()

    def value(self, *words):
        answer = self(*words)
        assert answer[0] == "ok" and len(answer) == 2, answer
        return answer[1]

    def close(self):
        self.process.stdin.close()
        return self.process.wait(timeout=20)


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """A cluster that may be stopped."""
    one = Cluster(tmp_path_factory.mktemp("db"))
    yield one
    one.remove()


@pytest.fixture
def watch(own):
    """Another connection, that sees what was received of it."""
    own.start()
    with own.connect() as connection:
        connection.execute("DROP TABLE IF EXISTS probe")
        connection.execute("CREATE TABLE probe (n integer)")
        yield connection


@pytest.fixture
def start(own, tmp_path):
    made = []

    def go(**env):
        made.append(Probe(own, tmp_path / f"log{len(made)}", **env))
        return made[-1]

    yield go
    for probe in made:
        assert probe.close() == 0


@pytest.fixture
def probe(start):
    return start()


def count(watch, n):
    return watch.execute("SELECT count(*) FROM probe WHERE n = %s", [n]).fetchone()[0]


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def terminate(own, pid):
    """End a backend, and see it gone."""
    with own.connect() as other:
        assert other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid]).fetchone()[0]


def test_values_come_back_as_they_went(watch, probe):
    given = ["ก \\ ' \" ; --", "-9223372036854775808", "true", "\\x00ff00", '{"a b","",NULL,"\\"\\\\"}']
    back = ["ก \\ ' \" ; --", "-9223372036854775808", "t", "\\x00ff00", '{"a b","",NULL,"\\"\\\\"}']
    assert probe("query", "echo", *given) == ["ok", *back]
    assert probe("query", "echo", *["\\N"] * 5)[1:2] == ["\\N"]
    assert probe("query", "echo", "", "0", "false", "\\x", "{}") == ["ok", "", "0", "f", "\\x", "{}"]


def test_exec_counts_rows(watch, probe):
    assert probe("exec", "insert", 1) == ["ok", "1"]
    assert probe("exec", "insert", 1) == ["ok", "1"]
    assert probe("exec", "update", 1) == ["ok", "2"]
    assert probe("exec", "update", 9) == ["ok", "0"]


def test_a_query_is_prepared_once(watch, probe):
    for _ in range(3):
        assert probe.value("query", "one") == "1"
    assert probe.value("query", "prepared") == "2"
    assert probe.value("query", "prepared") == "2"


@pytest.mark.parametrize("name, value", [
    ("statement_timeout", "5s"), ("lock_timeout", "4s"), ("idle_in_transaction_session_timeout", "10s"),
    ("application_name", "probe"), ("client_encoding", "UTF8"), ("TimeZone", "UTC"), ("bytea_output", "hex"),
])  # fmt: skip
def test_settings_of_the_connection(watch, probe, name, value):
    assert probe.value("query", "show", name) == value


def test_a_restart_between_calls_is_not_noticed(watch, own, probe):
    assert probe.value("query", "count", 1) == "0"
    own.stop()
    own.start()
    assert probe("exec", "insert", 1) == ["ok", "1"]
    assert probe.value("query", "count", 1) == "1"


def test_many_connections_heal_by_themselves(watch, own, start):
    probes = [start() for _ in range(8)]
    assert [p.value("query", "one") for p in probes] == ["1"] * 8
    own.stop()
    own.start()
    assert [p.value("query", "one") for p in probes] == ["1"] * 8


def test_a_backend_that_was_ended_is_replaced(watch, own, probe):
    pid = probe.value("query", "pid")
    terminate(own, pid)
    assert probe.value("query", "pid") != pid


def test_while_the_database_is_away_calls_fail_at_once(watch, own, probe):
    assert probe("ping") == ["ok"]
    own.stop()
    for _ in range(20):
        began = time.monotonic()
        assert probe("query", "one")[:2] == ["fault", "08001"]
        assert time.monotonic() - began < 2
    own.start()
    wait_for(lambda: probe("query", "one") == ["ok", "1"])
    assert pathlib.Path(probe.log).read_text().count("db.connect") < 5


def test_what_may_have_arrived_is_not_sent_again(watch, own, probe):
    """The connection dies while the statement runs: a failure, though the next connection would do."""
    pid = probe.value("query", "pid")
    probe.send("exec", "insert_slowly", 7)
    activity = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s AND query LIKE '%%pg_sleep%%' AND state = 'active'"
    wait_for(lambda: watch.execute(activity, [pid]).fetchone()[0] == 1)
    terminate(own, pid)
    assert probe.answer()[0] == "fault"
    assert probe("exec", "insert", 8) == ["ok", "1"]
    time.sleep(1.2)
    assert count(watch, 7) == 0 and count(watch, 8) == 1


def test_a_transaction_is_whole(watch, probe):
    assert probe("begin") == ["ok"]
    assert probe("exec", "insert", 1) == ["ok", "1"]
    assert count(watch, 1) == 0
    assert probe("commit") == ["ok"]
    assert count(watch, 1) == 1
    assert probe("begin") == ["ok"]
    assert probe("exec", "insert", 2) == ["ok", "1"]
    assert probe("rollback") == ["ok"]
    assert probe("rollback") == ["ok"]
    assert count(watch, 2) == 0


def test_a_commit_that_rolls_back_is_a_failure(watch, probe):
    """PostgreSQL answers COMMIT of a failed transaction with ROLLBACK and no error."""
    assert probe("begin") == ["ok"]
    assert probe("exec", "insert", 1) == ["ok", "1"]
    assert probe("query", "uuid", "nonsense")[0] == "fault"
    assert probe("exec", "insert", 2)[:2] == ["fault", "25P02"]
    assert probe("commit")[0] == "fault"
    assert count(watch, 1) == 0
    assert probe("exec", "insert", 3) == ["ok", "1"]
    assert count(watch, 3) == 1


def test_a_transaction_does_not_survive_its_connection(watch, own, probe):
    assert probe("begin") == ["ok"]
    assert probe("exec", "insert", 1) == ["ok", "1"]
    terminate(own, probe.value("query", "pid"))
    assert probe("exec", "insert", 2)[0] == "fault"
    assert probe("exec", "insert", 2)[0] == "fault"
    assert probe("commit")[0] == "fault"
    assert (count(watch, 1), count(watch, 2)) == (0, 0)
    assert probe("exec", "insert", 3) == ["ok", "1"]
    assert probe("commit")[0] == "fault", "there is no transaction to commit"


def test_a_transaction_left_open_is_taken_back(watch, probe):
    assert probe("begin") == ["ok"]
    assert probe("exec", "insert", 1) == ["ok", "1"]
    assert probe("begin") == ["ok"]
    assert probe("exec", "insert", 2) == ["ok", "1"]
    assert probe("commit") == ["ok"]
    assert (count(watch, 1), count(watch, 2)) == (0, 1)


def test_begin_and_commit_go_with_a_query(watch, probe):
    began = watch.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())").fetchone()[0]
    assert probe("begin_with_next") == ["ok"]
    assert probe("exec", "insert", 1) == ["ok", "1"]
    assert count(watch, 1) == 0, "the transaction is open"
    assert probe("commit_with_next") == ["ok"]
    assert probe("query", "count", 1) == ["ok", "1"]
    assert count(watch, 1) == 1, "committed before it is asked for"
    assert probe("commit") == ["ok"]
    assert probe("commit")[0] == "fault", "there is no transaction to commit"
    for command in ("begin_with_next", "commit_with_next"):
        assert probe(command) == ["ok"]
    assert probe("exec", "insert", 2) == ["ok", "1"]
    assert probe("commit") == ["ok"] and count(watch, 2) == 1
    assert int(watch.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())").fetchone()[0]) == int(began) + 2


def test_a_commit_that_was_asked_for_is_not_left_for_later(watch, probe):
    """It holds for the next query of this transaction, and for nothing after a rollback."""
    assert probe("begin_with_next") == ["ok"]
    assert probe("exec", "insert", 1) == ["ok", "1"]
    assert probe("commit_with_next") == ["ok"]
    assert probe("commit") == ["ok"], "no query followed"
    assert probe("begin_with_next") == ["ok"]
    assert probe("exec", "insert", 2) == ["ok", "1"]
    assert probe("commit_with_next") == ["ok"]
    assert probe("rollback") == ["ok"]
    assert probe("begin") == ["ok"]
    assert probe("exec", "insert", 3) == ["ok", "1"]
    assert probe("rollback") == ["ok"]
    assert probe("commit_with_next") == ["ok"], "there is no transaction"
    assert [count(watch, n) for n in (1, 2, 3)] == [1, 0, 0]


def test_with_a_query_that_is_refused_nothing_is_committed(watch, probe):
    assert probe("begin_with_next") == ["ok"]
    assert probe("exec", "insert", 1) == ["ok", "1"]
    assert probe("commit_with_next") == ["ok"]
    assert probe("query", "uuid", "nonsense")[:2] == ["fault", "22P02"]
    assert probe("commit")[0] == "fault"
    assert probe("begin_with_next") == ["ok"]
    assert probe("query", "uuid", "nonsense")[:2] == ["fault", "22P02"]
    assert probe("exec", "insert", 2)[:2] == ["fault", "25P02"], "that transaction has failed"
    assert probe("rollback") == ["ok"]
    assert probe("exec", "insert", 3) == ["ok", "1"]
    assert [count(watch, n) for n in (1, 2, 3)] == [0, 0, 1]


def test_a_commit_that_went_with_a_query_and_was_refused_is_a_failure(watch, probe):
    watch.execute("ALTER TABLE probe ADD UNIQUE (n) DEFERRABLE INITIALLY DEFERRED")
    assert probe("exec", "insert", 1) == ["ok", "1"]
    for command in ("begin_with_next", "commit_with_next"):
        assert probe(command) == ["ok"]
    assert probe("exec", "insert", 1) == ["ok", "1"], "the statement itself is good"
    assert probe("exec", "insert", 2)[0] == "fault", "until its failure was told"
    assert probe("commit")[:2] == ["fault", "23505"]
    assert probe("exec", "insert", 3) == ["ok", "1"]
    assert [count(watch, n) for n in (1, 2, 3)] == [1, 0, 1]


def test_a_commit_whose_answer_is_lost_is_a_failure(watch, own, probe):
    pid = probe.value("query", "pid")
    for command in ("begin_with_next", "commit_with_next"):
        assert probe(command) == ["ok"]
    probe.send("exec", "insert_slowly", 7)
    activity = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s AND query LIKE '%%pg_sleep%%' AND state = 'active'"
    wait_for(lambda: watch.execute(activity, [pid]).fetchone()[0] == 1)
    terminate(own, pid)
    assert probe.answer()[0] == "fault"
    assert probe("exec", "insert", 8)[0] == "fault", "within a transaction no connection is opened"
    assert probe("commit")[0] == "fault"
    assert probe("exec", "insert", 9) == ["ok", "1"]
    assert [count(watch, n) for n in (7, 8, 9)] == [0, 0, 1]


def test_a_connection_that_died_before_begin_was_sent_is_replaced(watch, own, probe):
    pid = probe.value("query", "pid")
    assert probe("begin_with_next") == ["ok"]
    terminate(own, pid)
    assert probe("exec", "insert", 1) == ["ok", "1"]
    assert probe("commit") == ["ok"]
    assert count(watch, 1) == 1


def test_a_statement_that_takes_too_long_is_given_up(watch, probe):
    began = time.monotonic()
    assert probe("query", "sleep", "30")[:2] == ["fault", "57014"]
    assert 4.5 < time.monotonic() - began < 15
    assert probe.value("query", "one") == "1"


def test_waiting_for_a_lock_is_given_up(watch, own, probe):
    assert probe("exec", "insert", 1) == ["ok", "1"]
    with own.connect() as other, other.transaction():
        other.execute("LOCK TABLE probe")
        began = time.monotonic()
        assert probe("exec", "update", 1)[:2] == ["fault", "55P03"]
        assert 3.5 < time.monotonic() - began < 15


def test_a_frozen_server_is_given_up(watch, probe):
    """No answer, and no end of the connection: a machine that is gone."""
    pid = int(probe.value("query", "pid"))
    os.kill(pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        assert probe("query", "one")[:2] == ["fault", "08006"]
        assert 7 < time.monotonic() - began < 20
        assert probe.value("query", "one") == "1"
    finally:
        os.kill(pid, signal.SIGCONT)


def test_a_value_that_does_not_fit_is_not_logged(watch, probe):
    answer = probe("query", "uuid", "hunter2-is-my-password")
    assert answer[:2] == ["fault", "22P02"]
    assert "hunter2" not in answer[2]
    assert "hunter2" not in pathlib.Path(probe.log).read_text()
    assert '"query":"uuid"' in pathlib.Path(probe.log).read_text()


def test_a_plan_of_another_time_is_made_anew(watch, probe):
    assert probe("exec", "insert", 1) == ["ok", "1"]
    assert probe.value("query", "all") == "1"
    watch.execute("ALTER TABLE probe ALTER n TYPE text USING n::text")
    assert probe("query", "all")[:2] == ["fault", "0A000"]
    assert probe.value("query", "all") == "1"


def test_a_server_that_is_no_longer_primary_is_left(watch, probe):
    assert probe("script", "SET default_transaction_read_only = on") == ["ok"]
    assert probe("exec", "insert", 1)[:2] == ["fault", "25006"]
    assert probe("exec", "insert", 2) == ["ok", "1"]


def test_columns_are_as_declared(watch, probe):
    assert probe("query", "two")[0] == "fault"
    assert probe("query", "other")[0] == "fault"
    assert probe.value("query", "one") == "1"


@pytest.mark.parametrize("name", ["two", "other"])
def test_in_tests_another_column_ends_the_process(watch, own, tmp_path, name):
    strict = Probe(own, tmp_path / "strict", PRATU_STRICT="1")
    assert strict("query", name) == [""]
    assert strict.process.wait(timeout=30) != 0


def test_a_broken_query_is_a_failure(watch, probe):
    assert probe("query", "broken")[:2] == ["fault", "42601"]
    assert probe.value("query", "one") == "1"


def test_scripts(watch, probe):
    assert probe("script", "INSERT INTO probe VALUES (1); INSERT INTO probe VALUES (2); SELECT pg_sleep(5.5)") == ["ok"]
    assert probe.value("query", "show", "statement_timeout") == "5s"
    assert probe("script", "INSERT INTO probe VALUES (3); SELECT 1/0")[:2] == ["fault", "22012"]
    assert probe.value("query", "show", "statement_timeout") == "5s"
    assert [count(watch, n) for n in (1, 2, 3)] == [1, 1, 0]
    assert probe("begin") == ["ok"]
    assert probe("script", "INSERT INTO probe VALUES (4); SELECT 1/0")[0] == "fault"
    assert probe("rollback") == ["ok"]
    assert probe.value("query", "show", "statement_timeout") == "5s"
    assert count(watch, 4) == 0


def test_typed_members_reach_the_server(probe):
    assert json.loads(probe.value("typed")) == [
        0.1, ["00000000-0000-0000-0000-00000000000a", None], [-(2**63), 2**63 - 1], ["\\x005c", "\\x", None], None,
        "2026-01-02T03:04:05+00:00",
    ]  # fmt: skip
