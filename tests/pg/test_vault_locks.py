# SPDX-License-Identifier: Apache-2.0
"""Guesses at one credential are counted one after the other: the statement that begins a check holds the bucket, or the
factors, until its transaction ends. One transaction holds, the other is seen waiting, and then sees what the first counted."""
import secrets
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from lib.statements import call, query, run, wait_until_blocked

EVENT = {"authentication_id": str(uuid.uuid4())}


@pytest.fixture
def connections(house):
    """An observer, and two of the vault."""
    with ExitStack() as stack:
        made = [stack.enter_context(house.connect(user)) for user in ("postgres", "pratu_vault", "pratu_vault")]
        yield made


@pytest.fixture
def citizen(house):
    one = str(uuid.uuid4())
    house.sql("INSERT INTO idp.citizen (citizen_id, claims) VALUES (%s, '{}')", [one])
    for kind in ("totp", "sandbox_code"):
        house.sql("INSERT INTO vault.factor (citizen_id, kind, secret) VALUES (%s, %s, 'secret')", [one, kind])
    return one


def waits(connections, name, given):
    """Start a statement on the second connection of the vault, and return when it waits for the first."""
    observer, _, second = connections
    text = call(second, name, given)
    late = ThreadPoolExecutor(1).submit(lambda: second.execute(text.encode()).fetchall())
    wait_until_blocked(observer, second.info.backend_pid)
    return late


def test_two_passwords_at_one_bucket_are_checked_one_after_the_other(connections):
    first = connections[1]
    unknown, known = secrets.token_bytes(32), secrets.token_bytes(32)
    asked = {"login_index": secrets.token_bytes(32), "device_hash": b"d", "bucket_unknown": unknown, "bucket_known": known}
    with first.transaction():
        (row,) = run(first, "vault/password_begin", **asked)
        assert (row["failures"], row["wait_ms"]) == (0, 0)
        late = waits(connections, "vault/password_begin", asked)
        run(first, "vault/password_wrong", bucket=unknown, failures=1, delay_s=60, forget_s=3600, reason="unknown", **EVENT)
    ((*_, failures, wait_ms),) = late.result(10)
    assert failures == 1 and wait_ms > 50_000


def test_passwords_of_two_names_do_not_wait_for_each_other(connections):
    _, first, second = connections
    with first.transaction():
        for connection in (first, second):
            run(connection, "vault/password_begin", login_index=secrets.token_bytes(32), device_hash=b"d",
                bucket_unknown=secrets.token_bytes(32), bucket_known=secrets.token_bytes(32))  # fmt: skip


def test_two_codes_of_one_citizen_are_judged_one_after_the_other(connections, citizen):
    first = connections[1]
    asked = {"subject_id": citizen, "device_hash": b"", "partial_id": str(uuid.uuid4()), "partial_expires_s": 2_000_000_000}
    with first.transaction():
        assert [row["failures"] for row in run(first, "vault/factor_begin", **asked)] == [0, 0]
        late = waits(connections, "vault/factor_begin", asked)
        run(first, "vault/factor_wrong", subject_id=citizen, device_hash=b"", known_device=False,
            kinds=["totp", "sandbox_code"], blocked=[], reason="wrong_code", **EVENT)  # fmt: skip
    failures = query("vault/factor_begin").columns
    at = [column.name for column in failures].index("failures")
    assert [row[at] for row in late.result(10)] == [1, 1]


def right(citizen, partial, step):
    return {"subject_id": citizen, "factor": "totp", "step": step, "partial_expires_s": 2_000_000_000, "device_hash": b"",
            "earned": ["totp"], "stopped": 0, "acr": "a", "amr": ["pwd"], "authentication_id": partial}  # fmt: skip


def test_a_step_is_spent_once_and_forward_only(connections, citizen):
    """Whatever was judged: the statement itself takes no step twice, and no older one."""
    vault = connections[1]
    assert len(run(vault, "vault/factor_right", **right(citizen, str(uuid.uuid4()), 100))) == 1
    for step in (100, 99):
        assert run(vault, "vault/factor_right", **right(citizen, str(uuid.uuid4()), step)) == []
    assert len(run(vault, "vault/factor_right", **right(citizen, str(uuid.uuid4()), 101))) == 1


def test_a_partial_ticket_is_spent_once(connections, citizen):
    vault, partial = connections[1], str(uuid.uuid4())
    assert len(run(vault, "vault/factor_right", **right(citizen, partial, 100))) == 1
    assert run(vault, "vault/factor_right", **right(citizen, partial, 101)) == []
    assert run(vault, "vault/factor_right", **{**right(citizen, partial, 102), "step": None}) == []


def test_a_success_takes_back_the_failures_of_its_own_device_alone(connections, citizen):
    observer, vault, _ = connections
    for device in (b"mine", b"another"):
        run(vault, "vault/factor_wrong", subject_id=citizen, device_hash=device, known_device=False, kinds=["totp"], blocked=[],
            reason="wrong_code", **EVENT)  # fmt: skip
    run(vault, "vault/factor_right", **{**right(citizen, str(uuid.uuid4()), 100), "device_hash": b"mine"})
    left = observer.execute("SELECT device_hash FROM vault.factor_failure WHERE citizen_id = %s", [citizen]).fetchall()
    assert left == [(b"another",)]


def test_the_national_id_of_a_locked_citizen_is_not_loaded(house, connections, citizen):
    house.sql("INSERT INTO vault.national_id (citizen_id, sealed) VALUES (%s, 'sealed')", [citizen])
    vault = connections[1]
    assert len(run(vault, "vault/national_id_load", citizen_id=citizen)) == 1
    house.sql("UPDATE idp.citizen SET locked = true WHERE citizen_id = %s", [citizen])
    assert run(vault, "vault/national_id_load", citizen_id=citizen) == []
