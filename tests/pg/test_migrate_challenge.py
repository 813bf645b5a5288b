# SPDX-License-Identifier: Apache-2.0
"""A database of version 15 with citizens, factors and the record: after `pratu migrate` each row is as it was, and they sign in."""
import uuid

import pytest
from lib.vault import Vault, await_quiet_step, code_now, make_citizen, store

BEFORE = 15
KEPT = {"vault.factor": "citizen_id, kind, secret, counter, bound_at, blocked_at", "vault.factor_failure": "*", "vault.password": "*",
        "idp.citizen": "*", "record.event": "*"}  # fmt: skip


def rows(instance):
    return {table: instance.sql(f"SELECT x::text FROM (SELECT {columns} FROM {table}) x ORDER BY 1") for table, columns in KEPT.items()}


@pytest.fixture(scope="module")
def prepared(vault):
    """What is stored of a citizen with this key, taken from a database of today."""
    person = make_citizen(vault)
    factors = vault.sql("SELECT kind, secret FROM vault.factor WHERE citizen_id = %s", [person.citizen_id])
    ((hash_,),) = vault.sql("SELECT hash FROM vault.password WHERE citizen_id = %s", [person.citizen_id])
    identifiers = vault.sql("SELECT kind, blind_index FROM vault.identifier WHERE citizen_id = %s", [person.citizen_id])
    return person, {"identifiers": [dict(zip(("kind", "blind_index"), one)) for one in identifiers],
                    "stored": [dict(zip(("kind", "secret"), one)) for one in factors], "password_hash": hash_}  # fmt: skip


def test_rows_are_kept_and_citizens_sign_in(instances, vault, prepared):
    person, stored = prepared
    old = instances("from_fifteen", key_file=vault.dir / "key")
    old.migrate("--to", BEFORE)
    store(old, person.citizen_id, stored)
    old.sql("UPDATE vault.factor SET counter = 7, blocked_at = CASE kind WHEN 'sandbox_code' THEN now() END")
    old.sql("INSERT INTO vault.factor_failure (citizen_id, kind, device_hash, known, failures) VALUES (%s, 'totp', 'x', false, 2)",
            [person.citizen_id])  # fmt: skip
    for kind, writer in (("password", "pratu_vault"), ("token", "pratu_web"), ("apply", "pratu_admin")):
        old.sql("INSERT INTO record.event (kind, outcome, subject_id, correlation_id) VALUES (%s, 'ok', %s, %s)",
                [kind, person.citizen_id, str(uuid.uuid4())], user=writer)  # fmt: skip
    before = rows(old)
    old.migrate()
    assert rows(old) == before and len(before["record.event"]) == 3
    assert old.sql("SELECT DISTINCT last_used_at FROM vault.factor") == [(None,)]
    with old.vault():
        web = Vault(old.sockets / "web.sock")
        await_quiet_step()
        reply = person.password(web)
        assert [one["kind"] for one in reply["factors"]] == ["totp"]
        assert person.sign_in(web, code_now())["outcome"] == "ok"
    assert old.sql("SELECT kind FROM vault.factor WHERE last_used_at IS NOT NULL") == [("totp",)]
