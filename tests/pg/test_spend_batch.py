# SPDX-License-Identifier: Apache-2.0
"""Several jobs in one statement of sql/query: each gets its own row, one-time things are given to one of them, and none widens
what another may have."""
import secrets
import uuid
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from lib.access import Access, handle, issue_job as issue, session_of, sha256, uuid7
from lib.stack import wait_until
from lib.statements import query, run


def by_job(rows):
    found = {row["job"]: row for row in rows}
    assert len(found) == len(rows), "one row a job at most"
    return found


def events(db, *accesses):
    return [db.execute("SELECT count(*) FROM record.event WHERE grant_id = %s", [a.grant_id]).fetchone()[0] for a in accesses]


# ---------------------------------------------------------------- each its own


def test_each_code_gives_its_own(db, web):
    accesses = [Access(db, scope="openid email" if i % 2 else "openid") for i in range(8)]
    jobs = [a.redeem(a.code(nonce=f"n{i}")) for i, a in enumerate(accesses)]
    jobs[3]["redirect_uri"] = "https://elsewhere.example/"
    jobs[5]["code_hash"] = sha256("unknown")
    rows = by_job(run(web, "web/token_redeem", jobs=jobs))
    assert set(rows) == {1, 2, 3, 5, 7, 8}
    assert all(row["nonce"] == f"n{job - 1}" for job, row in rows.items())
    assert all(row["scope"] == ("openid" if job % 2 else "openid email") for job, row in rows.items())
    assert events(db, *accesses) == [1, 1, 1, 0, 1, 0, 1, 1]
    for job in rows:
        ((jti,),) = db.execute("SELECT jti FROM record.event WHERE grant_id = %s", [accesses[job - 1].grant_id]).fetchall()
        assert jti == jobs[job - 1]["jti"]


def test_each_disclosure_is_recorded_for_its_own(db, web):
    accesses = [Access(db) for _ in range(4)]
    db.execute("UPDATE idp.authz_grant SET revoked_at = now() WHERE grant_id = %s", [accesses[1].grant_id])
    jobs = [a.userinfo() for a in accesses] + [accesses[0].userinfo(client_id="another"), accesses[3].userinfo(grant_id=uuid7())]
    rows = by_job(run(web, "web/userinfo", jobs=jobs))
    assert {job: row["recorded"] for job, row in rows.items()} == {1: True, 2: False, 3: True, 4: True}
    assert [str(rows[i + 1]["grant_id"]) for i in range(4)] == [a.grant_id for a in accesses]
    assert rows[2]["revoked"] and events(db, *accesses) == [1, 0, 1, 1]


def test_each_cookie_has_its_own_session(db, web):
    accesses, hashes = [Access(db) for _ in range(4)], []
    for a in accesses:
        ((token_hash,),) = db.execute("SELECT token_hash FROM idp.session WHERE session_id = %s", [a.session_id]).fetchall()
        hashes.append(bytes(token_hash))
    db.execute("UPDATE idp.session SET ended_at = now() WHERE session_id = %s", [accesses[2].session_id])
    jobs = [{"token_hash": h, "from_ms": a.ms, "until_ms": a.ms + 1, "idle_s": 1800} for a, h in zip(accesses, hashes)]
    rows = by_job(run(web, "web/session_load", jobs=jobs))
    assert {job: str(row["session_id"]) for job, row in rows.items()} == {
        i + 1: a.session_id for i, a in enumerate(accesses) if i != 2}  # fmt: skip


def test_each_refresh_token_is_for_its_own(db, web):
    accesses = [Access(db, offline=True) for _ in range(3)]
    tokens, fresh = [a.refresh_token() for a in accesses], [handle() for _ in accesses]
    rows = by_job(run(web, "web/token_renew", jobs=[a.renew(t, scopes=s) for a, t, s in zip(accesses, tokens, (
        ["openid"], ["email"], ["openid", "email"]))]))  # fmt: skip
    assert [rows[i]["scope"] for i in (1, 2, 3)] == ["openid", "email", "openid email"], "none has another's scope"
    rows = by_job(run(web, "web/token_rotate", jobs=[a.rotate(t, f) for a, t, f in zip(accesses, tokens, fresh)]))
    assert set(rows) == {1, 2, 3} and events(db, *accesses) == [2, 2, 2]
    for a, t, f in zip(accesses, tokens, fresh):
        assert db.execute("SELECT grant_id::text FROM idp.refresh_token WHERE token_hash = %s", [sha256(f)]).fetchone() == (a.grant_id,)
        assert bytes(db.execute("SELECT successor_hash FROM idp.refresh_token WHERE token_hash = %s", [sha256(t)]).fetchone()[0]) == sha256(f)


