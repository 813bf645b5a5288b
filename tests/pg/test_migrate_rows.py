# SPDX-License-Identifier: Apache-2.0
"""A database of the first release (version 4) with rows in every table: after `pratu migrate` each is accounted for."""
import uuid
from datetime import datetime, timedelta, timezone

import psycopg
import pytest

FIRST = 4  # the last migration of the first release
NOW = datetime.now(timezone.utc)
CITIZENS = [uuid.uuid4() for _ in range(3)]
SESSIONS = [uuid.uuid4() for _ in range(2)]  # live, ended
GRANTS = [uuid.uuid4() for _ in range(2)]  # live, revoked
COLUMNS = ("event_id, at, kind, outcome, reason, {citizen_id}, session_id, authentication_id, client_id, acr, amr,"
           " address, device, user_agent, correlation_id, detail")


def last_month():
    return (NOW.replace(day=1) - timedelta(days=3)).replace(hour=12, minute=0, second=0, microsecond=0)


def fill(instance):
    """Through the tables as that release wrote them."""
    def run(statement, *values):
        instance.sql(statement, list(values) or None)

    for citizen in CITIZENS:
        run("INSERT INTO idp.citizen (citizen_id, claims, locked) VALUES (%s, %s, %s)", citizen,
            '{"name": "สมชาย"}', citizen == CITIZENS[2])  # fmt: skip
        run("INSERT INTO vault.identifier VALUES (%s, %s, 'national_id'), (%s, %s, 'alias')", citizen.bytes, citizen,
            citizen.bytes[::-1], citizen)  # fmt: skip
        run("INSERT INTO vault.national_id VALUES (%s, 'sealed')", citizen)
        run("INSERT INTO vault.password (citizen_id, hash) VALUES (%s, '$argon2id$x')", citizen)
        run("INSERT INTO vault.device (citizen_id, device_hash) VALUES (%s, 'device')", citizen)
        run("INSERT INTO vault.subject (citizen_id, sector) VALUES (%s, 'a.example')", citizen)
    run("INSERT INTO vault.totp (citizen_id, sealed, last_step, failures) VALUES (%s, 'seed0', 99, 5), (%s, 'seed1', 7, 0)",
        *CITIZENS[:2])  # fmt: skip
    run("INSERT INTO vault.sandbox_code VALUES (%s, 'code0', 2), (%s, 'code2', 0)", CITIZENS[0], CITIZENS[2])
    run("INSERT INTO vault.throttle VALUES ('bucket', 9, now() + interval '1 hour')")
    run("INSERT INTO vault.signing_key VALUES ('kid', 'ES256', '{}', 'sealed', now(), now(), NULL)")
    run("INSERT INTO vault.spent_partial VALUES (gen_random_uuid(), now() + interval '5 minutes')")
    run("INSERT INTO idp.client (client_id, metadata, secret_hash, sector) VALUES ('a', '{}', 'secret', 'a.example'),"
        " ('b', '{}', NULL, 'b.example')")  # fmt: skip
    run("INSERT INTO idp.authn_transaction VALUES ('handle', 'device', 'a', '{}', '{}', now(), now() + interval '1 hour')")
    for i, session in enumerate(SESSIONS):
        run("INSERT INTO idp.session (session_id, token_hash, citizen_id, authentication_id, ticket, acr, amr, auth_time,"
            " expires_at, ended_at) VALUES (%s, %s, %s, gen_random_uuid(), 'ticket', 'x', '{pwd,otp}', now(),"
            " now() + interval '12 hours', %s)", session, b"token%d" % i, CITIZENS[i], NOW if i else None)  # fmt: skip
        run("INSERT INTO idp.authz_grant (grant_id, client_id, citizen_id, session_id, authentication_id, sub, scope, ticket,"
            " offline, expires_at, revoked_at) VALUES (%s, 'a', %s, %s, gen_random_uuid(), 'sub', 'openid', 'ticket', true,"
            " now() + interval '90 days', %s)", GRANTS[i], CITIZENS[i], session, NOW if i else None)  # fmt: skip
        run("INSERT INTO idp.code (code_hash, grant_id, client_id, redirect_uri, expires_at, spent_at) VALUES"
            " (%s, %s, 'a', 'https://a.example/cb', now() + interval '60 s', %s)", b"code%d" % i, GRANTS[i],
            NOW if i else None)  # fmt: skip
        run("INSERT INTO idp.refresh_token (token_hash, grant_id, client_id, expires_at, spent_at) VALUES"
            " (%s, %s, 'a', now() + interval '90 days', %s)", b"refresh%d" % i, GRANTS[i], NOW if i else None)  # fmt: skip
        run("INSERT INTO idp.consent (citizen_id, client_id, scope) VALUES (%s, 'a', 'openid profile')", CITIZENS[i])
    run("INSERT INTO idp.assertion VALUES ('a', 'jti', now() + interval '60 s')")
    instance.sql("SET ROLE pratu_owner; SET timezone = 'UTC'; DO $do$ DECLARE policy idp.partition_policy;"
              " first timestamptz := date_trunc('month', now()) - interval '1 month'; BEGIN"
              " SELECT * INTO policy FROM idp.partition_policy WHERE table_name = 'event';"
              " PERFORM idp.partition_new(policy, 'event_before');"
              " PERFORM idp.partition_attach(policy, 'event_before', first, first + interval '1 month'); END $do$")  # fmt: skip
    for at in (last_month(), last_month() + timedelta(hours=1), NOW):
        run("INSERT INTO record.event (at, kind, outcome, reason, citizen_id, session_id, authentication_id, client_id, acr,"
            " amr, address, device, user_agent, correlation_id, detail) VALUES (%s, 'totp', 'ok', 'r', %s, %s, %s, 'a', 'x',"
            " '{pwd,otp}', '203.0.113.9', 'd', 'สมชาย', 'c', '{\"n\": 1}')", at, CITIZENS[0], SESSIONS[0],
            uuid.uuid4())  # fmt: skip


