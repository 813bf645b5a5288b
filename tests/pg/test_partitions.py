# SPDX-License-Identifier: Apache-2.0
"""Partitions are made ahead, the outlived ones dropped, and nothing stands in a sign-in's way."""
import threading
import uuid
from datetime import datetime, timedelta, timezone

import psycopg
import pytest

DAILY = {("idp", "code"), ("idp", "assertion"), ("idp", "session"), ("vault", "spent_partial"), ("record", "event"),
         ("courier", "message"), ("vault", "challenge")}  # fmt: skip
MONTHLY = {("idp", "authz_grant"), ("idp", "refresh_token")}


def now():
    return datetime.now(timezone.utc)


def partitions(instance, table):
    return instance.sql(
        "SELECT name, from_at, to_at FROM idp.partition WHERE table_name = %s AND from_at IS NOT NULL"
        " ORDER BY from_at", [table])  # fmt: skip


def housekeep(instance):
    return instance.sql("SELECT did, partition FROM idp.housekeep()", user="pratu_web")


def add_session(instance, created_at, expires_at):
    subject = uuid.uuid4()
    instance.sql("INSERT INTO idp.citizen (citizen_id, claims) VALUES (%s, '{}')", [subject])
    instance.sql(
        "INSERT INTO idp.session (session_id, token_hash, subject_id, actor_id, authentication_id, ticket, acr, amr,"
        " auth_time, created_at, expires_at) VALUES (%s, '', %s, %s, %s, '', '', '{}', now(), %s, %s)",
        [uuid.uuid4(), subject, subject, uuid.uuid4(), created_at, expires_at], user="pratu_web")  # fmt: skip


@pytest.fixture
def fresh(instances, request):
    """A database of its own for a test that bends partitions."""
    name = request.node.name.removeprefix("test_")[:40]
    one = instances(name)
    one.init()
    one.migrate()
    return one


def test_every_partitioned_table_has_a_policy(instance):
    tables = set(instance.sql("""
        SELECT relnamespace::regnamespace::text, relname FROM pg_class
        WHERE relkind = 'p' AND NOT relispartition"""))
    policies = set(instance.sql("SELECT schema_name, table_name FROM idp.partition_policy"))
    assert tables == policies == DAILY | MONTHLY


@pytest.mark.parametrize("table", sorted(t for _, t in DAILY | MONTHLY))
def test_partitions_stand_ahead_without_a_gap(instance, table):
    parts = partitions(instance, table)
    assert parts[0][1] <= now()
    days = 1 if table in {t for _, t in DAILY} else 28
    assert parts[-1][2] >= now() + timedelta(days=days)
    for one, next_one in zip(parts, parts[1:]):
        assert one[2] == next_one[1]
    default = instance.sql(
        "SELECT name FROM idp.partition WHERE table_name = %s AND from_at IS NULL", [table])
    assert default == [(f"{table}_default",)]


def test_housekeeping_again_does_nothing(instance):
    assert housekeep(instance) == []


def test_housekeeping_makes_what_is_missing(fresh):
    gone = partitions(fresh, "session")[-2:]
    for name, _, _ in gone:
        fresh.sql(f"DROP TABLE idp.{name}")
    assert housekeep(fresh) == [("made", name) for name, _, _ in gone]
    assert partitions(fresh, "session")[-2:] == gone


