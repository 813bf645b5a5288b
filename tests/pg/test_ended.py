# SPDX-License-Identifier: Apache-2.0
"""What was ended stays ended, and idp.end_access is the one way to end it."""
import itertools
import uuid

import pytest
from psycopg.errors import InsufficientPrivilege, RaiseException

ROLES = ("pratu_web", "pratu_vault", "pratu_admin")
CONTEXT = "ROW(NULL, '203.0.113.9', 'device', 'agent', 'corr')::record.context"


class Access:
    """A citizen with sessions, and grants in each: one bound to the session, one offline, one of another client."""

    def __init__(self, instance, sessions=2):
        self.instance, self.subject = instance, uuid.uuid4()
        self.sessions = [uuid.uuid4() for _ in range(sessions)]
        self.grants = {}
        instance.sql("INSERT INTO idp.citizen (citizen_id, claims) VALUES (%s, '{}')", [self.subject])
        for session in self.sessions:
            instance.sql("INSERT INTO idp.session (session_id, token_hash, subject_id, actor_id, authentication_id, ticket, acr, amr,"
                      " auth_time, expires_at) VALUES (%s, %s, %s, %s, %s, 'ticket', 'x', '{pwd,otp}', now(),"
                      " now() + interval '1 hour')", [session, session.bytes, self.subject, self.subject, session])  # fmt: skip
            for client, offline in (("a", False), ("a", True), ("b", False)):
                self.grants[session, client, offline] = grant = uuid.uuid4()
                instance.sql("INSERT INTO idp.authz_grant (grant_id, client_id, subject_id, actor_id, session_id, session_created_at,"
                          " authentication_id, sub, scope, ticket, offline, expires_at) VALUES (%s, %s, %s, %s, %s, now(), %s, 'sub',"
                          " 'openid', 'ticket', %s, now() + interval '1 hour')",
                          [grant, client, self.subject, self.subject, session, session, offline])  # fmt: skip

    def live_sessions(self):
        return {s for (s,) in self.instance.sql("SELECT session_id FROM idp.session WHERE subject_id = %s AND ended_at IS NULL"
                                             " AND ticket <> ''", [self.subject])}  # fmt: skip

    def live_grants(self):
        return {g for (g,) in self.instance.sql("SELECT grant_id FROM idp.authz_grant WHERE subject_id = %s AND revoked_at IS NULL"
                                             " AND ticket <> ''", [self.subject])}  # fmt: skip

    def grants_of(self, *sessions):
        return {g for (s, _, _), g in self.grants.items() if s in sessions}

    def rows(self):
        return self.instance.sql("SELECT kind, outcome, reason, session_id, grant_id, client_id FROM record.event"
                              " WHERE subject_id = %s", [self.subject])  # fmt: skip


def end(instance, what, subject=None, session=None, granted=None, client=None, keep_offline=False, cause="test", user="pratu_web"):
    return instance.sql(f"SELECT ended_session, ended_grant FROM idp.end_access(%s, %s, %s, %s, %s, %s, %s, {CONTEXT})",
                     [what, subject, session, granted, client, keep_offline, cause], user=user)  # fmt: skip


@pytest.fixture
def access(instance):
    return Access(instance)


@pytest.mark.parametrize("role", ROLES)
def test_a_session_with_its_grants(instance, access, role):
    first, second = access.sessions
    ended = end(instance, "session", access.subject, first, user=role)
    assert {s for s, _ in ended if s} == {first} and {g for _, g in ended if g} == access.grants_of(first)
    assert access.live_sessions() == {second} and access.live_grants() == access.grants_of(second)


def test_the_record_has_a_row_for_each(instance, access):
    first = access.sessions[0]
    end(instance, "session", access.subject, first, cause="logout")
    rows = access.rows()
    assert sorted((k, o, r) for k, o, r, *_ in rows) == [("revoke", "ok", "logout")] * 3 + [("session_end", "ok", "logout")]
    assert {g for *_, g, _ in rows if g} == access.grants_of(first) and {s for *_, s, _, _ in rows} == {first}
    found = instance.sql("SELECT DISTINCT writer, actor_id, host(address), device, user_agent, correlation_id, authentication_id"
                      " FROM record.event WHERE subject_id = %s", [access.subject])  # fmt: skip
    assert found == [("pratu_web", access.subject, "203.0.113.9", "device", "agent", "corr", first)]