TABLES = ("idp.client", "idp.citizen", "idp.session", "idp.authz_grant", "idp.code", "idp.refresh_token", "idp.assertion",
          "idp.consent", "vault.identifier", "vault.national_id", "vault.password", "vault.device", "vault.subject",
          "vault.signing_key", "vault.spent_partial", "record.event")  # fmt: skip


def count(instance):
    return {table: instance.sql(f"SELECT count(*) FROM {table}")[0][0] for table in TABLES}


def record_rows(instance, citizen_id):
    """With where and by which transaction each stands: a row that was moved or updated would differ."""
    columns = COLUMNS.format(citizen_id=citizen_id)
    return instance.sql(f"SELECT ROW({columns})::text, tableoid::regclass::text, ctid::text, xmin::text FROM record.event ORDER BY at")


@pytest.fixture(scope="module")
def old(instances):
    """Migrated from there with its rows, and what it held before."""
    one = instances("from_first_release")
    one.init()
    one.migrate("--to", FIRST)
    fill(one)
    one.before, one.record_before = count(one), record_rows(one, "citizen_id")
    one.migrate()
    return one


def test_every_row_is_accounted_for(old):
    assert all(old.before.values()), "each table had rows"
    assert count(old) == old.before


def test_the_record_is_untouched(old):
    assert record_rows(old, "subject_id") == old.record_before
    assert len(old.record_before) == 3
    assert old.sql("SELECT DISTINCT writer, n, actor_id, grant_id FROM record.event") == [(None, 1, None, None)]


def test_months_stay_and_days_follow_without_a_gap(old):
    parts = old.sql("SELECT name, from_at, to_at FROM idp.partition WHERE table_name = 'event' AND from_at IS NOT NULL"
                    " ORDER BY from_at")  # fmt: skip
    tomorrow = NOW.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    assert [p[0] for p in parts[:2]] == ["event_before", f"event_{NOW:%Y%m}"]
    assert parts[1][2] == tomorrow, "the month ends with today"
    assert all(to_at - from_at == timedelta(days=1) for _, from_at, to_at in parts[2:]) and len(parts) >= 4
    assert all(one[2] == after[1] for one, after in zip(parts, parts[1:]))


