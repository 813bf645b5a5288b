# SPDX-License-Identifier: Apache-2.0
"""What housekeeping deletes row by row, how partitions are stored, and when the record's days get their indexes."""
import threading
import uuid
from datetime import datetime, timedelta, timezone

import psycopg
import pytest

NOW = datetime.now(timezone.utc)
HOT = {"at", "subject_id", "correlation_id", "client_id"}
ALL = HOT | {"session_id", "authentication_id", "grant_id", "address"}


def housekeep(instance):
    return instance.sql("SELECT did, partition FROM idp.housekeep()", user="pratu_web")


def add_day(instance, back):
    """A day of the record that is over, as it is when its time has just passed; its name."""
    day = NOW.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=back)
    name = f"event_{day:%Y%m%d}"
    instance.sql("SET ROLE pratu_owner; SET timezone = 'UTC'; DO $do$ DECLARE policy idp.partition_policy; BEGIN"
              " SELECT * INTO policy FROM idp.partition_policy WHERE table_name = 'event';"
              f" PERFORM idp.partition_new(policy, '{name}');"
              f" PERFORM idp.partition_attach(policy, '{name}', '{day}', '{day + timedelta(days=1)}'); END $do$")  # fmt: skip
    instance.sql("INSERT INTO record.event (kind, outcome, at) VALUES ('test', 'ok', %s)", [day])
    return name


def indexed(instance, name):
    """The first columns of the valid indexes of one partition."""
    found = instance.sql("SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]"
                      " JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam"
                      " WHERE i.indrelid = %s::regclass AND i.indisvalid AND m.amname = 'btree'", [f"record.{name}"])  # fmt: skip
    assert len(found) == len(set(found)), "an index twice"
    return {c for (c,) in found}


@pytest.fixture
def fresh(instances, request):
    one = instances("k_" + request.node.name.removeprefix("test_")[:40].replace("[", "_").replace("]", ""))
    one.init()
    one.migrate()
    return one


# ---------------------------------------------------------------- rows of no more use

ROWS = {
    "throttle": ("INSERT INTO vault.throttle (bucket, failures, next_at, forget_at) VALUES (%s, 1, now(), %s)", timedelta()),
    "device": ("INSERT INTO vault.device (citizen_id, device_hash, forget_at) VALUES (gen_random_uuid(), %s, %s)", timedelta()),
    "factor_failure": ("INSERT INTO vault.factor_failure (citizen_id, kind, device_hash, known, failures, last_at)"
                       " VALUES ('00000000-0000-4000-8000-000000000001', 'totp', %s, false, 1, %s)", timedelta(days=-30)),
}  # fmt: skip


@pytest.mark.parametrize("table", ROWS)
def test_rows_past_their_time_are_deleted_and_no_others(fresh, table):
    statement, limit = ROWS[table]
    fresh.sql("INSERT INTO idp.citizen (citizen_id, claims) VALUES ('00000000-0000-4000-8000-000000000001', '{}')")
    for name, at in (("past", -timedelta(minutes=1)), ("long past", -timedelta(days=500)), ("not yet", timedelta(minutes=1)),
                     ("long to go", timedelta(days=20))):  # fmt: skip
        fresh.sql(statement, [name.encode(), datetime.now(timezone.utc) + limit + at])
    assert housekeep(fresh) == [("deleted", f"2 rows of {table}")]
    column = "bucket" if table == "throttle" else "device_hash"
    assert set(fresh.sql(f"SELECT {column} FROM vault.{table}")) == {(b"not yet",), (b"long to go",)}
    assert housekeep(fresh) == []


def test_a_device_is_known_for_400_days(fresh):
    fresh.sql("INSERT INTO vault.device (citizen_id, device_hash) VALUES (gen_random_uuid(), '')", user="pratu_vault")
    ((left,),) = fresh.sql("SELECT forget_at - now() FROM vault.device")
    assert timedelta(days=399) < left <= timedelta(days=400)


