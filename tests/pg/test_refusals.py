# SPDX-License-Identifier: Apache-2.0
"""What PostgreSQL refuses by itself, whatever a role that was taken over asks for: to revive what has ended, to write the
record in another's name or at another time, to end what is somebody else's."""
import uuid

import pytest
from psycopg.errors import CheckViolation, InsufficientPrivilege

PEOPLE = ("pratu_web", "pratu_vault", "pratu_admin")


class Access:
    """A session, and a grant of it with its code and refresh token."""

    def __init__(self, house, subject=None, offline=False):
        self.house = house
        self.subject, self.session, self.grant = (subject or uuid.uuid4()), uuid.uuid4(), uuid.uuid4()
        about = {"subject": self.subject, "session": self.session, "grant": self.grant, "offline": offline,
                 "hash": self.grant.bytes}  # fmt: skip
        for statement in (
            "INSERT INTO idp.session (session_id, token_hash, subject_id, actor_id, authentication_id, ticket, acr, amr,"
            " auth_time, expires_at) VALUES (%(session)s, %(hash)s, %(subject)s, %(subject)s, gen_random_uuid(), 'ticket',"
            " 'acr', '{pwd}', now(), now() + interval '1 hour')",
            "INSERT INTO idp.authz_grant (grant_id, client_id, subject_id, actor_id, session_id, authentication_id, sub,"
            " scope, ticket, offline, expires_at) VALUES (%(grant)s, 'agency', %(subject)s, %(subject)s, %(session)s,"
            " gen_random_uuid(), 'sub', 'openid', 'ticket', %(offline)s, now() + interval '1 hour')",
            "INSERT INTO idp.code (code_hash, grant_id, client_id, redirect_uri, expires_at)"
            " VALUES (%(hash)s, %(grant)s, 'agency', 'https://a.example', now() + interval '1 minute')",
            "INSERT INTO idp.refresh_token (token_hash, grant_id, client_id, expires_at)"
            " VALUES (%(hash)s, %(grant)s, 'agency', now() + interval '1 hour')",
        ):
            house.sql(statement, about)

    def end(self, what, user="pratu_web", **arguments):
        """Call idp.end_access as a role; NULL for what is not given."""
        given = {"subject": None, "session": None, "grant": None, "client": None, "keep": False, **arguments}
        return self.house.sql(
            f"SELECT * FROM idp.end_access('{what}', %(subject)s, %(session)s, %(grant)s, %(client)s, %(keep)s, 'test',"
            " ROW(NULL, NULL, NULL, NULL, NULL)::record.context)", given, user=user)  # fmt: skip

    def lives(self):
        """(session, grant)"""
        return self.house.sql(
            "SELECT s.ended_at IS NULL AND s.ticket <> '', g.revoked_at IS NULL AND g.ticket <> '' FROM idp.session s"
            " JOIN idp.authz_grant g USING (session_id) WHERE s.session_id = %s", [self.session])[0]  # fmt: skip


@pytest.fixture
def access(house):
    return Access(house)


@pytest.mark.parametrize("role", PEOPLE)
@pytest.mark.parametrize("statement", [
    "UPDATE idp.session SET ended_at = NULL", "UPDATE idp.session SET ended_at = now()",
    "UPDATE idp.session SET ticket = ticket", "UPDATE idp.session SET subject_id = subject_id",
    "UPDATE idp.authz_grant SET revoked_at = NULL", "UPDATE idp.authz_grant SET revoked_at = now()",
    "UPDATE idp.authz_grant SET ticket = ticket", "UPDATE idp.authz_grant SET subject_id = subject_id",
    "UPDATE idp.authz_grant SET expires_at = expires_at", "UPDATE idp.authz_grant SET offline = true",
])  # fmt: skip
def test_no_role_ends_or_revives_by_an_update(house, role, statement):
    with pytest.raises(InsufficientPrivilege):
        house.sql(statement + " WHERE false", user=role)


@pytest.mark.parametrize("revive", ["ended_at = NULL", "ended_at = now()", "ticket = 'ticket'"])
def test_an_ended_session_stays_so(house, access, revive):
    """Not even for a superuser: the trigger answers, not a right that is lacking."""
    access.end("session", session=access.session)
    with pytest.raises(InsufficientPrivilege, match="ended stays ended"):
        house.sql(f"UPDATE idp.session SET {revive} WHERE session_id = %s", [access.session])
    assert access.lives() == (False, False)


@pytest.mark.parametrize("revive", ["revoked_at = NULL", "revoked_at = now()", "ticket = 'ticket'"])
def test_a_revoked_grant_stays_so(house, access, revive):
    access.end("grant", grant=access.grant)
    with pytest.raises(InsufficientPrivilege, match="ended stays ended"):
        house.sql(f"UPDATE idp.authz_grant SET {revive} WHERE grant_id = %s", [access.grant])
    assert access.lives() == (True, False)


