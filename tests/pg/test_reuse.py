# SPDX-License-Identifier: Apache-2.0
"""The statements that end a grant: what was to be used once was used again, or its client revokes it."""
from lib.access import Access
from lib.statements import run


def reuse_of(access, **change):
    return {
        "kind": "token", "cause": "code_reuse", "client_id": access.client_id, "grant_id": access.grant_id,
        "subject_id": access.citizen_id, "actor_id": access.citizen_id, "session_id": access.session_id,
        "authentication_id": access.authentication_id, **change,
    }  # fmt: skip


def test_reuse_ends_the_grant_and_stands_in_the_record(db, web):
    access = Access(db, offline=True)
    assert run(web, "web/token_reuse", **reuse_of(access)) == [{"ended": 1}]
    assert db.execute("SELECT kind, outcome, reason FROM record.event WHERE grant_id = %s ORDER BY kind", [access.grant_id]).fetchall() == [
        ("revoke", "ok", "code_reuse"), ("token", "refused", "code_reuse")]  # fmt: skip
    assert run(web, "web/token_reuse", **reuse_of(access)) == [{"ended": 0}]
    assert run(web, "web/token_find", **access.find(grant_id=access.grant_id))[0]["revoked"]


def test_reuse_by_another_client_ends_nothing(db, web):
    access, another = Access(db, offline=True), Access(db)
    assert run(web, "web/token_reuse", **reuse_of(access, client_id=another.client_id)) == [{"ended": 0}]
    assert not run(web, "web/token_find", **access.find(grant_id=access.grant_id))[0]["revoked"]


def test_a_client_revokes_its_own_alone(db, web):
    access, another = Access(db), Access(db)
    given = {"grant_id": access.grant_id, "cause": "access_token"}
    assert run(web, "web/grant_revoke", client_id=another.client_id, **given) == [{"ended": 0}]
    assert run(web, "web/grant_revoke", client_id=access.client_id, **given) == [{"ended": 1}]