def test_many_rows_are_deleted_in_batches(fresh):
    fresh.sql("INSERT INTO vault.throttle (bucket, failures, next_at, forget_at)"
              " SELECT int4send(i), 1, now(), now() - interval '1 s' FROM generate_series(1, 50000) i")  # fmt: skip
    assert housekeep(fresh) == [("deleted", "20000 rows of throttle"), ("more", "throttle")]
    assert housekeep(fresh) == [("deleted", "20000 rows of throttle"), ("more", "throttle")]
    assert housekeep(fresh) == [("deleted", "10000 rows of throttle")]


def test_a_row_that_a_sign_in_holds_is_not_waited_for(fresh):
    statement, _ = ROWS["throttle"]
    for name in (b"held", b"free"):
        fresh.sql(statement, [name, NOW - timedelta(minutes=1)])
    with fresh.connect("pratu_vault") as db:
        db.execute("BEGIN")
        db.execute("UPDATE vault.throttle SET forget_at = now() + interval '1 hour' WHERE bucket = 'held'")
        assert housekeep(fresh) == [("deleted", "1 rows of throttle")]
        db.execute("COMMIT")
    assert fresh.sql("SELECT bucket FROM vault.throttle") == [(b"held",)]
    assert housekeep(fresh) == [], "it is of use again"


def test_spent_ids_go_with_their_partition(fresh):
    old = NOW - timedelta(days=10)
    for table, columns in (("idp.assertion", "client_id, jti_hash"), ("vault.spent_partial", "partial_id")):
        values = "'a', 'jti'" if table == "idp.assertion" else "gen_random_uuid()"
        fresh.sql(f"INSERT INTO {table} ({columns}, expires_at) VALUES ({values}, %s)", [old])
    assert sorted(did for did, _ in housekeep(fresh)) == ["adopted", "adopted", "dropped", "dropped"]
    assert fresh.sql("SELECT count(*) FROM idp.assertion") == fresh.sql("SELECT count(*) FROM vault.spent_partial") == [(0,)]


@pytest.mark.parametrize("role", ["pratu_web", "pratu_vault", "pratu_admin"])
def test_no_role_changes_what_is_deleted(instance, role):
    for statement in ("UPDATE idp.row_policy SET keep = '0'", "INSERT INTO idp.row_policy VALUES ('idp', 'citizen', 'updated_at', '0')",
                      "UPDATE idp.partition_policy SET keep = '0'"):  # fmt: skip
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            instance.sql(statement, user=role)


# ---------------------------------------------------------------- storage

def test_spending_touches_no_index(fresh):
    """Room on the page keeps the update of a code in it (HOT)."""
    fresh.sql("INSERT INTO idp.code (code_hash, grant_id, client_id, redirect_uri, code_challenge, nonce, expires_at)"
              " SELECT sha256(int4send(i)), gen_random_uuid(), 'client', 'https://agency.example/callback', repeat('c', 43),"
              " repeat('n', 32), now() FROM generate_series(1, 2000) i", user="pratu_web")  # fmt: skip
    with fresh.connect("pratu_web") as db:
        db.execute("BEGIN")
        db.execute("UPDATE idp.code SET spent_at = now()")
        ((updated, hot),) = db.execute("SELECT sum(n_tup_upd), sum(n_tup_hot_upd) FROM pg_stat_xact_user_tables"
                                       " WHERE relname ~ '^code_'").fetchall()  # fmt: skip
        db.execute("ROLLBACK")
    assert updated == 2000 and hot >= 1900


def test_partitions_have_the_storage_of_their_policy(instance):
    wrong = instance.sql("""
        SELECT p.name, o.storage, c.reloptions FROM idp.partition p
        JOIN idp.partition_policy o USING (schema_name, table_name)
        JOIN pg_class c ON c.relname = p.name AND c.relnamespace = p.schema_name::regnamespace
        WHERE array_to_string(c.reloptions, ', ') IS DISTINCT FROM nullif(replace(o.storage, ' = ', '='), '')""")
    assert wrong == []


# ---------------------------------------------------------------- indexes of the record

