# SPDX-License-Identifier: Apache-2.0
"""Statements of the vault by themselves, where the process around them would hide what one of them refuses."""
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from lib.statements import call, run, wait_until_blocked


@pytest.fixture
def connections(instance):
    """An observer, and two of the vault."""
    with ExitStack() as stack:
        yield [stack.enter_context(instance.connect(user)) for user in ("postgres", "pratu_vault", "pratu_vault")]


def test_a_success_takes_back_the_failures_of_its_own_device_alone(instance, connections):
    """Also where the citizen was told of the others before: then nothing else touches their row."""
    observer, vault, _ = connections
    citizen = str(uuid.uuid4())
    observer.execute("INSERT INTO idp.citizen (citizen_id, claims) VALUES (%s, '{}')", [citizen])
    observer.execute("INSERT INTO vault.factor (citizen_id, kind, secret) VALUES (%s, 'totp', 'secret')", [citizen])
    for device in (b"mine", b"another"):
        run(vault, "vault/factor_wrong", subject_id=citizen, device_hash=device, known_device=False, kinds=["totp"], blocked=[],
            reason="wrong_code", authentication_id=str(uuid.uuid4()))  # fmt: skip
    run(vault, "vault/factor_settle", subject_id=citizen, device_hash=b"mine", earned=["totp"], stopped=0)
    left = observer.execute("SELECT device_hash FROM vault.factor_failure WHERE citizen_id = %s", [citizen]).fetchall()
    assert left == [(b"another",)]


def put_key(observer, active_from):
    kid = str(uuid.uuid4())
    observer.execute("INSERT INTO vault.signing_key (kid, alg, public_jwk, sealed, active_from)"
                     f" VALUES (%s, 'ES256', '{{}}', '', {active_from})", [kid])  # fmt: skip
    return kid


def test_a_key_begins_when_it_is_old_enough_and_not_before(connections):
    observer, vault, _ = connections
    kid = put_key(observer, "now() + interval '1 hour'")
    assert run(vault, "vault/keys_begin", live_s=150, keep_s=3600) == []
    observer.execute("UPDATE vault.signing_key SET active_from = now() WHERE kid = %s", [kid])
    assert run(vault, "vault/keys_begin", live_s=150, keep_s=3600) == [{"kid": kid}]


def test_a_process_that_registers_waits_for_the_key_that_begins(connections):
    observer, first, second = connections
    kid = put_key(observer, "now()")
    text = call(second, "vault/keys_publish", {"process_id": str(uuid.uuid4()), "kids": []})
    with first.transaction():
        assert {"kid": kid} in run(first, "vault/keys_begin", live_s=150, keep_s=3600)
        late = ThreadPoolExecutor(1).submit(lambda: second.execute(text.encode()).fetchall())
        wait_until_blocked(observer, second.info.backend_pid)
    assert (kid,) in late.result(10)