def test_each_code_is_issued_for_its_own(db, web):
    accesses = [Access(db) for _ in range(3)]
    jobs = [issue(a, consented=i == 1) for i, a in enumerate(accesses)]
    jobs[2]["client_version"] = 0
    rows = by_job(run(web, "web/code_issue", jobs=jobs))
    assert set(rows) == {1, 2}
    for i, a in enumerate(accesses[:2]):
        kinds = db.execute("SELECT kind, session_id::text, client_id FROM record.event WHERE grant_id = %s ORDER BY kind",
                           [jobs[i]["grant_id"]]).fetchall()  # fmt: skip
        assert kinds == [(kind, a.session_id, a.client_id) for kind in (("code", "consent") if i == 1 else ("code",))]
        assert db.execute("SELECT client_id FROM idp.code WHERE code_hash = %s", [jobs[i]["code_hash"]]).fetchone() == (a.client_id,)


# ---------------------------------------------------------------- one-time stays one-time


def test_a_code_twice_is_spent_once(db, web):
    one, other = Access(db, offline=True), Access(db)
    code, fresh = one.code(), [handle(), handle()]
    jobs = [one.redeem(code, refresh=fresh[0]), other.redeem(other.code()), one.redeem(code, refresh=fresh[1])]
    rows = by_job(run(web, "web/token_redeem", jobs=jobs))
    assert len(rows) == 2 and 2 in rows
    assert events(db, one, other) == [1, 1]
    (winner,) = set(rows) - {2}
    stored = db.execute("SELECT token_hash FROM idp.refresh_token WHERE grant_id = %s", [one.grant_id]).fetchall()
    assert [bytes(h) for (h,) in stored] == [jobs[winner - 1]["refresh_hash"]]


def test_a_refresh_token_twice_is_rotated_once(db, web):
    access = Access(db, offline=True)
    token, fresh = access.refresh_token(), [handle(), handle()]
    for again in (False, True):  # the second time the former is tried again, with its successor unused
        jobs = [access.rotate(token, f if not again else handle()) for f in fresh]
        (row,) = run(web, "web/token_rotate", jobs=jobs)
        assert row["ticket"] == "grant ticket"
        unspent = db.execute("SELECT token_hash FROM idp.refresh_token WHERE grant_id = %s AND spent_at IS NULL",
                             [access.grant_id]).fetchall()  # fmt: skip
        assert [bytes(h) for (h,) in unspent] == [jobs[row["job"] - 1]["refresh_hash"]]


def test_a_reuse_beside_a_retry_rotates_nothing(db, web):
    retry, reuse = Access(db, offline=True), Access(db, offline=True)
    tokens = [a.refresh_token() for a in (retry, reuse)]
    successors = [handle(), handle()]
    run(web, "web/token_rotate", jobs=[a.rotate(t, s) for a, t, s in zip((retry, reuse), tokens, successors)])
    run(web, "web/token_rotate", **reuse.rotate(successors[1], handle()))
    (row,) = run(web, "web/token_rotate", jobs=[reuse.rotate(tokens[1], handle()), retry.rotate(tokens[0], handle())])
    assert row["job"] == 2


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_token_and_its_former_together_leave_one_successor(db, web, order):
    access = Access(db, offline=True)
    former, successor = access.refresh_token(), handle()
    run(web, "web/token_rotate", **access.rotate(former, successor))
    jobs = [access.rotate(former, handle()), access.rotate(successor, handle())]
    rows = run(web, "web/token_rotate", jobs=[jobs[i] for i in order])
    assert len(rows) == 1
    unspent = db.execute("SELECT count(*) FROM idp.refresh_token WHERE grant_id = %s AND spent_at IS NULL", [access.grant_id])
    assert unspent.fetchone() == (1,)


