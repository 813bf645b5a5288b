# SPDX-License-Identifier: Apache-2.0
"""A database that was restored is not used before `pratu recover`; what backup, restore and recover refuse; and the command that ends
all sessions."""
import json
import re
import shutil
import subprocess
import threading
import uuid

import psycopg
import pytest
import requests
from lib.access import Access, now_ms, signed_in, uuid7
from lib.agency import CITIZENS, Agency, browser_of
from lib.stack import wait_until
from lib.vault import Vault, make_citizen, second_step


@pytest.fixture
def other(instances, request):
    """A copy of this module's database, as a restore by other means leaves it; nothing runs on it."""
    def copy(of, name):
        one = instances(name, make_database=False)
        with one.cluster.connect("postgres") as db:
            db.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            db.execute(f'CREATE DATABASE "{name}" TEMPLATE "{of.name}"')
        shutil.copy(of.dir / "key", one.dir / "key")
        one.pratu("init")
        return one

    return copy


@pytest.fixture(scope="module")
def source(instances):
    """A database that roles have served from, with a citizen who is signed in."""
    one = instances("restored_source")
    one.init()
    one.migrate()
    agency = Agency(one, "basic")
    with one.serve():
        one.apply({"clients": [agency.document()], "citizens": CITIZENS})
        one.cookies = browser_of(one).cookies.get_dict()
    return one


def check(instance, name):
    (found,) = [c for c in instance.json("doctor", status=None)["checks"] if c["check"] == name]
    return found


def live(instance):
    ((n,),) = instance.sql("SELECT count(*) FROM idp.session WHERE ended_at IS NULL")
    return n


# ------------------------------------------------------------------ a copy is not used


def test_no_role_uses_a_copy_before_it_is_recovered(source, other):
    """It says so, answers nobody, and goes on by itself when it was recovered."""
    copy = other(source, "restored_copy")
    assert check(copy, "restore")["verdict"] == "fault" and "pratu recover" in check(copy, "restore")["todo"]
    with copy.vault(ready=False), copy.run("web", ready=False):
        def told(role):
            return [l for l in copy.log_lines("db.connect") if l["role"] == role and "run `pratu recover`" in l["message"]]

        wait_until(lambda: told("vault") and told("web"), what="both roles name the command")
        wait_until(lambda: reached(copy, "/health/live") == 200, what="an answer")
        assert reached(copy, "/health/ready") == 503 and reached(copy, "/jwks") == 503
        assert reached(copy, "/", source.cookies) == 503, "nor does a session count that is alive in it"
        assert not copy.log_lines("vault.ready")
        said = copy.json("recover", "--to", "0s", "--yes")
        assert said["sessions_ended"] == 1 and said["keys_withdrawn"] == 3
        wait_until(lambda: reached(copy, "/health/ready") == 200, what="ready")
        assert live(copy) == 0
        browser_of(copy)
    assert check(copy, "restore")["verdict"] == "ok"


def reached(instance, path, cookies=None):
    """The status of the answer; None: there is none yet."""
    try:
        return requests.get(instance.issuer + path, cookies=cookies, verify=str(instance.certificate), timeout=30).status_code
    except requests.ConnectionError:
        return None


def test_one_that_lost_nothing_is_only_confirmed(source, other):
    copy = other(source, "restored_moved")
    assert copy.json("recover", "--nothing-lost")["nothing_lost"] is True
    assert check(copy, "restore")["verdict"] == "ok" and live(copy) == 1
    assert [r["detail"]["nothing_lost"] for r in copy.records("--kind", "recover")] == [True]


def test_a_recovery_that_stopped_half_way_leaves_it_closed(source, other):
    copy = other(source, "restored_half")
    copy.pratu("recover", "--nothing-lost")
    copy.sql("SELECT idp.recover_begin()")
    assert "has begun and has not ended" in check(copy, "restore")["found"]
    with copy.connect("pratu_vault") as db, pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
        db.execute("SELECT idp.admit()")


