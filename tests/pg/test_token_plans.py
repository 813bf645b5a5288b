# SPDX-License-Identifier: Apache-2.0
"""What PostgreSQL touches when it spends a code, refreshes, discloses and looks tokens up: of each table one partition, though
there are many, and of what the statement may not read, nothing."""
import re
from collections import defaultdict

import pytest
from lib.access import Access, handle, sha256
from lib.statements import explain, run

TABLES = ("code", "session", "authz_grant", "refresh_token", "assertion")
KEYS = {"code": "code_hash", "session": "session_id", "authz_grant": "grant_id", "refresh_token": "token_hash", "assertion": "jti_hash"}


@pytest.fixture(scope="module")
def db(instance):
    with instance.connect() as one:
        one.autocommit = True
        one.execute(
            "DO $$ DECLARE p idp.partition_policy; at timestamptz; name text; BEGIN"
            " FOR p IN SELECT * FROM idp.partition_policy WHERE schema_name = 'idp' LOOP FOR i IN 1..3 LOOP"
            " at := date_trunc(p.step, now()) - i * ('1 ' || p.step)::interval; name := p.table_name || '_old' || i;"
            " PERFORM idp.partition_new(p, name); PERFORM idp.partition_attach(p, name, at, at + ('1 ' || p.step)::interval);"
            " END LOOP; END LOOP; END $$")  # fmt: skip
        yield one


@pytest.fixture(scope="module")
def web(instance, db):
    with instance.connect("pratu_web") as one:
        one.autocommit = True
        yield one


def scans(nodes):
    """By table: what was read of it, as (partition, times)."""
    read = defaultdict(set)
    for node in nodes:
        name = node.get("Relation Name", "")
        table = next((t for t in TABLES if name.startswith(t)), name)
        if node["Node Type"].endswith("Scan") and name and node["Actual Loops"]:
            read[table].add((name, node["Node Type"], node.get("Index Cond", "")))
    return read


def assert_lean(nodes, *tables, probes=()):
    """Of each of these tables one partition is read, by key. probes: tables of which others may be looked into, by key."""
    read = scans(nodes)
    for table in TABLES:
        partitions = {name for name, _, _ in read[table]}
        if table in tables:
            assert len(partitions) == 1 or table in probes, f"{table}: {partitions or 'nothing'} was read"
        else:
            assert not partitions or table in probes, f"{table} was read"
        for name, kind, condition in read[table]:
            assert kind.startswith("Index") and re.search(rf"\b{KEYS[table]} = ", condition), (name, kind, condition)


def test_the_database_has_many_partitions(db):
    for table in TABLES:
        ((n,),) = db.execute("SELECT count(*) FROM idp.partition WHERE table_name = %s", [table]).fetchall()
        assert n >= 6, table


def test_redeeming_a_code(db, web):
    access = Access(db)
    assert_lean(explain(web, "web/token_redeem", **access.redeem(access.code())), "code", "authz_grant", "session")


def test_spending_changes_no_index(db, web):
    """HOT: no column of an index changes, and the page has room."""
    access = Access(db, offline=True)
    run(web, "web/token_redeem", **access.redeem(access.code()))
    run(web, "web/token_rotate", **access.rotate(access.refresh_token(), handle()))
    web.execute("SELECT pg_stat_force_next_flush()")
    for table in ("code", "refresh_token"):
        rows = db.execute("SELECT sum(n_tup_upd), sum(n_tup_hot_upd) FROM pg_stat_all_tables WHERE schemaname = 'idp' AND relname LIKE %s",
                          [table + r"\_%"]).fetchall()  # fmt: skip
        assert rows[0][0] >= 1 and rows[0][0] == rows[0][1], table


@pytest.mark.parametrize("way", ["renew", "rotate"])
def test_refreshing(db, web, way):
    access = Access(db, offline=True)
    token = access.refresh_token()
    given = access.renew(token) if way == "renew" else access.rotate(token, handle())
    assert_lean(explain(web, f"web/token_{way}", **given), "refresh_token", "authz_grant")