def test_who_acted_stands_in_the_record(instance, access):
    officer = uuid.uuid4()
    instance.sql("SELECT idp.end_access('session', %s, %s, NULL, NULL, false, 'x', ROW(%s, NULL, NULL, NULL, NULL)::record.context)",
              [access.subject, access.sessions[0], officer], user="pratu_admin")  # fmt: skip
    assert instance.sql("SELECT DISTINCT actor_id FROM record.event WHERE subject_id = %s", [access.subject]) == [(officer,)]


@pytest.mark.parametrize("what", ["session", "others", "subject", "grant", "client"])
def test_again_ends_nothing(instance, access, what):
    arguments = {"session": dict(session=access.sessions[0]), "others": dict(session=access.sessions[0]), "subject": {},
                 "grant": dict(granted=next(iter(access.grants.values()))), "client": dict(client="b")}[what]  # fmt: skip
    assert end(instance, what, access.subject, **arguments)
    before, ended_at = access.rows(), instance.sql("SELECT ended_at FROM idp.session WHERE subject_id = %s", [access.subject])
    assert end(instance, what, access.subject, **arguments) == []
    assert access.rows() == before
    assert instance.sql("SELECT ended_at FROM idp.session WHERE subject_id = %s", [access.subject]) == ended_at


def test_offline_grants_outlive_a_sign_out(instance, access):
    first, second = access.sessions
    end(instance, "session", access.subject, first, keep_offline=True)
    assert access.live_grants() == access.grants_of(second) | {access.grants[first, "a", True]}


def test_what_ended_has_no_ticket(instance, access):
    """With one the vault would sign."""
    end(instance, "subject", access.subject)
    for table in ("session", "authz_grant"):
        found = instance.sql(f"SELECT DISTINCT ticket FROM idp.{table} WHERE subject_id = %s", [access.subject])
        assert found == [("",)], table


def test_all_others_but_this_one(instance):
    access = Access(instance, 3)
    end(instance, "others", access.subject, access.sessions[1])
    assert access.live_sessions() == {access.sessions[1]} and access.live_grants() == access.grants_of(access.sessions[1])


def test_all_of_a_citizen(instance, access):
    other = Access(instance)
    ended = end(instance, "subject", access.subject, user="pratu_admin")
    assert len(ended) == 8 and access.live_sessions() == set() and access.live_grants() == set()
    assert other.live_sessions() == set(other.sessions) and len(other.live_grants()) == 6


def test_all_of_a_citizen_reaches_grants_whose_session_is_over(instance, access):
    end(instance, "session", access.subject, access.sessions[0], keep_offline=True)
    end(instance, "subject", access.subject)
    assert access.live_grants() == set()


def test_one_grant(instance, access):
    grant = access.grants[access.sessions[0], "a", False]
    assert end(instance, "grant", granted=grant, client="b") == [], "another client's"
    assert end(instance, "grant", granted=grant, client="a") == [(None, grant)]
    assert access.live_sessions() == set(access.sessions) and len(access.live_grants()) == 5


def test_all_of_a_client_narrowed_to_a_citizen(instance, access):
    other = Access(instance)
    end(instance, "client", access.subject, client="b")
    assert access.live_grants() == {g for (_, c, _), g in access.grants.items() if c == "a"}
    assert len(other.live_grants()) == 6


def test_all_of_a_client(instance, access):
    other = Access(instance)
    end(instance, "client", client="b", user="pratu_admin")
    for one in (access, other):
        assert one.live_grants() == {g for (_, c, _), g in one.grants.items() if c == "a"}
        assert one.live_sessions() == set(one.sessions)


def test_a_foreign_session_or_grant_is_left_alone(instance, access):
    other = Access(instance)
    grant = next(iter(other.grants.values()))
    assert end(instance, "session", access.subject, other.sessions[0]) == []
    assert end(instance, "grant", access.subject, granted=grant) == []
    assert other.live_sessions() == set(other.sessions) and len(other.live_grants()) == 6 and other.rows() == []


@pytest.mark.parametrize("what", ["session", "others", "subject", "grant", "client"])
def test_without_an_argument_nothing_ends(instance, access, what):
    assert end(instance, what) == []
    assert access.live_sessions() == set(access.sessions) and len(access.live_grants()) == 6


def test_what_has_expired_is_not_ended(instance, access):
    instance.sql("UPDATE idp.session SET expires_at = now() WHERE session_id = %s", [access.sessions[0]])
    instance.sql("UPDATE idp.authz_grant SET expires_at = now() WHERE session_id = %s", [access.sessions[0]])
    ended = end(instance, "subject", access.subject)
    assert {s for s, _ in ended if s} == {access.sessions[1]} and {g for _, g in ended if g} == access.grants_of(access.sessions[1])