def test_a_dump_that_was_read_back_into_the_same_database_is_a_copy(source, other, tmp_path):
    """Cluster and database are those that it was confirmed to be; its tables are new ones."""
    copy = other(source, "restored_over")
    copy.pratu("recover", "--nothing-lost")
    server, dump = ["-h", str(copy.cluster.socket), "-U", "postgres"], tmp_path / "dump"
    subprocess.run(["pg_dump", *server, "--format=custom", f"--file={dump}", copy.name], check=True)
    with copy.connect("pratu_vault") as db:
        db.execute("SELECT idp.admit()")
    copy.sql("DROP SCHEMA idp, vault, record, courier CASCADE")
    subprocess.run(["pg_restore", *server, "--exit-on-error", f"--dbname={copy.name}", dump], check=True)
    with copy.connect("pratu_vault") as db, pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
        db.execute("SELECT idp.admit()")
    assert check(copy, "restore")["verdict"] == "fault"
    copy.pratu("recover", "--to", "0s", "--yes")
    with copy.connect("pratu_vault") as db:
        db.execute("SELECT idp.admit()")


def test_another_timeline_is_told_and_stops_nobody(source):
    """A fail-over begins one too, and may have lost nothing."""
    source.sql("UPDATE idp.instance SET timeline = timeline + 1")
    found = check(source, "restore")
    assert found["verdict"] == "warn" and "--nothing-lost" in found["todo"]
    source.sql("SELECT idp.admit()", user="pratu_web")
    source.pratu("recover", "--nothing-lost")
    assert check(source, "restore")["verdict"] == "ok" and live(source) == 1


# ------------------------------------------------------------------ what recover refuses


def test_it_refuses_while_a_role_serves(source):
    with source.vault():
        assert "stop the vault and the web role" in source.pratu("recover", "--to", "1s", "--yes", status=1).stderr
        source.sql("SELECT idp.admit()", user="pratu_vault")  # and has changed nothing
    assert live(source) == 1


@pytest.mark.parametrize("given, said", [
    ([], "expected --to TIME"), (["--to", "1h", "--nothing-lost"], "expected --to TIME"), (["--to", "1h"], "expected --yes"),
    (["--to", "2999-01-01", "--yes"], "a moment in the past"),
])  # fmt: skip
def test_what_it_is_to_do_is_said(source, given, said):
    assert said in source.pratu("recover", *given, status=2, stdin="").stderr
    assert live(source) == 1


def test_it_refuses_another_key_file(source, other):
    copy = other(source, "restored_key")
    key = copy.dir / "key"
    key.write_text("0" * 64 + "\n")
    assert "is not the key file of this database" in copy.pratu("recover", "--to", "0s", "--yes", status=1).stderr
    assert live(copy) == 1
    key.unlink()
    assert "cannot be read here" in copy.pratu("recover", "--to", "0s", "--yes").stderr


def test_a_moment_before_the_newest_row_is_doubted(source, other):
    copy = other(source, "restored_doubt")
    assert "is that the moment" in copy.pratu("recover", "--to", "1d", "--yes").stderr


# ------------------------------------------------------------------ backup and restore


@pytest.fixture(scope="module")
def backup(source):
    directory = source.dir / "backup"
    source.pratu("backup", directory)
    return directory


def test_a_backup_is_its_owner_s_alone_and_has_no_key(source, backup):
    assert backup.stat().st_mode & 0o777 == 0o700
    assert {p.stat().st_mode & 0o077 for p in backup.rglob("*")} == {0}
    key = (source.dir / "key").read_text().strip()
    text = subprocess.run(["pg_restore", "--file=-", backup / "database"], check=True, capture_output=True).stdout.decode()
    assert "COPY vault.signing_key" in text and key not in text
    assert {p.name for p in backup.iterdir()} == {"database", "manifest.json"}
    assert json.loads((backup / "manifest.json").read_text())["schema"] >= 16


def test_a_dated_one_has_a_directory_of_its_own(source, tmp_path):
    source.pratu("backup", "--dated", tmp_path / "all")
    (made,) = (tmp_path / "all").iterdir()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d{6}Z", made.name) and (made / "manifest.json").exists()