def test_a_transaction_twice_yields_one_code(db, web):
    access, other = Access(db), Access(db)
    same = uuid7()
    jobs = [issue(access, same), issue(other), issue(access, same)]
    rows = by_job(run(web, "web/code_issue", jobs=jobs))
    assert set(rows) == {1, 2}
    assert db.execute("SELECT count(*) FROM idp.code WHERE grant_id = %s", [same]).fetchone() == (1,)
    assert db.execute("SELECT count(*) FROM record.event WHERE grant_id = %s", [same]).fetchone() == (1,)


# ---------------------------------------------------------------- all or nothing, and no more than declared


@pytest.mark.parametrize("what", [{"address": "nowhere"}, {"scopes": ["ok"], "code_challenge": None, "address": "1.2.3.4/99"}])
def test_a_value_that_does_not_fit_changes_nothing_of_any(db, web, what):
    good, bad = Access(db), Access(db)
    with pytest.raises(psycopg.errors.DataError):
        run(web, "web/token_redeem", jobs=[good.redeem(good.code()), bad.redeem(bad.code(), **what)])
    assert events(db, good, bad) == [0, 0]


def test_more_jobs_than_declared_are_not_looked_at(db, web):
    access = Access(db)
    most = query("web/userinfo").batch
    rows = run(web, "web/userinfo", jobs=[access.userinfo(jti=str(uuid.uuid4())) for _ in range(most + 1)])
    assert sorted(row["job"] for row in rows) == list(range(1, most + 1))


def test_a_citizen_who_allows_twice_at_once_fails_nobody(db, web):
    """Two pages of one citizen for one client, and another citizen's, in one statement: all are issued, and what was allowed adds up."""
    one, other = Access(db), Access(db)
    allowed = {"consented": True, "consent_shown": '["name"]'}
    jobs = [issue(one, scope="openid email", consent_claims='["a"]', **allowed),
            issue(one, scope="openid profile", consent_claims='["b"]', **{**allowed, "consent_shown": '["email"]'}),
            issue(other, scope="openid", **allowed)]  # fmt: skip
    assert set(by_job(run(web, "web/code_issue", jobs=jobs))) == {1, 2, 3}
    ((scope, claims, shown),) = db.execute(
        "SELECT k.scope, k.claims, k.shown FROM idp.consent k JOIN idp.session s ON s.subject_id = k.citizen_id"
        " WHERE s.session_id = %s AND k.client_id = %s", [one.session_id, one.client_id]).fetchall()  # fmt: skip
    assert set(scope.split()) == {"openid", "email", "profile"}
    assert (sorted(claims), sorted(shown)) == (["a", "b"], ["email", "name"])


def test_sessions_are_held_in_the_order_of_the_jobs(instance, db, web):
    """Whatever their grants' ids are: so two batches with the same sessions do not wait for each other in a circle."""
    first, second = Access(db), Access(db)
    for access in (first, second):
        db.execute("UPDATE idp.session SET last_seen_at = now() - interval '2 minutes' WHERE session_id = %s", [access.session_id])
    early, late = sorted((uuid7(), uuid7()))
    jobs = [issue(first, late), issue(second, early)]
    hold = "SELECT FROM idp.session WHERE session_id = %s FOR UPDATE NOWAIT"
    with instance.connect() as other, ThreadPoolExecutor(1) as pool:
        other.execute("BEGIN")
        other.execute(hold, [first.session_id])
        issued = pool.submit(run, web, "web/code_issue", jobs=jobs)
        waits = "SELECT cardinality(pg_blocking_pids(%s)) > 0"
        wait_until(lambda: db.execute(waits, [web.info.backend_pid]).fetchone()[0], what="the statement waits")
        other.execute(hold, [second.session_id])
        other.execute("ROLLBACK")
        assert set(by_job(issued.result(timeout=20))) == {1, 2}
