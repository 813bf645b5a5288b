# SPDX-License-Identifier: Apache-2.0
"""What each role of the database may do, and above all what it may not."""
import itertools

import psycopg
import pytest
from lib.instance import ROLES
from psycopg.errors import InsufficientPrivilege

PEOPLE = ("pratu_web", "pratu_vault", "pratu_courier", "pratu_admin")

# Each is read by no role but those named.
SECRETS = {
    ("vault.password", "hash"): ["pratu_vault"],
    ("vault.factor", "secret"): ["pratu_vault"],
    ("vault.national_id", "sealed"): ["pratu_vault"],
    ("vault.signing_key", "sealed"): ["pratu_vault"],
    ("vault.device", "device_hash"): ["pratu_vault"],
    ("vault.throttle", "bucket"): ["pratu_vault"],
    ("vault.identifier", "blind_index"): ["pratu_vault"],
    ("idp.client", "secret_hash"): ["pratu_web", "pratu_admin"],
    ("idp.client", "former_secret_hash"): ["pratu_web", "pratu_admin"],
    ("idp.session", "token_hash"): ["pratu_web"],
    ("idp.session", "ticket"): ["pratu_web"],
    ("idp.authz_grant", "ticket"): ["pratu_web"],
    ("idp.code", "code_hash"): ["pratu_web"],
    ("idp.refresh_token", "token_hash"): ["pratu_web"],
    ("courier.message", "sealed"): ["pratu_courier"],
    ("record.event", "event_id"): ["pratu_admin"],
}


@pytest.fixture(scope="module")
def as_role(instance):
    """A connection per role. pratu_owner cannot log in: it is reached by SET ROLE."""
    connections = {}
    for role in ROLES:
        connections[role] = instance.connect("postgres" if role == "pratu_owner" else role)
    connections["pratu_owner"].execute("SET ROLE pratu_owner")
    yield connections
    for one in connections.values():
        one.close()


@pytest.fixture(scope="module", autouse=True)
def rows(instance):
    """One row where a statement without a row would prove little."""
    instance.sql("INSERT INTO record.event (kind, outcome) VALUES ('test', 'ok')")


@pytest.mark.parametrize("role,secret", list(itertools.product(PEOPLE, SECRETS)), ids=str)
def test_secret_is_read_by_few(as_role, role, secret):
    table, column = secret
    statement = f"SELECT {column} FROM {table}"
    if role in SECRETS[secret]:
        as_role[role].execute(statement)
    else:
        with pytest.raises(InsufficientPrivilege):
            as_role[role].execute(statement)


@pytest.mark.parametrize("role", ["pratu_web", "pratu_courier"])
def test_nobody_else_has_a_way_into_the_vault(as_role, role):
    tables = as_role["pratu_vault"].execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'vault'::regnamespace AND relkind IN ('r', 'p')"
    ).fetchall()
    assert len(tables) >= 9
    for (table,) in tables:
        for statement in ("SELECT 1 FROM vault.{}", "DELETE FROM vault.{}", "TRUNCATE vault.{}",
                          "INSERT INTO vault.{} DEFAULT VALUES"):  # fmt: skip
            with pytest.raises(InsufficientPrivilege):
                as_role[role].execute(statement.format(table))


def test_the_courier_reaches_the_outbox_alone(instance, as_role):
    """It is the one role that speaks to the outside: it reads and changes messages, adds to the record, and no more."""
    tables = instance.sql("SELECT c.oid::regclass::text FROM pg_class c WHERE c.relkind IN ('r', 'p', 'v') AND"
                          " c.relnamespace::regnamespace::text IN ('idp', 'vault', 'record', 'courier')")  # fmt: skip
    (rights,) = instance.sql(
        "SELECT array_agg(o || ' ' || p ORDER BY o, p) FROM unnest(%s::text[]) o, unnest(%s::text[]) p"
        " WHERE has_any_column_privilege('pratu_courier', o, p)",
        [[name for (name,) in tables], ["SELECT", "INSERT", "UPDATE"]])  # fmt: skip
    assert rights == (["courier.message SELECT", "courier.message UPDATE", "idp.instance SELECT", "record.event INSERT"],)
    for statement in ("INSERT INTO courier.message DEFAULT VALUES", "DELETE FROM courier.message", "TRUNCATE courier.message",
                      "UPDATE courier.message SET expires_at = now()", "UPDATE courier.message SET subject_id = NULL",
                      "UPDATE courier.message SET epoch = 1", "UPDATE courier.message SET channel = 'sms'"):  # fmt: skip
        with pytest.raises(InsufficientPrivilege):
            as_role["pratu_courier"].execute(statement)


