# SPDX-License-Identifier: Apache-2.0
"""The statements that end a sign-in, by themselves: what each checks, what two of them do at one moment, and that each finds
its rows in one partition."""
import re
import sys
import threading
import time
import uuid

import psycopg
import pytest
from lib.instance import ROOT
from lib.statements import arguments

sys.path.insert(0, str(ROOT / "deploy" / "build"))
from queries import parse_query  # noqa: E402

SOMCHAI, MALEE = (f"00000000-0000-4000-8000-00000000000{i}" for i in (1, 2))
IDLE_S = 1800


def now_ms():
    return time.time_ns() // 1_000_000


def uuid7(ms):
    digits = f"{ms:012x}"
    return f"{digits[:8]}-{digits[8:]}-7{uuid.uuid4().hex[:3]}-8{uuid.uuid4().hex[:3]}-{uuid.uuid4().hex[:12]}"


class Web:
    """One connection of the web role that runs queries by their names."""

    def __init__(self, instance):
        self.db = instance.connect("pratu_web")
        self.prepared = set()

    def _prepare(self, name):
        query = parse_query(ROOT / "sql" / "query" / "web" / f"{name}.sql")
        if name not in self.prepared:
            types = ", ".join(query.wire_types)
            self.db.execute(f"PREPARE {name} ({types}) AS {query.sql}".encode())
            self.prepared.add(name)
        return query

    def _call(self, name, values):
        query = self._prepare(name)
        parts = [psycopg.sql.SQL("{}::" + t).format(psycopg.sql.Literal(v))
                 for v, t in zip(arguments(query, [values]), query.wire_types)]
        return psycopg.sql.SQL("EXECUTE {} ({})").format(
            psycopg.sql.Identifier(name), psycopg.sql.SQL(", ").join(parts))

    def run(self, name, **values):
        rows = self.db.execute(self._call(name, values)).fetchall()
        return [row[1:] for row in rows] if self._prepare(name).batch else rows

    def explain(self, name, **values):
        call = psycopg.sql.SQL("EXPLAIN (ANALYZE, COSTS off, TIMING off, SUMMARY off) ") + self._call(name, values)
        return "\n".join(row[0] for row in self.db.execute(call).fetchall())


@pytest.fixture(scope="module")
def base(instance):
    for citizen in (SOMCHAI, MALEE):
        instance.sql("INSERT INTO idp.citizen (citizen_id, claims) VALUES (%s, '{}')", [citizen])
    instance.sql("INSERT INTO idp.client (client_id, metadata, sector) VALUES ('tax', '{}', 'tax.example')")
    return instance


@pytest.fixture
def web(base):
    base.sql("UPDATE idp.citizen SET locked = false")
    base.sql("UPDATE idp.client SET disabled = false WHERE disabled")
    one = Web(base)
    yield one
    one.db.close()


def version(instance):
    return instance.sql("SELECT version FROM idp.client WHERE client_id = 'tax'")[0][0]


def grant_values(instance, **more):
    ms = now_ms()
    return {
        "client_id": "tax", "client_version": version(instance), "grant_id": uuid7(ms), "grant_ms": ms, "sub": "sub",
        "scope": "openid", "claims": "{}", "ticket": "granted", "offline": False, "expires_at_s": ms // 1000 + 3600,
        "code_hash": uuid.uuid4().bytes, "code_ms": ms, "code_ttl_s": 60, "redirect_uri": "https://tax.example/cb",
        "consented": False, "consent_claims": "[]", "correlation_id": "c", **more,
    }  # fmt: skip


def session_values(subject=SOMCHAI, **more):
    ms = now_ms()
    return {
        "session_id": uuid7(ms), "session_ms": ms, "token_hash": uuid.uuid4().bytes, "subject_id": subject,
        "actor_id": subject, "authentication_id": str(uuid.uuid4()), "session_ticket": "t", "acr": "urn:pratu:loa:2",
        "amr": ["pwd", "otp"], "auth_time_s": ms // 1000, "absolute_s": 43200, "device_hash": b"d", "offline": False,
        "old_from_ms": 0, "old_until_ms": 0, "client_version": 0, "grant_ms": 0, "expires_at_s": 0, "code_ms": 0,
        "code_ttl_s": 0, "correlation_id": "c", **more,
    }  # fmt: skip