def test_the_day_that_is_written_has_only_the_hot_indexes(instance):
    parts = instance.sql("SELECT name FROM idp.partition WHERE table_name = 'event'")
    assert len(parts) == 4  # today, two ahead, the default
    for (name,) in parts:
        assert indexed(instance, name) == HOT


def test_the_other_columns_of_today_share_one_summary(instance):
    """Found by it once its ranges are filled: the plan reads no whole day."""
    found = instance.sql("SELECT c.reloptions, ARRAY(SELECT attname FROM pg_attribute a WHERE a.attrelid = c.oid ORDER BY attname)"
                      " FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam"
                      f" WHERE i.indrelid = 'record.event_{NOW:%Y%m%d}'::regclass AND m.amname = 'brin'")  # fmt: skip
    assert found == [(["pages_per_range=32", "autosummarize=on"], sorted(ALL - HOT))]


@pytest.mark.parametrize("column", sorted(ALL - HOT))
def test_the_summary_is_used(fresh, column):
    fresh.sql("INSERT INTO record.event (kind, outcome, session_id, authentication_id, grant_id, client_id, address, user_agent)"
              " SELECT 'test', 'ok', gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'c' || i, '10.0.0.0'::inet + i,"
              " repeat('x', 400) FROM generate_series(1, 20000) i")  # fmt: skip
    part = f"record.event_{NOW:%Y%m%d}"
    with fresh.connect() as db:
        ((index,),) = db.execute("SELECT c.oid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m"
                                 " ON m.oid = c.relam WHERE i.indrelid = %s::regclass AND m.amname = 'brin'", [part]).fetchall()  # fmt: skip
        db.execute(f"SELECT brin_summarize_new_values('{index}')")
        db.execute(f"ANALYZE {part}")
        ((value,),) = db.execute(f"SELECT {column}::text FROM {part} OFFSET 7000 LIMIT 1").fetchall()
        db.execute("SET enable_seqscan = off")  # as record.search does
        plan = db.execute(f"EXPLAIN (ANALYZE, TIMING OFF, COSTS OFF) SELECT * FROM record.event WHERE at >= now() - interval '1 hour'"
                          f" AND {column} = '{value}' ORDER BY at DESC LIMIT 500").fetchall()  # fmt: skip
    text = "\n".join(line for (line,) in plan)
    assert index.partition(".")[2] in text, text
    ((config,),) = fresh.sql("SELECT proconfig FROM pg_proc WHERE oid::regproc::text = 'record.search'")
    assert {"enable_seqscan=off", "jit=off", "max_parallel_workers_per_gather=0"} <= set(config)


def test_a_day_that_is_over_gets_the_others_one_by_one(fresh):
    days = [add_day(fresh, back) for back in (1, 2)]
    built = [fresh.sql("SELECT record.index_next(NULL)", user="pratu_web")[0][0] for _ in range(9)]
    assert built == [f"record.{day} ({column})" for day in days for column in sorted(ALL - HOT)] + [None]
    assert [indexed(fresh, day) for day in days] == [ALL, ALL]
    today = f"event_{NOW:%Y%m%d}"
    assert indexed(fresh, today) == HOT


def test_a_large_day_is_left_to_the_command(fresh):
    add_day(fresh, 1)
    assert fresh.sql("SELECT record.index_next(1)", user="pratu_web") == [(None,)]
    assert len(fresh.json("records", "index")["built"]) == len(ALL - HOT)
    assert "no index is missing" in fresh.pratu("records", "index").stdout


