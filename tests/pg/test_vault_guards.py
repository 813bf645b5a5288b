# SPDX-License-Identifier: Apache-2.0
"""The vault's guards against races, one by one: a transaction holds what the vault needs, the vault is seen waiting for it,
and what it then does is looked at. And its statements by themselves, where the lock would hide what they refuse."""
import hashlib
import hmac
import json
import resource
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from lib.grant import derived
from lib.statements import run
from lib.stack import wait_until
from lib.vault import (
    Vault,
    await_quiet_step,
    bind,
    code_now,
    failures,
    hash_of,
    make_citizen,
    make_client,
    second_step,
    unb64url,
)


@pytest.fixture
def web(vault):
    one = Vault(vault.sockets / "web.sock")
    yield one
    one.close()


@pytest.fixture
def db(vault):
    with vault.connect() as one:
        yield one


@pytest.fixture
def statements(vault):
    """A connection as the vault's role, whose changes are taken back."""
    with vault.connect("pratu_vault") as one, one.transaction(force_rollback=True):
        yield one


@pytest.fixture
def aside(vault):
    """Run an operation on a connection of its own; its future."""
    pool = ThreadPoolExecutor(4)
    yield lambda ask: pool.submit(lambda: ask(Vault(vault.sockets / "web.sock")))
    pool.shutdown()


def wait_for_waiting(instance, n=1, kind=None, user="pratu_vault"):
    """Until n of the vault's (or another role's) transactions wait for a lock (of that kind)."""
    end = time.monotonic() + 60
    with instance.connect() as db:
        while time.monotonic() < end:
            ((found,),) = db.execute(
                "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
                " WHERE a.usename = %s AND NOT l.granted AND l.locktype = coalesce(%s, l.locktype)", [user, kind])  # fmt: skip
            if found == n:
                return
            time.sleep(0.005)
    raise AssertionError(f"{n} waiting transactions of the vault are not to be seen")


def bucket(instance, alias, device="unknown"):
    """The bucket of an alias: idp/vault/login.c."""
    key = bytes.fromhex((instance.dir / "key").read_text().strip())
    index = hmac.digest(derived(key, "pratu vault blind index 1"), f"alias|{alias}".encode(), hashlib.sha256)
    return hmac.digest(derived(key, "pratu vault throttle 1"), f"name|{index.hex()}|{device}".encode(), hashlib.sha256)


# ------------------------------------------------------------------ passwords


def begin_elsewhere(instance, mine):
    """What another vault reads of that bucket when it begins a try."""
    with instance.connect("pratu_vault") as db, db.transaction():
        return db.execute("SELECT failures, wait_ms FROM vault.password_begin('', '', %s, '')", [mine]).fetchone()


def test_a_try_waits_for_the_one_before_it_and_sees_what_it_counted(vault, db, aside):
    somchai = make_citizen(vault)
    mine = bucket(vault, somchai.alias)
    with db.transaction():
        db.execute("SELECT pg_advisory_xact_lock(hashtextextended(encode(%s, 'hex'), 0))", [mine])
        guess = aside(lambda v: somchai.password(v, "not the password"))
        wait_for_waiting(vault, kind="advisory")
        db.execute("INSERT INTO vault.throttle VALUES (%s, 6, now() + interval '100 s', now() + interval '1 h')", [mine])
    reply = guess.result()
    assert reply["outcome"] == "wait" and 90 < reply["wait_s"] <= 100
    assert vault.sql("SELECT failures FROM vault.throttle WHERE bucket = %s", [mine]) == [(6,)]


def test_the_lock_of_a_try_is_held_until_its_count_is_committed(vault, db, aside):
    somchai = make_citizen(vault)
    mine = bucket(vault, somchai.alias)
    with db.transaction(force_rollback=True):
        db.execute("INSERT INTO vault.throttle VALUES (%s, 1, now(), now())", [mine])  # holds up the count of the first
        first = aside(lambda v: somchai.password(v, "not the password"))
        wait_for_waiting(vault, kind="transactionid")
        second = aside(lambda _: begin_elsewhere(vault, mine))
        wait_for_waiting(vault, kind="advisory")
        assert not first.done() and not second.done()
    assert first.result() == {"outcome": "refused"}
    failures_seen, wait_ms = second.result()
    assert failures_seen == 1 and 0 < wait_ms <= 1000


def test_tries_at_one_name_leave_the_other_threads_to_others(vault, db, aside, web):
    """Two hashing threads: while a try waits in the database, those at its name wait without a thread."""
    somchai, malee = make_citizen(vault), make_citizen(vault)
    with db.transaction():
        db.execute("SELECT pg_advisory_xact_lock(hashtextextended(encode(%s, 'hex'), 0))", [bucket(vault, somchai.alias)])
        first = aside(lambda v: somchai.password(v))
        wait_for_waiting(vault, kind="advisory")
        other = aside(lambda v: somchai.password(v, device="a"))
        wait_until(lambda: web("status")["hashes_waiting"] == 2)
        assert somchai.password(web)["outcome"] == "failed", "of four slow workers one may wait behind its own name"
        assert malee.password(web)["outcome"] == "ok"
        wait_for_waiting(vault, kind="advisory")
    assert [one.result()["outcome"] for one in (first, other)] == ["ok"] * 2