def begin(web, subject=SOMCHAI, **more):
    """A new session: what its cookie's look-up and the issue of a code take."""
    values = session_values(subject, **more)
    [(issued, _)] = web.run("sign_in_commit", **values)
    ms = values["session_ms"]
    [row] = web.run("session_load", token_hash=values["token_hash"], from_ms=ms, until_ms=ms + 1, idle_s=IDLE_S)
    return {"session_id": str(row[0]), "session_created_at": row[1], "session_from_ms": ms, "session_until_ms": ms + 1,
            "idle_s": IDLE_S, "values": values, "issued": issued}


def live_of(session):
    return {k: session[k] for k in ("session_id", "session_created_at", "session_from_ms", "session_until_ms", "idle_s")}


def issue(web, instance, session, **more):
    live = live_of(session)
    return web.run("code_issue", **live, **grant_values(instance, **more)) == [(True,)]


def test_a_live_session_gets_a_code_once_for_a_transaction(base, web):
    session = begin(web)
    same = {k: v for k, v in grant_values(base).items() if k.startswith("grant_")}
    assert issue(web, base, session, **same)
    assert not issue(web, base, session, **same), "its primary key: the transaction's id"
    live = live_of(session)
    assert web.run("issue_why", **live, **grant_values(base, **same)) == [(True, True, True)]
    assert base.sql("SELECT count(*) FROM idp.code WHERE grant_id = %s", [same["grant_id"]]) == [(1,)]
    kinds = base.sql("SELECT kind FROM record.event WHERE grant_id = %s", [same["grant_id"]])
    assert kinds == [("code",)]


@pytest.mark.parametrize("change, why", [
    ("UPDATE idp.session SET expires_at = now() WHERE session_id = %s", (False, True, False)),
    ("UPDATE idp.session SET last_seen_at = now() - interval '31 minutes' WHERE session_id = %s", (False, True, False)),
    ("UPDATE idp.session SET ended_at = now(), ticket = '' WHERE session_id = %s", (False, True, False)),
    ("UPDATE idp.citizen SET locked = true WHERE %s::text <> ''", (False, True, False)),
    ("UPDATE idp.client SET disabled = true WHERE %s::text <> ''", (False, False, True)),
    ("UPDATE idp.client SET updated_at = now() WHERE %s::text <> ''", (False, False, True)),
])  # fmt: skip
def test_what_is_not_as_it_was_read_gets_no_code(base, web, change, why):
    session, values = begin(web), grant_values(base)
    base.sql(change, [session["session_id"]])
    assert not issue(web, base, session, **values)
    live = live_of(session)
    assert web.run("issue_why", **live, **values) == [why]
    assert base.sql("SELECT 1 FROM idp.authz_grant WHERE grant_id = %s", [values["grant_id"]]) == []


def test_a_sign_in_makes_session_grant_and_code_in_one_statement(base, web):
    session = begin(web, **grant_values(base))
    assert session["issued"]
    [(same,)] = base.sql(
        "SELECT g.session_created_at = s.created_at AND k.grant_created_at = g.created_at AND k.created_at = idp.at_ms(%s)"
        " AND g.subject_id = g.actor_id FROM idp.session s JOIN idp.authz_grant g USING (session_id)"
        " JOIN idp.code k USING (grant_id) WHERE s.session_id = %s",
        [session["values"]["code_ms"], session["session_id"]],
    )
    assert same