def test_no_command_line_shows_a_password(source, tmp_path, monkeypatch):
    """Everybody may read the arguments of a process; its environment only its user."""
    (tmp_path / "pg_dump").write_text(f'#!/bin/sh\necho "$@" >{tmp_path}/arguments\necho "$PGPASSWORD" >{tmp_path}/password\nexit 1\n')
    (tmp_path / "pg_dump").chmod(0o755)
    conf = source.write_settings(tmp_path / "c.conf", owner_database=source.settings["owner_database"] + " password=quiet")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert "pg_dump failed" in source.pratu("backup", tmp_path / "b", conf=conf, status=1).stderr
    assert "--snapshot=" in (tmp_path / "arguments").read_text() and "quiet" not in (tmp_path / "arguments").read_text()
    assert (tmp_path / "password").read_text() == "quiet\n"
    assert "is no whole backup" in source.pratu("restore", tmp_path / "b", conf=conf, status=1).stderr


def test_postgresql_s_programs_are_missed_by_name(source, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "pg_dump is not installed: apt-get install" in source.pratu("backup", tmp_path / "b", status=1).stderr


def test_it_is_not_written_over_another(source, backup):
    before = (backup / "manifest.json").read_bytes()
    assert "is not empty" in source.pratu("backup", backup, status=1).stderr
    assert (backup / "manifest.json").read_bytes() == before


def test_a_restore_goes_into_an_empty_database_only(source, backup):
    assert "is not empty" in source.pratu("restore", backup, status=1).stderr
    assert live(source) == 1


def damage(directory):
    largest = max((directory / "database").iterdir(), key=lambda p: p.stat().st_size)
    content = bytearray(largest.read_bytes())
    content[len(content) // 2] ^= 1
    largest.write_bytes(content)


@pytest.mark.parametrize("harm, said", [
    (damage, "is damaged"), (lambda d: (d / "manifest.json").unlink(), "is no whole backup"),
    (lambda d: next((d / "database").glob("*.gz")).unlink(), "is damaged"),
    (lambda d: (d / "manifest.json").write_text("{}"), "another version"),
])  # fmt: skip
def test_a_damaged_backup_is_not_restored(source, backup, tmp_path, instances, harm, said):
    shutil.copytree(backup, tmp_path / "b")
    empty = instances("restored_empty")
    shutil.copy(source.dir / "key", empty.dir / "key")
    empty.pratu("restore", tmp_path / "b", "--check")
    harm(tmp_path / "b")
    assert said in empty.pratu("restore", tmp_path / "b", status=1).stderr
    assert empty.sql("SELECT FROM pg_namespace WHERE nspname = 'idp'") == []


# ------------------------------------------------------------------ ending all sessions


def test_all_sessions_end_and_say_why(stack):
    agency = Agency(stack, "basic")
    stack.apply({"clients": [agency.document()], "citizens": CITIZENS})
    browser = browser_of(stack)
    refresh = agency.tokens(browser, scope="openid offline_access")["refresh_token"]
    assert "expected --yes" in stack.pratu("session", "end", "--all", status=2, stdin="").stderr
    said = stack.json("session", "end", "--all", "--yes", "--reason", "a leak")
    assert said == {"sessions_ended": 1, "grants_revoked": 1}
    assert agency.refresh(refresh).status_code == 400
    assert "signin" in browser.get(stack.issuer + "/", timeout=30).url
    (row,) = stack.records("--kind", "access_end")
    assert row["reason"] == "all" and row["detail"]["why"] == "a leak" and row["detail"]["by"]
    assert {r["reason"] for kind in ("session_end", "revoke") for r in stack.records("--kind", kind)} == {"ended"}
    browser_of(stack)


def test_a_half_done_sign_in_ends_with_them(stack):
    """By the vault, which spends nothing of it."""
    person, web = make_citizen(stack), Vault(stack.sockets / "web.sock")
    partial = person.partial(web)
    stack.pratu("session", "end", "--all", "--yes")
    assert second_step(web, partial, "123456")["outcome"] == "expired"
    assert person.sign_in(web, code="123456")["outcome"] == "ok"


def test_no_session_stands_on_a_sign_in_of_before(stack):
    """Though the vault had given its ticket already."""
    citizen = str(uuid.uuid4())
    with stack.connect() as db:
        db.execute("INSERT INTO idp.citizen (citizen_id, claims, credentials_at) VALUES (%s, '{}', '-infinity')", [citizen])
        began = uuid7(now_ms() - 1000)
        stack.pratu("session", "end", "--all", "--yes")

        def begins(authentication_id):
            return db.execute(
                "INSERT INTO idp.session (session_id, token_hash, subject_id, actor_id, authentication_id, ticket, acr, amr,"
                " auth_time, expires_at) VALUES (gen_random_uuid(), %s, %s, %s, %s, 't', 'a', '{pwd}', now(), now() + interval '1 h')",
                [uuid.uuid4().bytes, citizen, citizen, authentication_id]).rowcount  # fmt: skip

        assert begins(began) == 0
        wait_until(lambda: begins(uuid7()) == 1, what="a session of a sign-in that began afterwards")


def test_a_session_that_is_being_made_is_waited_for(stack):
    """It was inserted by a statement that did not see the order yet, and is committed after that was given."""
    citizen = str(uuid.uuid4())
    with stack.connect() as db, stack.connect() as observer:
        db.execute("INSERT INTO idp.citizen (citizen_id, claims, credentials_at) VALUES (%s, '{}', '-infinity')", [citizen])
        with db.transaction():
            session, _ = signed_in(db, citizen, offline=())
            command = threading.Thread(target=stack.pratu, args=("session", "end", "--all", "--yes"))
            command.start()
            wait_until(lambda: observer.execute(
                "SELECT FROM pg_stat_activity WHERE query LIKE '%%access_settle%%' AND wait_event_type = 'Lock'").fetchall(),
                what="the command waits")  # fmt: skip
        command.join()
        assert db.execute("SELECT ended_at IS NOT NULL FROM idp.session WHERE session_id = %s", [session]).fetchall() == [(True,)]


def test_a_vacuum_holds_nobody_up_who_ends_all(stack):
    """It locks a partition for minutes, against nothing that a session is made with."""
    with stack.connect() as db, db.transaction():
        db.execute("DO $$ DECLARE p regclass; BEGIN FOR p IN SELECT inhrelid FROM pg_inherits WHERE inhparent = 'idp.session'::regclass"
                   " LOOP EXECUTE format('LOCK TABLE %s IN SHARE UPDATE EXCLUSIVE MODE', p); END LOOP; END $$")  # fmt: skip
        stack.pratu("session", "end", "--all", "--yes")


@pytest.mark.parametrize("role", ["pratu_web", "pratu_vault"])
def test_no_role_that_serves_ends_everything(stack, role):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        stack.sql("SELECT * FROM idp.end_access('all', NULL, NULL, NULL, NULL, false, 'x', NULL)", user=role)


@pytest.mark.parametrize("function", ["recover('x')", "recover_begin()", "recover_confirm()", "serving()"])
def test_no_role_recovers(stack, function):
    for role in ("pratu_web", "pratu_vault", "pratu_admin"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            stack.sql(f"SELECT idp.{function}", user=role)


def test_of_one_citizen_or_one_client(stack):
    with stack.connect() as db:
        first, second = Access(db, offline=True), Access(db)
        ended = stack.json("session", "end", "--citizen", first.citizen_id)
        assert ended == {"sessions_ended": 1, "grants_revoked": 1}
        ended = stack.json("session", "end", "--client", second.client_id)
        assert ended == {"sessions_ended": 0, "grants_revoked": 1}
    for wrong in ([], ["--all", "--client", "x"]):
        assert "expected one of" in stack.pratu("session", "end", *wrong, status=2).stderr