def test_two_flooded_names_leave_a_slow_worker_to_others(vault, db, aside, web):
    somchai, malee, third = (make_citizen(vault) for _ in range(3))
    with db.transaction():
        for one in (somchai, malee):
            db.execute("SELECT pg_advisory_xact_lock(hashtextextended(encode(%s, 'hex'), 0))", [bucket(vault, one.alias)])
        held = [aside(lambda v, p=p: p.password(v)) for p in (somchai, malee)]
        wait_for_waiting(vault, 2, kind="advisory")
        held.append(aside(lambda v: somchai.password(v, device="a")))
        wait_until(lambda: web("status")["hashes_waiting"] == 3)
        assert [p.password(web)["outcome"] for p in (somchai, malee)] == ["failed"] * 2
        last = aside(lambda v: third.password(v))
        wait_until(lambda: web("status")["hashes_waiting"] == 4)
    assert [one.result()["outcome"] for one in (*held, last)] == ["ok"] * 4


def test_tries_at_other_names_and_devices_do_not_wait(vault, db, web):
    somchai, malee = make_citizen(vault), make_citizen(vault)
    assert somchai.sign_in(web, code="123456", device="phone")["outcome"] == "ok"
    with db.transaction():
        db.execute("SELECT pg_advisory_xact_lock(hashtextextended(encode(%s, 'hex'), 0))", [bucket(vault, somchai.alias)])
        assert malee.password(web)["outcome"] == "ok"
        assert somchai.password(web, login=somchai.national_id)["outcome"] == "ok"
        assert somchai.password(web, device="phone")["outcome"] == "ok"


# ------------------------------------------------------------------ second factors


def hold_factors(db, person):
    db.execute("SELECT FROM vault.factor WHERE citizen_id = %s FOR UPDATE", [person.citizen_id])


def test_a_change_of_credentials_waits_for_a_code_and_forgets_its_device(vault, db):
    somchai = make_citizen(vault)
    change = "SELECT * FROM vault.credentials_changed(%s, ROW(NULL, NULL, NULL, NULL, 'c')::record.context)"
    with vault.connect("pratu_admin") as admin, ThreadPoolExecutor(1) as pool:
        with db.transaction():
            db.execute("SELECT FROM vault.factor_begin(%s, 'd', %s, now())", [somchai.citizen_id, str(uuid.uuid4())])
            changed = pool.submit(admin.execute, change, [somchai.citizen_id])
            wait_for_waiting(vault, user="pratu_admin")
            db.execute("INSERT INTO vault.device (citizen_id, device_hash) VALUES (%s, 'thief')", [somchai.citizen_id])
        changed.result()
    assert vault.sql("SELECT FROM vault.device WHERE citizen_id = %s", [somchai.citizen_id]) == []