def test_a_session_lives_as_long_as_tokens_find_it(base, web):
    """Its id is made with the password, minutes before the code: what is issued in it can be redeemed to its last second."""
    session = begin(web, auth_time_s=now_ms() // 1000 + 600)
    [(fits,)] = base.sql("SELECT expires_at = created_at + interval '12 hours' FROM idp.session WHERE session_id = %s", [session["session_id"]])
    assert fits


def test_a_locked_citizen_gets_nothing(base, web):
    base.sql("UPDATE idp.citizen SET locked = true WHERE citizen_id = %s", [SOMCHAI])
    values = session_values(**grant_values(base))
    assert web.run("sign_in_commit", **values) == []
    assert base.sql("SELECT 1 FROM idp.session WHERE session_id = %s", [values["session_id"]]) == []


def test_a_client_that_changed_gets_no_code_and_the_citizen_is_signed_in(base, web):
    session = begin(web, **grant_values(base, client_version=version(base) - 1))
    assert not session["issued"]
    assert base.sql("SELECT 1 FROM idp.authz_grant WHERE session_id = %s", [session["session_id"]]) == []


@pytest.mark.parametrize("subject, lives", [(SOMCHAI, True), (MALEE, False)])
def test_a_new_session_takes_the_place_of_the_browsers_old_one(base, web, subject, lives):
    old = begin(web, **grant_values(base))
    ms = old["values"]["session_ms"]
    new = begin(web, subject, old_token_hash=old["values"]["token_hash"], old_from_ms=ms, old_until_ms=ms + 1)
    [(ended, ticket)] = base.sql("SELECT ended_at IS NOT NULL, ticket FROM idp.session WHERE session_id = %s", [old["session_id"]])
    assert ended and ticket == ""
    [(revoked, session)] = base.sql(
        "SELECT revoked_at IS NOT NULL, session_id::text FROM idp.authz_grant WHERE grant_id = %s", [old["values"]["grant_id"]])
    assert (revoked, session) == (not lives, new["session_id"] if lives else old["session_id"])
    reasons = base.sql("SELECT kind, reason FROM record.event WHERE session_id = %s AND kind <> 'code' ORDER BY kind", [old["session_id"]])
    assert reasons == ([] if lives else [("revoke", "replaced")]) + [("session_end", "replaced")]


def test_an_end_of_access_waits_for_an_issue_and_sees_its_grant(base, web):
    """Of an end at the same moment nothing is left over: offline grants too are ended with all of a citizen's access."""
    session, values = begin(web), grant_values(base, offline=True)
    other = base.connect("pratu_web")
    end = "SELECT ended_grant::text FROM idp.end_access('subject', %s, NULL, NULL, NULL, false, 'test', ROW(NULL, NULL, NULL, NULL, 'c')::record.context)"
    ended = []
    with web.db.transaction():
        assert issue(web, base, session, **values)
        thread = threading.Thread(target=lambda: ended.extend(other.execute(end, [SOMCHAI]).fetchall()))
        thread.start()
        wait_until_blocked(base, other)
    thread.join()
    assert (values["grant_id"],) in ended
    other.close()


def test_an_issue_waits_for_an_end_of_access_and_gives_nothing(base, web):
    session, values = begin(web), grant_values(base, offline=True)
    other, got = base.connect("pratu_web"), []
    end = "SELECT * FROM idp.end_access('session', %s, %s, NULL, NULL, true, 'test', ROW(NULL, NULL, NULL, NULL, 'c')::record.context)"
    with other.transaction():
        other.execute(end, [SOMCHAI, session["session_id"]])
        thread = threading.Thread(target=lambda: got.append(issue(web, base, session, **values)))
        thread.start()
        wait_until_blocked(base, web.db)
    thread.join()
    assert got == [False]
    other.close()


def test_two_issues_at_one_moment_do_not_wait_for_each_other(base, web):
    """Each holds the session for reading, and writes that it was used: whoever is to write holds nothing while it waits."""
    session, got = begin(web), []
    base.sql("UPDATE idp.session SET last_seen_at = now() - interval '2 minutes' WHERE session_id = %s", [session["session_id"]])
    other = base.connect("pratu_web")
    with other.transaction():
        other.execute("SELECT FROM idp.session WHERE session_id = %s FOR SHARE", [session["session_id"]])
        thread = threading.Thread(target=lambda: got.append(issue(web, base, session)))
        thread.start()
        wait_until_blocked(base, web.db)
        other.execute("UPDATE idp.session SET last_seen_at = now() WHERE session_id = %s", [session["session_id"]])
    thread.join()
    assert got == [True]
    other.close()


def test_an_issue_writes_that_the_session_was_used(base, web):
    session = begin(web)
    seen = "SELECT now() - last_seen_at < interval '1 minute' FROM idp.session WHERE session_id = %s"
    base.sql("UPDATE idp.session SET last_seen_at = now() - interval '2 minutes' WHERE session_id = %s", [session["session_id"]])
    assert issue(web, base, session)
    assert base.sql(seen, [session["session_id"]]) == [(True,)]


def test_a_session_that_is_replaced_and_ended_at_one_moment(base, web):
    """Both lock the session before its grants, so that neither waits for the other for ever."""
    old = begin(web, **grant_values(base))
    ms, session_id = old["values"]["session_ms"], old["session_id"]
    other, holder, failed = base.connect("pratu_web"), base.connect(), []
    end = "SELECT * FROM idp.end_access('session', %s, %s, NULL, NULL, true, 'test', ROW(NULL, NULL, NULL, NULL, 'c')::record.context)"

    def attempt(work):
        try:
            work()
        except psycopg.Error as error:
            failed.append(str(error))

    threads = [
        threading.Thread(target=attempt, args=[lambda: begin(
            web, old_token_hash=old["values"]["token_hash"], old_from_ms=ms, old_until_ms=ms + 1)]),
        threading.Thread(target=attempt, args=[lambda: other.execute(end, [SOMCHAI, session_id])]),
    ]  # fmt: skip
    with holder.transaction():
        holder.execute("SELECT FROM idp.authz_grant WHERE session_id = %s FOR UPDATE", [session_id])
        for thread, connection in zip(threads, (web.db, other)):
            thread.start()
            wait_until_blocked(base, connection)
    for thread in threads:
        thread.join()
    assert failed == []
    assert base.sql("SELECT reason FROM record.event WHERE session_id = %s AND kind = 'session_end'", [session_id]) == [("replaced",)]
    other.close()
    holder.close()


def wait_until_blocked(instance, connection, timeout_s=60):
    until = time.monotonic() + timeout_s
    with instance.connect() as db:
        look = "SELECT cardinality(pg_blocking_pids(%s))"
        while db.execute(look, [connection.info.backend_pid]).fetchone() == (0,):
            assert time.monotonic() < until, "it did not wait for the other"
            db.execute("SELECT pg_sleep(0.01)")


def touched(plan, table):
    """The partitions of a table that a plan looked into."""
    scans = re.findall(rf"Scan (?:using \S+ )?on {table}_(\S+) .*", plan)
    return set(scans)


def test_each_look_up_by_a_handle_touches_one_partition(base, web):
    session = begin(web, **grant_values(base))
    ms = session["values"]["session_ms"]
    by_cookie = {"token_hash": session["values"]["token_hash"], "from_ms": ms, "until_ms": ms + 1, "idle_s": IDLE_S}
    live = live_of(session)
    grant = session["values"]["grant_ms"]
    for name, tables, values in (
        ("session_load", ["session"], {**by_cookie, "client_id": "tax"}),
        ("logout_load", ["session", "authz_grant"],
         {**by_cookie, "client_id": "tax", "grant_id": session["values"]["grant_id"], "grant_from_ms": grant,
          "grant_until_ms": grant + 1}),
        ("code_issue", ["session"], {**live, **grant_values(base)}),
        ("issue_why", ["session", "authz_grant"], {**live, **grant_values(base)}),
        ("session_touch", ["session"], {"session_id": live["session_id"], "created_at": live["session_created_at"]}),
    ):  # fmt: skip
        plan = web.explain(name, **values)
        for table in tables:
            assert len(touched(plan, table)) == 1, f"{name}: {plan}"