@pytest.mark.parametrize("table", ["idp.code", "idp.refresh_token"])
@pytest.mark.parametrize("revive", ["NULL", "now() + interval '1 second'"])
def test_what_was_spent_stays_so(house, access, table, revive):
    """As the role that spends: it has the right to write the column."""
    where = " WHERE grant_id = %s"
    house.sql(f"UPDATE {table} SET spent_at = now(){where}", [access.grant], user="pratu_web")
    with pytest.raises(InsufficientPrivilege, match="stays"):
        house.sql(f"UPDATE {table} SET spent_at = {revive}{where}", [access.grant], user="pratu_web")
    assert house.sql(f"SELECT spent_at IS NOT NULL FROM {table}{where}", [access.grant]) == [(True,)]


def test_what_ended_has_no_ticket(house, access):
    """With a ticket the vault would sign."""
    access.end("session", session=access.session)
    assert house.sql("SELECT ticket FROM idp.session WHERE session_id = %s", [access.session]) == [("",)]
    assert house.sql("SELECT ticket FROM idp.authz_grant WHERE grant_id = %s", [access.grant]) == [("",)]


def test_a_session_of_another_subject_is_not_ended(house, access):
    assert access.end("session", session=access.session, subject=uuid.uuid4()) == []
    assert access.lives() == (True, True)
    assert access.end("session", session=access.session, subject=access.subject) != []
    assert access.lives() == (False, False)


def test_a_grant_of_another_client_or_subject_is_not_ended(house, access):
    assert access.end("grant", grant=access.grant, client="another") == []
    assert access.end("grant", grant=access.grant, subject=uuid.uuid4()) == []
    assert access.lives() == (True, True)


def test_what_is_to_outlive_a_sign_out_ends_with_everything_else(house):
    kept = Access(house, offline=True)
    kept.end("session", session=kept.session, keep=True)
    assert kept.lives() == (False, True)
    kept.end("subject", user="pratu_admin", subject=kept.subject)
    assert kept.lives() == (False, False)


def test_all_others_are_ended_but_not_the_one_that_asks(house, access):
    other, stranger = Access(house, subject=access.subject), Access(house)
    access.end("others", subject=access.subject, session=access.session)
    assert (access.lives(), other.lives(), stranger.lives()) == ((True, True), (False, False), (True, True))


def test_each_end_stands_in_the_record_once(house, access):
    for _ in range(2):
        access.end("session", session=access.session)
    rows = house.sql("SELECT kind, writer FROM record.event WHERE session_id = %s ORDER BY kind", [access.session])
    assert [kind for kind, _ in rows] == ["revoke", "session_end"]


OWN = {"pratu_web": "token", "pratu_vault": "factor", "pratu_admin": "apply"}


@pytest.mark.parametrize("role", PEOPLE)
@pytest.mark.parametrize("column,value", [("at", "now() - interval '20 days'"), ("writer", "'pratu_vault'"),
                                          ("event_id", "gen_random_uuid()")])  # fmt: skip
def test_time_writer_and_id_of_a_record_are_the_databases(house, role, column, value):
    with pytest.raises(InsufficientPrivilege):
        house.sql(f"INSERT INTO record.event (kind, outcome, {column}) VALUES ('{OWN[role]}', 'ok', {value})", user=role)
    mark = str(uuid.uuid4())
    house.sql(
        f"INSERT INTO record.event (kind, outcome, correlation_id) VALUES ('{OWN[role]}', 'ok', %s)", [mark], user=role
    )
    found = house.sql(
        "SELECT writer, at > now() - interval '1 minute' FROM record.event WHERE correlation_id = %s", [mark]
    )
    assert found == [(role, True)]


@pytest.mark.parametrize("role,kind,outcome", [
    ("pratu_web", "keys_rotate", "ok"), ("pratu_web", "password", "refused"), ("pratu_web", "sign_in", "ok"),
    ("pratu_web", "factor", "ok"), ("pratu_web", "national_id", "ok"), ("pratu_web", "expire", "ok"),
    ("pratu_vault", "token", "ok"), ("pratu_vault", "consent", "ok"), ("pratu_vault", "logout", "ok"),
    ("pratu_admin", "sign_in", "ok"), ("pratu_admin", "token", "ok"), ("pratu_admin", "factor", "ok"),
])  # fmt: skip
def test_a_role_writes_its_own_kinds_alone(house, role, kind, outcome):
    with pytest.raises(CheckViolation, match="writer_kind"):
        house.sql("INSERT INTO record.event (kind, outcome) VALUES (%s, %s)", [kind, outcome], user=role)
