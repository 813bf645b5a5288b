# SPDX-License-Identifier: Apache-2.0
"""The record takes its time and its writer from the database, and each role writes its own kinds only."""
import itertools
import re
from datetime import datetime, timedelta, timezone

import pytest
from lib.instance import ROOT
from psycopg.errors import CheckViolation, InsufficientPrivilege

ROLES = ("pratu_web", "pratu_vault", "pratu_courier", "pratu_admin")
WEB = {"authorize", "code", "consent", "token", "refresh", "userinfo", "introspect", "revoke", "client_auth", "logout",
       "session_end"}  # fmt: skip
VAULT = {"password", "factor", "sign_in", "factor_block", "revoke", "session_end",
         "code_sent", "code_budget"}  # fmt: skip
ADMIN = {"apply", "citizen_list", "citizen_show", "lock", "unlock", "keys_rotate", "records_list", "expire", "revoke",
         "session_end", "access_end"}  # fmt: skip
COURIER = {"message"}
EVERY = WEB | VAULT | COURIER | ADMIN
KINDS = dict(zip(ROLES, (WEB, VAULT, COURIER, ADMIN)))
OUTCOMES = {"ok", "refused", "failed", "abandoned"}
OF_MESSAGES = {"sent", "delivered", "failed", "unknown"}


def write(instance, role, kind, outcome="ok"):
    instance.sql("INSERT INTO record.event (kind, outcome) VALUES (%s, %s)", [kind, outcome], user=role)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_writes_its_kinds(instance, role):
    for kind in KINDS[role]:
        write(instance, role, kind, "sent" if kind == "message" else "ok")


@pytest.mark.parametrize("role", ROLES)
def test_a_role_writes_no_other_kind(instance, role):
    for kind in (EVERY | {"national_id", "keys_publish", "totp", "test", ""}) - KINDS[role]:
        with pytest.raises(CheckViolation, match="writer_kind"):
            write(instance, role, kind, "failed")


def test_a_message_has_outcomes_of_its_own(instance):
    for outcome in OF_MESSAGES:
        write(instance, "pratu_courier", "message", outcome)
    for outcome in OUTCOMES - OF_MESSAGES:
        with pytest.raises(CheckViolation, match="event_outcome"):
            write(instance, "pratu_courier", "message", outcome)
    for outcome in OF_MESSAGES - OUTCOMES:
        with pytest.raises(CheckViolation, match="event_outcome"):
            write(instance, "pratu_web", "code", outcome)


@pytest.mark.parametrize("role", ROLES)
def test_no_search_path_lets_a_role_write_more(instance, role):
    """The check names no schema, so a role must have none in which it could make operators of its own."""
    schemas = [name for (name,) in instance.sql(
        "SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%%' OR nspname = 'pg_catalog'", [])]
    with instance.connect(role) as db:
        for schema in (*schemas, "pg_temp"):
            with pytest.raises(InsufficientPrivilege):
                db.execute(f"CREATE FUNCTION {schema}.same(text, text) RETURNS boolean LANGUAGE sql RETURN true".encode())
        db.execute("SET search_path = record, idp, vault, public, pg_catalog")
        with pytest.raises(CheckViolation, match="writer_kind"):
            db.execute("INSERT INTO record.event (kind, outcome) VALUES ('test', 'ok')")


def test_the_web_role_says_of_a_sign_in_only_that_it_was_abandoned(instance):
    write(instance, "pratu_web", "sign_in", "abandoned")
    for outcome in ("ok", "refused", "failed"):
        with pytest.raises(CheckViolation):
            write(instance, "pratu_web", "sign_in", outcome)


@pytest.mark.parametrize("role, column", list(itertools.product(ROLES, ("at", "event_id", "writer"))))
def test_time_id_and_writer_are_not_given(instance, role, column):
    values = {"at": "now() - interval '20 days'", "event_id": "gen_random_uuid()", "writer": "'pratu_vault'"}
    for value in (values[column], "NULL"):
        with pytest.raises(InsufficientPrivilege):
            instance.sql(f"INSERT INTO record.event (kind, outcome, {column}) VALUES ('revoke', 'ok', {value})", user=role)
    with pytest.raises(InsufficientPrivilege):
        instance.sql("INSERT INTO record.event VALUES (gen_random_uuid(), now(), 'revoke', 'ok')", user=role)