def test_a_code_waits_for_the_try_before_it_and_sees_its_step(vault, db, web, aside):
    somchai = make_citizen(vault, sandbox_code=None)
    await_quiet_step()
    partial, code = somchai.partial(web), code_now()
    with db.transaction():
        hold_factors(db, somchai)
        again = aside(lambda v: second_step(v, partial, code))
        wait_for_waiting(vault)
        db.execute("UPDATE vault.factor SET counter = %s WHERE citizen_id = %s", [int(time.time()) // 30, somchai.citizen_id])
    assert again.result() == {"outcome": "refused"}
    assert vault.sql("SELECT reason FROM record.event WHERE subject_id = %s ORDER BY at DESC LIMIT 1",
                     [somchai.citizen_id]) == [("replayed",)]  # fmt: skip


def test_a_guess_waits_for_the_try_before_it_and_sees_its_count(vault, db, web, aside):
    somchai = make_citizen(vault)
    partial = somchai.partial(web)
    with db.transaction():
        hold_factors(db, somchai)
        guess = aside(lambda v: second_step(v, partial, "123456"))
        wait_for_waiting(vault)
        db.execute("INSERT INTO vault.factor_failure (citizen_id, kind, device_hash, known, failures)"
                   " SELECT %s, kind, 'x', false, 13 FROM (VALUES ('totp'), ('sandbox_code')) AS k (kind)", [somchai.citizen_id])  # fmt: skip
    reply = guess.result()
    assert reply["outcome"] == "wait" and reply["wait_s"] > 500
    assert failures(vault, somchai) == 13


def test_a_partial_ticket_that_is_spent_meanwhile_signs_nobody_in(vault, db, web, aside):
    somchai = make_citizen(vault)
    partial = somchai.partial(web)
    ((authentication_id,),) = vault.sql("SELECT authentication_id FROM record.event WHERE subject_id = %s", [somchai.citizen_id])
    with db.transaction():
        hold_factors(db, somchai)
        late = aside(lambda v: second_step(v, partial, "123456"))
        wait_for_waiting(vault)
        db.execute("INSERT INTO vault.spent_partial VALUES (%s, to_timestamp(%s))", [authentication_id, exp_of(partial)])
    assert late.result() == {"outcome": "expired"}
    assert not vault.sql("SELECT FROM record.event WHERE subject_id = %s AND kind = 'sign_in'", [somchai.citizen_id])


def exp_of(ticket):
    return json.loads(unb64url(ticket.split(".")[0]))["exp"]


def right(person, **members):
    """The members of vault/factor_right."""
    return {"subject_id": person.citizen_id, "factor": "totp", "step": 100, "partial_expires_s": int(time.time()) + 60,
            "device_hash": hash_of("phone"), "new_device_hash": hash_of("phone"), "acr": "urn:pratu:loa:2",
            "amr": ["pwd", "otp", "mfa"], "authentication_id": str(uuid.uuid4()), **members}  # fmt: skip


def test_the_statement_accepts_no_step_twice(vault, statements):
    somchai = make_citizen(vault)
    assert len(run(statements, "vault/factor_right", **right(somchai))) == 1
    for step in (100, 99):
        assert run(statements, "vault/factor_right", **right(somchai, step=step)) == []
    ((rows, counter),) = statements.execute(
        "SELECT (SELECT count(*) FROM vault.device WHERE citizen_id = f.citizen_id), counter FROM vault.factor f"
        " WHERE citizen_id = %s AND kind = 'totp'", [somchai.citizen_id]).fetchall()  # fmt: skip
    assert (rows, counter) == (1, 100)
    assert len(run(statements, "vault/factor_right", **right(somchai, step=101))) == 1


def test_the_statement_accepts_no_partial_ticket_twice_and_then_burns_no_step(vault, statements):
    somchai = make_citizen(vault)
    spent = right(somchai)
    assert len(run(statements, "vault/factor_right", **spent)) == 1
    fail = "INSERT INTO vault.factor_failure (citizen_id, kind, device_hash, known, failures) VALUES (%s, 'totp', %s, true, 2)"
    statements.execute(fail, [somchai.citizen_id, hash_of("phone")])
    assert run(statements, "vault/factor_right", **{**spent, "step": 200}) == []
    assert run(statements, "vault/factor_right", **{**spent, "factor": "sandbox_code", "step": None}) == []
    state = "SELECT counter, (SELECT sum(failures) FROM vault.factor_failure WHERE citizen_id = f.citizen_id)"
    assert statements.execute(f"{state} FROM vault.factor f WHERE citizen_id = %s AND kind = 'totp'",
                              [somchai.citizen_id]).fetchall() == [(100, 2)]  # fmt: skip


# ------------------------------------------------------------------ locked citizens


def test_a_locked_citizens_national_id_is_given_to_nobody(vault, web):
    somchai = make_citizen(vault)
    make_client(vault, "reader", "reader.example")
    ticket = bind(vault, web, somchai.sign_in(web), "reader", scope="openid national_id")["grant_ticket"]
    assert web("national_id", grant_ticket=ticket)["outcome"] == "ok"
    vault.sql("UPDATE idp.citizen SET locked = true WHERE citizen_id = %s", [somchai.citizen_id])
    assert web("national_id", grant_ticket=ticket) == {"outcome": "refused"}


# ------------------------------------------------------------------ memory


def test_out_of_memory_a_right_password_is_neither_wrong_nor_delayed(instances):
    instance = instances("memory", password_memory_kib=131072)
    instance.init()
    instance.migrate()
    with instance.vault() as process:
        somchai, web = make_citizen(instance), Vault(instance.sockets / "web.sock")
        assert somchai.password(web)["outcome"] == "ok"
        rows = instance.sql("SELECT count(*) FROM record.event")
        with open(f"/proc/{process.pid}/statm", encoding="ascii") as statm:
            in_use = int(statm.read().split()[0]) * resource.getpagesize()
        resource.prlimit(process.pid, resource.RLIMIT_AS, (in_use + (64 << 20), resource.RLIM_INFINITY))
        for login in (somchai.alias, "nobody.at.all"):
            assert somchai.password(web, login=login) == {"outcome": "failed"}
        assert instance.sql("SELECT count(*) FROM record.event") == rows
        assert instance.sql("SELECT FROM vault.throttle") == []
        assert len(web.keys()) == 3
        resource.prlimit(process.pid, resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        assert somchai.password(web)["outcome"] == "ok"