def test_two_at_once_build_no_index_twice(fresh):
    day, answers, start = add_day(fresh, 1), [], threading.Barrier(3)

    def one():
        start.wait()
        for _ in range(6):
            answers.extend(v for (v,) in fresh.sql("SELECT record.index_next(NULL)", user="pratu_web"))

    threads = [threading.Thread(target=one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done = [s for s in answers if s]
    assert len(done) == len(set(done)) and indexed(fresh, day) <= ALL


def test_a_writer_is_never_behind_an_index(fresh):
    """A row of a day that is over, not committed yet: the index is not waited for, and comes later."""
    day = add_day(fresh, 1)
    with fresh.connect() as db:
        db.execute("BEGIN")
        db.execute(f"INSERT INTO record.{day} (kind, outcome, at) SELECT 'late', 'ok', max(at) FROM record.{day}")
        assert fresh.sql("SELECT record.index_next(NULL)", user="pratu_web") == [(None,)]
        db.execute("COMMIT")
    assert fresh.sql("SELECT record.index_next(NULL)", user="pratu_web") != [(None,)]


def test_the_doctor_names_days_without_their_indexes(fresh):
    add_day(fresh, 1)
    assert fresh.sql("SELECT record.index_next(1)") == [(None,)]
    checks = fresh.json("doctor", status=None)["checks"]
    assert not [c for c in checks if "lack indexes" in c["found"]], "yesterday is young"
    add_day(fresh, 5)
    (line,) = [c for c in fresh.json("doctor", status=None)["checks"] if "lack indexes" in c["found"]]
    assert (line["check"], line["verdict"], line["todo"]) == ("partitions", "warn", "pratu records index")
    fresh.pratu("records", "index")
    assert not [c for c in fresh.json("doctor", status=None)["checks"] if "lack indexes" in c["found"]]


def test_a_row_stands_in_the_day_it_was_written(instance):
    mark = str(uuid.uuid4())
    instance.sql("INSERT INTO record.event (kind, outcome, correlation_id) VALUES ('revoke', 'ok', %s)", [mark], user="pratu_web")
    ((part, at),) = instance.sql("SELECT tableoid::regclass::text, at FROM record.event WHERE correlation_id = %s", [mark])
    assert part == f"record.event_{at:%Y%m%d}"


def test_a_search_goes_on_over_days_and_what_lies_between_them(fresh):
    """Rows of three days and of two that have no partition: the newest first, in pages that end anywhere."""
    for back in (5, 3, 1):
        add_day(fresh, back)
    midnight = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
    fresh.sql("INSERT INTO record.event (kind, outcome, client_id, at) SELECT 'test', 'ok', 'searched', %s - i * interval '7 hours'"
              " FROM generate_series(1, 18) i", [midnight])  # fmt: skip
    everything = fresh.sql("SELECT at, event_id FROM record.event WHERE client_id = 'searched' ORDER BY at DESC, event_id DESC")
    assert len(everything) == 18 and fresh.sql("SELECT count(*) > 0 FROM record.event_default") == [(True,)]
    found, at, event_id = [], None, None
    while len(found) < len(everything):
        page = fresh.sql("SELECT at, event_id FROM record.search(%s, 'infinity', %s, %s, NULL, 'searched', NULL, NULL, NULL, NULL,"
                         " NULL, NULL, NULL, 5)", [midnight - timedelta(days=6), at, event_id], user="pratu_admin")  # fmt: skip
        assert page
        found, (at, event_id) = found + page, page[-1]
    assert found == everything


def test_a_search_ends_with_the_day_that_fills_its_page(fresh):
    """The indexes of an older day are not even opened: a transaction holds a lock on what it opened."""
    day = add_day(fresh, 1)
    fresh.sql("INSERT INTO record.event (kind, outcome, client_id) SELECT 'test', 'ok', 'searched' FROM generate_series(1, 5) i")
    search = ("SELECT count(*) FROM record.search(now() - interval '3 days', 'infinity', NULL, NULL, NULL, 'searched', NULL, NULL,"
              " NULL, NULL, NULL, NULL, NULL, %s)")  # fmt: skip
    opened = ("SELECT count(*) > 0 FROM pg_locks l JOIN pg_index i ON i.indexrelid = l.relation"
              f" WHERE l.pid = pg_backend_pid() AND i.indrelid = 'record.{day}'::regclass")  # fmt: skip
    with fresh.connect("pratu_admin") as db, db.transaction():
        assert db.execute(search, [5]).fetchone() == (5,) and db.execute(opened).fetchone() == (False,)
        assert db.execute(search, [6]).fetchone() == (5,) and db.execute(opened).fetchone() == (True,)