def test_old_months_are_still_protected(old):
    for statement in ("UPDATE record.event_before SET kind = 'x'", "DELETE FROM record.event", "TRUNCATE record.event_before"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            old.sql(statement)


def test_old_months_get_the_indexes_that_they_lack(old):
    built = old.json("records", "index")["built"]
    assert sorted(built) == [f"record.event_before ({c})" for c in ("address", "grant_id", "session_id")]
    assert old.json("records", "index") == {"built": []}


def test_old_rows_are_found(old):
    assert len(old.records("--since", "60d", "--session", SESSIONS[0])) == 3
    assert len(old.records("--since", "60d", "--citizen", CITIZENS[0], "--address", "203.0.113.0/24", "--kind", "totp")) == 3


def test_new_rows_and_old_rows_in_one_list(old):
    old.sql("INSERT INTO record.event (kind, outcome, subject_id) VALUES ('factor', 'ok', %s)", [CITIZENS[0]],
            user="pratu_vault")  # fmt: skip
    rows = [r for r in old.records("--since", "60d", "--citizen", CITIZENS[0]) if r["kind"] != "records_list"]
    assert [r["kind"] for r in rows] == ["totp", "totp", "totp", "factor"]
    assert rows[0]["writer"] is None and rows[3]["writer"] == "pratu_vault"


def test_factors_are_rows_of_one_table(old):
    assert set(old.sql("SELECT citizen_id, kind, secret, counter FROM vault.factor")) == {
        (CITIZENS[0], "totp", b"seed0", 99), (CITIZENS[1], "totp", b"seed1", 7),
        (CITIZENS[0], "sandbox_code", b"code0", 0), (CITIZENS[2], "sandbox_code", b"code2", 0)}  # fmt: skip
    assert set(old.sql("SELECT citizen_id, kind, device_hash, known, failures FROM vault.factor_failure")) == {
        (CITIZENS[0], "totp", b"", False, 5), (CITIZENS[0], "sandbox_code", b"", False, 2)}  # fmt: skip
    assert old.sql("SELECT to_regclass('vault.totp'), to_regclass('vault.sandbox_code')") == [(None, None)]


def test_what_is_not_kept(old):
    """Delays by citizen mean nothing to delays by login name; a sign-in on its way begins again."""
    assert old.sql("SELECT count(*) FROM vault.throttle") == [(0,)]
    assert old.sql("SELECT to_regclass('idp.authn_transaction')") == [(None,)]


def test_known_devices_have_400_days(old):
    ((least, most),) = old.sql("SELECT min(forget_at), max(forget_at) FROM vault.device")
    assert timedelta(days=399) < least - NOW <= most - NOW < timedelta(days=401)


def test_live_sessions_and_tokens_still_resolve(old):
    """As the web role finds them: handles of that release carry no time, so theirs is the span of all time."""
    found = old.sql(
        "SELECT session_id, subject_id, actor_id, ticket FROM idp.session WHERE token_hash = 'token0' AND ended_at IS NULL"
        " AND expires_at > now() AND created_at >= '-infinity' AND created_at < 'infinity'", user="pratu_web")  # fmt: skip
    assert found == [(SESSIONS[0], CITIZENS[0], CITIZENS[0], "ticket")]
    found = old.sql(
        "SELECT g.grant_id, g.subject_id, g.actor_id, g.ticket, s.session_id FROM idp.refresh_token t"
        " JOIN idp.authz_grant g ON g.grant_id = t.grant_id AND g.created_at = t.grant_created_at"
        " JOIN idp.session s ON s.session_id = g.session_id AND s.created_at = g.session_created_at"
        " WHERE t.token_hash = 'refresh0' AND t.spent_at IS NULL AND g.revoked_at IS NULL", user="pratu_web")  # fmt: skip
    assert found == [(GRANTS[0], CITIZENS[0], CITIZENS[0], "ticket", SESSIONS[0])]
    assert old.sql("SELECT count(*) FROM idp.code c JOIN idp.authz_grant g ON g.grant_id = c.grant_id"
                   " AND g.created_at = c.grant_created_at WHERE c.code_hash = 'code0' AND c.spent_at IS NULL") == [(1,)]  # fmt: skip


def test_what_had_ended_has_no_ticket_any_more(old):
    assert old.sql("SELECT ticket FROM idp.session WHERE session_id = %s", [SESSIONS[1]]) == [("",)]
    assert old.sql("SELECT ticket FROM idp.authz_grant WHERE grant_id = %s", [GRANTS[1]]) == [("",)]


def test_clients_have_versions(old):
    versions = [v for (v,) in old.sql("SELECT version FROM idp.client")]
    assert len(set(versions)) == 2 and min(versions) > 0
    old.sql("UPDATE idp.client SET disabled = true WHERE client_id = 'a'", user="pratu_admin")
    assert old.sql("SELECT version FROM idp.client WHERE client_id = 'a'")[0][0] > max(versions)
    old.sql("INSERT INTO idp.client (client_id, metadata, sector) VALUES ('c', '{}', 'c.example')", user="pratu_admin")
    assert old.sql("SELECT version FROM idp.client WHERE client_id = 'c'")[0][0] > max(versions) + 1


def test_again_does_nothing(old):
    assert old.json("migrate") == {"applied": 0}
    assert count(old)["record.event"] >= 3