def test_an_unknown_word_is_refused(instance, access):
    with pytest.raises(RaiseException, match="expected grant, session"):
        end(instance, "everything", access.subject)


@pytest.mark.parametrize("what", ["session", "others", "subject", "grant"])
def test_nothing_is_read_whole(instance, access, what):
    """Also by plans that are made once: no partition is read from end to end."""
    for _ in range(20):
        Access(instance, 1)
    with instance.connect("pratu_web") as db:
        db.execute("BEGIN")
        read = "SELECT coalesce(sum(seq_tup_read), 0) FROM pg_stat_xact_user_tables WHERE relname ~ '^(session|authz_grant)_'"
        db.execute(f"SELECT idp.end_access(%s, %s, %s, %s, NULL, false, 'x', {CONTEXT})",
                   [what, access.subject, access.sessions[0], access.grants[access.sessions[0], "a", True]])  # fmt: skip
        assert db.execute(read).fetchone() == (0,)
        db.execute("ROLLBACK")


# ---------------------------------------------------------------- revival

REVIVALS = {
    "session": ("idp.session", ["ended_at = NULL", "ended_at = now() + interval '1 hour'", "ticket = 'ticket'"]),
    "grant": ("idp.authz_grant", ["revoked_at = NULL", "revoked_at = now() + interval '1 hour'", "ticket = 'ticket'"]),
}


@pytest.mark.parametrize("role, what", list(itertools.product(ROLES, REVIVALS)))
def test_no_role_revives(instance, access, role, what):
    end(instance, "subject", access.subject)
    table, changes = REVIVALS[what]
    for change in changes:
        with pytest.raises(InsufficientPrivilege):
            instance.sql(f"UPDATE {table} SET {change} WHERE subject_id = %s", [access.subject], user=role)


@pytest.mark.parametrize("what", REVIVALS)
def test_not_even_a_superuser_revives(instance, access, what):
    """The trigger refuses whoever has the privilege."""
    end(instance, "subject", access.subject)
    table, changes = REVIVALS[what]
    for change in changes:
        with pytest.raises(InsufficientPrivilege, match="stays ended"):
            instance.sql(f"UPDATE {table} SET {change} WHERE subject_id = %s", [access.subject])
    assert access.live_sessions() == set() and access.live_grants() == set()


def test_the_web_role_ends_by_the_function_only(instance, access):
    for statement in ("UPDATE idp.session SET ended_at = now()", "UPDATE idp.authz_grant SET revoked_at = now()"):
        with pytest.raises(InsufficientPrivilege):
            instance.sql(statement + " WHERE false", user="pratu_web")


def test_what_lives_may_still_be_used(instance, access):
    instance.sql("UPDATE idp.session SET last_seen_at = now() WHERE subject_id = %s", [access.subject], user="pratu_web")
    end(instance, "subject", access.subject)
    instance.sql("UPDATE idp.session SET last_seen_at = now() WHERE subject_id = %s", [access.subject], user="pratu_web")


SPENT = {
    "code": "INSERT INTO idp.code (code_hash, grant_id, client_id, redirect_uri, expires_at, spent_at) VALUES"
            " ('spent', gen_random_uuid(), 'a', 'https://a.example', now(), now())",
    "refresh_token": "INSERT INTO idp.refresh_token (token_hash, grant_id, client_id, expires_at, spent_at) VALUES"
                     " ('spent', gen_random_uuid(), 'a', now(), now())",
}  # fmt: skip


@pytest.mark.parametrize("table", SPENT)
def test_what_was_spent_stays_spent(instance, table):
    """The web role may set spent_at, and may not take it back."""
    instance.sql(SPENT[table], user="pratu_web")
    for value in ("NULL", "now() + interval '1 hour'"):
        with pytest.raises(InsufficientPrivilege, match="stays spent"):
            instance.sql(f"UPDATE idp.{table} SET spent_at = {value} WHERE spent_at IS NOT NULL", user="pratu_web")


@pytest.mark.parametrize("table", ["session", "authz_grant", "code", "refresh_token"])
def test_partitions_made_later_have_the_trigger(instance, table):
    missing = instance.sql(
        "SELECT i.inhrelid::regclass::text FROM pg_inherits i WHERE i.inhparent = %s::regclass AND NOT EXISTS"
        " (SELECT FROM pg_trigger t WHERE t.tgrelid = i.inhrelid AND t.tgname ~ '_stays_' AND t.tgenabled = 'O')",
        [f"idp.{table}"])  # fmt: skip
    assert missing == []