@pytest.mark.parametrize("role", ROLES)
def test_what_the_database_writes_itself(instance, role):
    began = datetime.now(timezone.utc)
    kind, outcome = ("message", "sent") if role == "pratu_courier" else ("revoke", "ok")
    instance.sql("INSERT INTO record.event (kind, outcome, reason) VALUES (%s, %s, 'own')", [kind, outcome], user=role)
    ((at, writer, n),) = instance.sql("SELECT at, writer, n FROM record.event WHERE reason = 'own' AND writer = %s", [role])
    assert writer == role and n == 1 and began - timedelta(seconds=1) < at < began + timedelta(seconds=10)


def test_no_setting_changes_the_writer(instance):
    """Not the name of the application, nor SET ROLE or SET SESSION AUTHORIZATION."""
    with instance.connect("pratu_web", application_name="pratu_vault") as db:
        for statement in ("SET ROLE pratu_vault", "SET SESSION AUTHORIZATION pratu_vault"):
            with pytest.raises(InsufficientPrivilege):
                db.execute(statement)
        with pytest.raises(CheckViolation):
            db.execute("INSERT INTO record.event (kind, outcome) VALUES ('keys_rotate', 'ok')")


def written(role):
    """The kinds in the queries and the code of a role, as far as they stand there in full."""
    queries = "".join(p.read_text() for p in (ROOT / "sql/query" / role.removeprefix("pratu_")).glob("*.sql"))
    folder = {"pratu_admin": "cli"}.get(role, role.removeprefix("pratu_"))
    code = "".join(p.read_text() for p in (ROOT / "idp" / folder).glob("*.c"))
    found = set(re.findall(r"'([a-z_]+)', (?:'(?:ok|refused|failed|abandoned)'|:outcome)", queries))
    found |= set(re.findall(r"cli_event event = \{\s*\"([a-z_]+)\"", code))
    return found | set(re.findall(r"event = \{[^}]*?\.kind = \"([a-z_]+)\"", code))


@pytest.mark.parametrize("role", ROLES)
def test_every_kind_that_is_written_is_allowed(role):
    """A row that the database refuses would be noticed only when that branch runs."""
    found = written(role)
    assert found, "the search finds nothing any more"
    assert found <= KINDS[role] | ({"sign_in"} if role == "pratu_web" else set())


def test_rows_of_kinds_that_were_given_up_stay(instances):
    """Written by the vault before migration 016, they are found after it, and no more are taken."""
    one = instances("given_up")
    one.init()
    one.migrate("--to", 15)
    for kind in ("national_id", "keys_rotate", "keys_publish"):
        write(one, "pratu_vault", kind)
    one.migrate()
    rows = one.sql("SELECT kind FROM record.event WHERE writer = 'pratu_vault' ORDER BY kind")
    assert rows == [("keys_publish",), ("keys_rotate",), ("national_id",)]
    for (kind,) in rows:
        with pytest.raises(CheckViolation, match="writer_kind"):
            write(one, "pratu_vault", kind)


def test_the_command_line_knows_every_kind(instance):
    """`pratu records list --kind` refuses what nobody can have written: roles, and the owner who ran `pratu recover`."""
    printed = instance.pratu("records", "list", "--kind", "?", status=2).stderr
    listed = set(printed.split("expected one of ")[1].split(";")[0].split())
    assert listed - {"totp", "recover"} == EVERY
    ((source,),) = instance.sql("SELECT prosrc FROM pg_proc WHERE proname = 'check_writer'")
    quoted = set(re.findall(r"'(\w+)'", source)) - set(ROLES) - OUTCOMES - OF_MESSAGES - {"check_violation"}
    assert quoted == EVERY
    for kind in listed:
        instance.pratu("records", "list", "--kind", kind)