CHANGES = (
    "UPDATE {} SET outcome = 'refused'",
    "UPDATE {} SET outcome = 'refused' WHERE false",
    "DELETE FROM {}",
    "DELETE FROM {} WHERE false",
    "TRUNCATE {}",
    "DROP TABLE {}",
    "ALTER TABLE {} DISABLE TRIGGER ALL",
    "INSERT INTO {} (event_id, at, kind, outcome) SELECT gen_random_uuid(), now(), 'x', 'ok'",
)


@pytest.mark.parametrize("role,statement", list(itertools.product(PEOPLE, CHANGES)))
def test_no_role_changes_or_removes_a_record(instance, as_role, role, statement):
    parts = instance.sql("SELECT name FROM idp.partition WHERE table_name = 'event'")
    assert len(parts) >= 3  # today, tomorrow, and the default
    for table in ["record.event", *(f"record.{name}" for (name,) in parts)]:
        with pytest.raises(InsufficientPrivilege):
            as_role[role].execute(statement.format(table))


@pytest.mark.parametrize("statement", CHANGES[:5])
def test_not_even_the_owner_changes_a_record(instance, as_role, statement):
    parts = instance.sql("SELECT name FROM idp.partition WHERE table_name = 'event'")
    for table in ["record.event", *(f"record.{name}" for (name,) in parts)]:
        with pytest.raises(InsufficientPrivilege):
            as_role["pratu_owner"].execute(statement.format(table))


@pytest.mark.parametrize("statement", CHANGES[:5])
def test_a_superuser_meets_the_trigger(instance, statement):
    parts = instance.sql("SELECT name FROM idp.partition WHERE table_name = 'event'")
    for table in ["record.event", *(f"record.{name}" for (name,) in parts)]:
        with pytest.raises(InsufficientPrivilege, match="append-only"):
            instance.sql(statement.format(table))


def test_only_the_command_line_reads_the_record(as_role):
    assert as_role["pratu_admin"].execute("SELECT count(*) FROM record.event").fetchone()[0] >= 1
    for role in ("pratu_web", "pratu_vault", "pratu_courier"):
        with pytest.raises(InsufficientPrivilege):
            as_role[role].execute("SELECT count(*) FROM record.event")


@pytest.mark.parametrize("role", PEOPLE)
def test_partitions_are_reached_through_their_parents_only(instance, as_role, role):
    parts = instance.sql("SELECT schema_name, name FROM idp.partition")
    for schema, name in parts:
        with pytest.raises(InsufficientPrivilege):
            as_role[role].execute(f"SELECT 1 FROM {schema}.{name}")


def test_web_changes_neither_client_nor_citizen(as_role):
    web = as_role["pratu_web"]
    for table, column in (("idp.client", "secret_hash"), ("idp.client", "metadata"),
                          ("idp.citizen", "locked"), ("idp.citizen", "claims")):  # fmt: skip
        with pytest.raises(InsufficientPrivilege):
            web.execute(f"UPDATE {table} SET {column} = NULL WHERE false")
    for table in ("idp.client", "idp.citizen"):
        with pytest.raises(InsufficientPrivilege):
            web.execute(f"DELETE FROM {table}")
        with pytest.raises(InsufficientPrivilege):
            web.execute(f"INSERT INTO {table} DEFAULT VALUES")


def test_what_was_decided_is_not_rewritten(as_role):
    """A grant keeps its citizen and scope, a code its challenge, a session its level."""
    for table, column in (("idp.authz_grant", "scope"), ("idp.authz_grant", "subject_id"),
                          ("idp.authz_grant", "expires_at"), ("idp.code", "code_challenge"),
                          ("idp.code", "expires_at"), ("idp.session", "acr"),
                          ("idp.session", "expires_at"), ("idp.session", "ticket"), ("idp.authz_grant", "ticket"),
                          ("idp.refresh_token", "expires_at")):  # fmt: skip
        with pytest.raises(InsufficientPrivilege):
            as_role["pratu_web"].execute(f"UPDATE {table} SET {column} = {column} WHERE false")
    for table in ("idp.authz_grant", "idp.code", "idp.session", "idp.refresh_token", "idp.assertion"):
        with pytest.raises(InsufficientPrivilege):
            as_role["pratu_web"].execute(f"DELETE FROM {table} WHERE false")


