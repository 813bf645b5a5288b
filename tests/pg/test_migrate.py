# SPDX-License-Identifier: Apache-2.0
"""`pratu migrate`: from nothing, from the previous version with its rows, again, and what it refuses."""
import hashlib
import re
import subprocess
import uuid

import pytest
from lib.instance import ROOT

FILES = sorted((ROOT / "sql" / "migrate").glob("*.sql"))
LAST = len(FILES)


@pytest.fixture
def empty(instances, request):
    one = instances("m_" + request.node.name.removeprefix("test_")[:40])
    one.init()
    return one


def applied(instance):
    return instance.sql("SELECT version, name, encode(sha256, 'hex') FROM idp.migration ORDER BY version")


def schema(instance):
    """Everything that pg_dump knows of the database, but the rows."""
    text = subprocess.run(
        ["pg_dump", "-h", instance.cluster.socket, "-U", "postgres", "--schema-only", instance.name],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    # \restrict carries a random word.
    return "".join(line for line in text.splitlines(True) if "restrict" not in line[:12])


def test_files_are_numbered_without_a_gap():
    assert [int(f.name[:3]) for f in FILES] == list(range(1, LAST + 1))
    assert all(re.fullmatch(r"\d{3}_[a-z_]+\.sql", f.name) for f in FILES)


def test_from_nothing(empty):
    assert empty.migrate("--status", status=1).stdout.count("not applied") == LAST
    empty.migrate()
    assert applied(empty) == [
        (int(f.name[:3]), f.name, hashlib.sha256(f.read_bytes()).hexdigest()) for f in FILES
    ]
    assert "not applied" not in empty.migrate("--status").stdout


def test_from_the_previous_version(empty, instances):
    empty.migrate("--to", LAST - 1)
    assert len(applied(empty)) == LAST - 1
    empty.migrate()
    other = instances("m_straight")
    other.init()
    other.migrate()
    assert schema(empty) == schema(other), "both ways lead to the same schema"


def test_again_changes_nothing(empty):
    empty.migrate()
    before = schema(empty)
    assert empty.json("migrate") == {"applied": 0}
    assert schema(empty) == before


def test_everything_belongs_to_pratu_owner(instance):
    owners = instance.sql("""
        SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class
        WHERE relnamespace::regnamespace::text IN ('idp', 'vault', 'record')
        UNION SELECT pg_get_userbyid(proowner) FROM pg_proc
        WHERE pronamespace::regnamespace::text IN ('idp', 'vault', 'record')
        UNION SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname IN ('idp', 'vault', 'record')""")
    assert owners == [("pratu_owner",)]


def test_a_changed_file_stops_it(empty):
    empty.migrate()
    empty.sql("UPDATE idp.migration SET sha256 = sha256('x') WHERE version = 1")
    assert "001_house.sql is not the file that was applied" in empty.migrate(status=1).stderr
    assert empty.migrate("--status", status=1)


def test_a_newer_database_stops_it(empty):
    empty.migrate()
    empty.sql("INSERT INTO idp.migration (version, name, sha256) VALUES (999, '999_later.sql', '')")
    assert "999_later.sql" in empty.migrate(status=1).stderr


def test_a_migration_that_fails_leaves_nothing(empty):
    """The last one is refused at its end: then none of it stands, and those before it stay."""
    empty.migrate("--to", LAST - 1)
    before = schema(empty)
    empty.sql(f"""CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE 'refused'; END $$;
        CREATE TRIGGER refuse BEFORE INSERT ON idp.migration FOR EACH ROW WHEN (NEW.version = {LAST})
        EXECUTE FUNCTION public.refuse()""")
    failed = empty.migrate(status=1)
    assert f"{FILES[-1].name} was not applied" in failed.stderr
    assert len(applied(empty)) == LAST - 1
    empty.sql("DROP FUNCTION public.refuse() CASCADE")
    assert schema(empty) == before


def test_two_at_once_are_one(empty):
    with empty.connect() as other:
        other.execute("SELECT pg_advisory_lock(hashtextextended('pratu.migrate', 0))")
        assert "another `pratu migrate` is running" in empty.migrate(status=3).stderr
    empty.migrate()


def test_a_role_that_is_no_superuser_will_do(empty):
    """What an operator without a superuser has: a role that makes roles and owns the database."""
    empty.sql("""DO $$ BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'pratu_dba') THEN
            CREATE ROLE pratu_dba LOGIN CREATEROLE; END IF; END $$""")
    empty.sql(f"ALTER DATABASE {empty.name} OWNER TO pratu_dba")
    where = f"host={empty.cluster.socket} dbname={empty.name} user=postgres options='-c role=pratu_dba'"
    empty.write_settings(owner_database=where)
    empty.migrate()
    assert len(applied(empty)) == LAST


def test_database_away(empty):
    empty.write_settings(owner_database="host=/nowhere dbname=x user=y")
    assert "away" in empty.migrate(status=3).stderr