def test_replacing_a_successor(db, web):
    access = Access(db, offline=True)
    token = access.refresh_token()
    run(web, "web/token_rotate", **access.rotate(token, handle()))
    nodes = explain(web, "web/token_rotate", **access.rotate(token, handle()))
    # When the successor was made stands in the row of the former, which is not known when the statement starts.
    assert_lean(nodes, "refresh_token", "authz_grant", probes=["refresh_token"])


def test_userinfo(db, web):
    access = Access(db)
    assert_lean(explain(web, "web/userinfo", **access.userinfo()), "authz_grant", "session")


def test_looking_a_token_up(db, web):
    access = Access(db)
    code, token = access.code(), access.refresh_token()
    for of in ({"code_hash": code}, {"refresh_hash": token}, {"grant_id": access.grant_id}):
        read = scans(explain(web, "web/token_find", **access.find(**of)))
        assert {table: len({name for name, _, _ in read[table]}) for table in ("authz_grant", "session")} == {
            "authz_grant": 1, "session": 1}  # fmt: skip
        # A key that is not given is looked up too, as NULL: in one partition, which has none.
        assert len({name for name, _, _ in read["code"]}) == len({name for name, _, _ in read["refresh_token"]}) == 1


def test_an_assertion_id(db, web):
    ((until,),) = db.execute("SELECT extract(epoch FROM now())::bigint + 60").fetchall()
    given = {"client_id": "rp", "jti_hash": sha256("j1"), "until_s": until}
    read = scans(explain(web, "web/client_assertion_spend", **given))["assertion"]
    # The hour to come may be in two days.
    assert 1 <= len({name for name, _, _ in read}) <= 2 and all(kind.startswith("Index") for _, kind, _ in read)


def looked_into(web, name, **given):
    """The partitions that were read by a statement that calls a function, whose changes are taken back."""
    scans = "SELECT relname, coalesce(idx_scan, 0) + coalesce(seq_scan, 0) FROM pg_stat_xact_user_tables WHERE schemaname = 'idp'"
    with web.transaction(force_rollback=True):
        before = dict(web.execute(scans).fetchall())
        rows = run(web, name, **given)
        read = [table for table, n in web.execute(scans).fetchall() if n > before.get(table, 0)]
    return rows, {table: [one for one in read if one.startswith(table)] for table in ("session", "authz_grant")}


def test_ending_one_grant(db, web):
    access = Access(db)
    (row,), read = looked_into(web, "web/grant_revoke", grant_id=access.grant_id, client_id=access.client_id, cause="test")
    assert row["ended"] == 1
    assert read["session"] == [] and len(read["authz_grant"]) == 1, read


def test_ending_one_session(db, web):
    """Its grants may be older than it is, for they follow the citizen into the next session."""
    access = Access(db)
    rows, read = looked_into(web, "web/session_end", what="session", subject_id=access.citizen_id, session_id=access.session_id,
                             cause="test", actor_id=access.citizen_id, correlation_id="c")  # fmt: skip
    assert len(rows) == 2
    assert len(read["session"]) == 1 and len(read["authz_grant"]) > 1, read


def test_codes_and_tokens_without_a_time_still_work(db, web):
    """Of an earlier release: they are looked for in all partitions."""
    access = Access(db, offline=True)
    code, token = access.code(), access.refresh_token()
    ever = {"from_ms": 0, "until_ms": 253402300800000}
    assert len(run(web, "web/token_redeem", **access.redeem(code, **ever))) == 1
    assert len(run(web, "web/token_rotate", **access.rotate(token, handle(), **ever))) == 1
    assert run(web, "web/token_find", **{**access.find(code_hash=code), **ever})[0]["spent"]
    assert run(web, "web/userinfo", **access.userinfo(**ever))[0]["recorded"]