@pytest.mark.parametrize("role", PEOPLE)
def test_roles_make_nothing_and_are_nobody_else(instance, as_role, role):
    for statement in ("CREATE TABLE idp.x (a int)", "CREATE TABLE public.x (a int)", "CREATE SCHEMA x",
                      "CREATE TEMP TABLE x (a int)", "SET ROLE pratu_owner",
                      "SET ROLE postgres"):  # fmt: skip
        with pytest.raises(InsufficientPrivilege):
            as_role[role].execute(statement)
    powers = instance.sql(
        "SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls, rolinherit"
        " FROM pg_roles WHERE rolname = %s", [role])  # fmt: skip
    assert powers == [(False,) * 6]
    assert instance.sql("SELECT FROM pg_auth_members WHERE member = %s::regrole", [role]) == []


def test_the_owner_cannot_log_in(instance):
    with pytest.raises(psycopg.OperationalError):
        instance.connect("pratu_owner")


def test_public_has_nothing(instance):
    found = instance.sql("""
        SELECT c.oid::regclass::text, a.privilege_type FROM pg_class c, aclexplode(c.relacl) a
        WHERE a.grantee = 0 AND c.relnamespace::regnamespace::text IN ('idp', 'vault', 'record')
        UNION ALL
        SELECT p.oid::regprocedure::text, a.privilege_type
        FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
        WHERE a.grantee = 0 AND p.pronamespace::regnamespace::text IN ('idp', 'vault', 'record')
        UNION ALL
        SELECT n.nspname, a.privilege_type FROM pg_namespace n, aclexplode(n.nspacl) a
        WHERE a.grantee = 0 AND n.nspname IN ('idp', 'vault', 'record', 'public')
        UNION ALL
        SELECT d.datname, a.privilege_type FROM pg_database d, aclexplode(d.datacl) a
        WHERE a.grantee = 0 AND d.datname = current_database()""")
    assert found == []


def test_who_may_call_what(instance, as_role):
    assert as_role["pratu_web"].execute("SELECT * FROM idp.housekeep()").fetchall() == []
    for role in ("pratu_vault", "pratu_admin"):
        with pytest.raises(InsufficientPrivilege):
            as_role[role].execute("SELECT * FROM idp.housekeep()")
    as_role["pratu_admin"].execute("SELECT record.expire(90, true)")
    for role in ("pratu_web", "pratu_vault"):
        with pytest.raises(InsufficientPrivilege):
            as_role[role].execute("SELECT record.expire(90, true)")
    for role in ("pratu_web", "pratu_admin"):
        as_role[role].execute("SELECT record.index_next(1)")
    with pytest.raises(InsufficientPrivilege):
        as_role["pratu_vault"].execute("SELECT record.index_next(1)")
    for role in PEOPLE:
        for call in ("record.protect('record.event')", "record.index_add('record.event', 'at')",
                     "idp.forget_rows(('vault', 'password', 'updated_at', '0')::idp.row_policy, 10)"):  # fmt: skip
            with pytest.raises(InsufficientPrivilege):
                as_role[role].execute(f"SELECT {call}")


def test_definer_functions_fix_their_path(instance):
    """A SECURITY DEFINER function that looks a name up by the caller's path runs the caller's code as its owner."""
    functions = instance.sql("""
        SELECT oid::regprocedure::text, proconfig FROM pg_proc
        WHERE prosecdef AND pronamespace::regnamespace::text IN ('idp', 'vault', 'record')""")
    assert {name.partition("(")[0] for name, _ in functions} >= {"idp.housekeep", "idp.end_access", "record.expire"}
    for name, config in functions:
        assert any(c.startswith("search_path=pg_catalog") for c in config or []), name


def test_the_command_line_writes_credentials_blindly(as_role):
    """INSERT … ON CONFLICT works without the right to read what is there."""
    admin = as_role["pratu_admin"]
    citizen = "00000000-0000-4000-8000-000000000001"
    admin.execute("INSERT INTO idp.citizen (citizen_id, claims) VALUES (%s, '{}')", [citizen])
    for hash in ("one", "two"):  # EXCLUDED.hash would ask for SELECT
        admin.execute(
            "INSERT INTO vault.password (citizen_id, hash) VALUES (%(who)s, %(hash)s)"
            " ON CONFLICT (citizen_id) DO UPDATE SET hash = %(hash)s, updated_at = now()",
            {"who": citizen, "hash": hash})  # fmt: skip
    with pytest.raises(InsufficientPrivilege):
        admin.execute("UPDATE vault.password SET hash = hash || 'x'")
    stored = as_role["pratu_vault"].execute("SELECT hash FROM vault.password").fetchall()
    assert stored == [("two",)]