def test_new_partitions_of_the_record_are_protected(fresh):
    last = partitions(fresh, "event")[-1][0]
    fresh.sql(f"DROP TABLE record.{last}")
    assert housekeep(fresh) == [("made", last)]
    for statement in ("UPDATE record.{} SET kind = 'x'", "DELETE FROM record.{}", "TRUNCATE record.{}"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            fresh.sql(statement.format(last))


def test_outlived_partitions_are_dropped(fresh):
    old = now() - timedelta(days=10)
    add_session(fresh, old, now() - timedelta(days=9))
    name = f"session_{old:%Y%m%d}_to_{old + timedelta(days=1):%Y%m%d}"
    assert housekeep(fresh) == [("adopted", name), ("dropped", name)]
    assert fresh.sql("SELECT count(*) FROM idp.session") == [(0,)]


def test_a_living_row_keeps_its_partition(fresh):
    old = now() - timedelta(days=10)
    add_session(fresh, old, now() + timedelta(hours=1))
    assert [did for did, _ in housekeep(fresh)] == ["adopted"]
    assert housekeep(fresh) == []
    assert fresh.sql("SELECT count(*) FROM idp.session") == [(1,)]


def test_a_young_partition_is_kept(fresh):
    add_session(fresh, now() - timedelta(days=1), now() - timedelta(days=1))
    assert [did for did, _ in housekeep(fresh)] == ["adopted"]
    assert fresh.sql("SELECT count(*) FROM idp.session") == [(1,)]


def test_a_row_of_an_unprepared_day_is_taken_and_later_adopted(fresh):
    far = now() + timedelta(days=200)
    fresh.sql("INSERT INTO record.event (kind, outcome, at) VALUES ('test', 'ok', %s)", [far])
    (did, name), = housekeep(fresh)
    assert did == "adopted"
    assert fresh.sql(f"SELECT count(*) FROM record.{name}") == [(1,)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
        fresh.sql(f"DELETE FROM record.{name}")
    assert housekeep(fresh) == []
    fresh.sql("INSERT INTO record.event (kind, outcome, at) VALUES ('test', 'ok', '2001-01-01')")


def test_rows_on_both_sides_of_the_present_are_stuck_and_said_so(fresh):
    for at in (now() - timedelta(days=200), now() + timedelta(days=200)):
        fresh.sql("INSERT INTO record.event (kind, outcome, at) VALUES ('test', 'ok', %s)", [at])
    assert housekeep(fresh) == [("stuck", "event")]
    assert fresh.sql("SELECT count(*) FROM record.event") == [(2,)]
    fresh.sql("INSERT INTO record.event (kind, outcome) VALUES ('sign_in', 'ok')", user="pratu_vault")


def test_the_record_is_never_dropped_by_housekeeping(fresh):
    fresh.sql("INSERT INTO record.event (kind, outcome, at) VALUES ('test', 'ok', '2001-01-01')")
    assert [did for did, _ in housekeep(fresh)] == ["adopted"]
    assert housekeep(fresh) == []
    assert fresh.sql("SELECT count(*) FROM record.event") == [(1,)]


def test_two_at_once(fresh):
    for name, _, _ in partitions(fresh, "session"):
        fresh.sql(f"DROP TABLE idp.{name}")
    answers, start = [], threading.Barrier(4)

    def one():
        start.wait()
        answers.extend(housekeep(fresh))

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([s for s in answers if s[0] == "made"]) == 2
    assert {did for did, _ in answers} <= {"made", "busy"}
    assert len(partitions(fresh, "session")) == 2


def test_housekeeping_gives_way(fresh):
    """A sign-in that reads a table is never behind a housekeeping that waits for that table."""
    add_session(fresh, now() - timedelta(days=10), now() - timedelta(days=9))
    with fresh.connect() as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM idp.session")
        started = now()
        assert ("busy", "session") in housekeep(fresh)
        assert now() - started < timedelta(seconds=2)
        assert fresh.sql("SELECT count(*) FROM idp.session", user="pratu_web") == [(1,)]
    assert [did for did, _ in housekeep(fresh)] == ["adopted", "dropped"]


def month(back):
    """The first instant of the month so many months ago."""
    first = now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    for _ in range(back):
        first = (first - timedelta(days=1)).replace(day=1)
    return first


def add_month(instance, first):
    """A month of the record as it would stand had housekeeping been there then."""
    name = f"event_{first:%Y%m}"
    end = (first + timedelta(days=32)).replace(day=1)
    instance.sql("SET ROLE pratu_owner; SET timezone = 'UTC'; DO $do$ DECLARE policy idp.partition_policy; BEGIN"
              " SELECT * INTO policy FROM idp.partition_policy WHERE table_name = 'event';"
              f" PERFORM idp.partition_new(policy, '{name}');"
              f" PERFORM idp.partition_attach(policy, '{name}', '{first}', '{end}'); END $do$")  # fmt: skip
    instance.sql("INSERT INTO record.event (kind, outcome, at) VALUES ('test', 'ok', %s)", [first])
    return name


def expire(instance, *arguments):
    marks = ", ".join("%s" for _ in arguments)
    return [n for (n,) in instance.sql(f"SELECT record.expire({marks})", arguments, user="pratu_admin")]


@pytest.mark.parametrize("days", [89, 1, 0, -1, None])
def test_expire_refuses_under_90_days(instance, days):
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="90 days"):
        expire(instance, days)


def test_expire_drops_whole_months_and_leaves_a_record(fresh):
    names = [add_month(fresh, month(back)) for back in (8, 7, 6, 1)]
    assert expire(fresh, 120, True) == names[:3]
    assert fresh.sql("SELECT count(*) FROM record.event") == [(4,)], "a dry run drops nothing"
    assert expire(fresh, 120, False, "somchai") == names[:3]
    kinds = fresh.sql("SELECT kind, outcome, detail FROM record.event ORDER BY at")
    assert [k[0] for k in kinds] == ["test", "expire"]
    assert kinds[1][1:] == ("ok", {"days": 120, "by": "somchai", "partitions": names[:3]})


def test_a_month_that_is_not_wholly_past_stays(fresh):
    name = add_month(fresh, month(4))
    end = (month(4) + timedelta(days=32)).replace(day=1)
    days = (now() - end).days
    assert expire(fresh, days + 1) == []
    assert expire(fresh, max(days, 90)) == ([name] if days >= 90 else [])
