# SPDX-License-Identifier: Apache-2.0
"""`pratu client`, `citizen` and `keys`: who is found, what lock and unlock do, what is recorded."""
import json
import uuid

import pytest
from lib.access import signed_in
from lib.citizen import national_id

ID = national_id("110170023070")
ALIAS = "somchai"


@pytest.fixture(scope="module")
def town(vault):
    vault.apply({
        "clients": [{"client_id": "tax", "client_name": "Tax", "redirect_uris": ["https://tax.example/cb"],
                     "client_secret": "a-secret-of-more-than-32-characters!"}],
        "citizens": [{"national_id": ID, "alias": ALIAS, "password": "correct horse battery",
                      "totp_secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "name": "สมชาย ใจดี"}],
    })  # fmt: skip
    return vault


@pytest.fixture(scope="module")
def somchai(town):
    return str(town.sql("SELECT citizen_id FROM idp.citizen")[0][0])


def sign_in(instance, citizen_id, sub=None):
    """A session with a grant, as the web role would write them; their ids."""
    with instance.connect("pratu_web") as db:
        session, (grant,) = signed_in(db, citizen_id, sub=sub, user_agent="evil\x1b[2Jagent")
    return session, grant


def test_client_list_and_show(town):
    (one,) = town.json("client", "list")
    assert (one["client_id"], one["sector"], one["disabled"]) == ("tax", "tax.example", False)
    shown = town.json("client", "show", "tax")
    assert shown["has_secret"] is True and shown["metadata"]["client_name"] == "Tax"
    text = town.pratu("client", "show", "tax").stdout
    assert "secret_hash" not in text and "redirect_uris: https://tax.example/cb" in text
    assert "no such client" in town.pratu("client", "show", "nobody", status=1).stderr


def test_citizen_is_found_by_each_name(town, somchai):
    sub = str(uuid.uuid4())
    town.sql("INSERT INTO vault.subject VALUES (%s, 'tax.example', %s)", [somchai, sub], user="pratu_vault")
    public = town.sql("SELECT public_sub::text FROM idp.citizen")[0][0]
    spaced = f"{ID[0]}-{ID[1:5]}-{ID[5:10]}-{ID[10:12]}-{ID[12]}"
    for who in (somchai, somchai.upper(), ID, spaced, ALIAS, ALIAS.upper(), sub, public):
        assert town.json("citizen", "show", who)["citizen_id"] == somchai, who


@pytest.mark.parametrize("who", ["nobody", "1101700230700", str(uuid.uuid4()), "' OR 1=1 --", "é" * 300, "x"])
def test_nobody_is_found(town, who):
    assert "no such citizen" in town.pratu("citizen", "show", who, status=1).stderr


def test_ids_need_no_vault(town, somchai, tmp_path):
    conf = town.write_settings(tmp_path / "away.conf", vault_socket_dir="/nowhere")
    assert town.json("citizen", "show", somchai, conf=conf)["citizen_id"] == somchai
    assert "the vault is away" in town.pratu("citizen", "show", ALIAS, conf=conf, status=3).stderr


def test_show_tells_no_secret_and_steers_no_terminal(town, somchai):
    sign_in(town, somchai)
    text = town.pratu("citizen", "show", somchai).stdout
    assert "name: สมชาย ใจดี" in text and "totp: yes" in text and "sandbox_code: no" in text
    assert "evil?[2Jagent" in text and "\x1b" not in text
    for secret in (ID, "ticket", "hash", "sealed"):
        assert secret not in text


def test_looking_is_recorded(town, somchai):
    before = len(town.records("--kind", "citizen_show"))
    town.pratu("citizen", "show", somchai)
    town.pratu("citizen", "list")
    rows = town.records("--kind", "citizen_show")
    assert len(rows) == before + 1 and rows[-1]["subject_id"] == somchai and rows[-1]["detail"]["by"]
    assert town.records("--kind", "citizen_list")


def test_what_cannot_be_recorded_is_not_shown(town, somchai):
    town.sql("REVOKE INSERT ON record.event FROM pratu_admin")
    try:
        for command in (["citizen", "show", somchai], ["citizen", "list"], ["records", "list"], ["keys", "rotate"],
                        ["citizen", "lock", somchai], ["citizen", "unlock", somchai]):  # fmt: skip
            done = town.pratu(*command, status=1)
            assert done.stdout == "" and "the database refused" in done.stderr
    finally:
        town.sql("GRANT INSERT ON record.event TO pratu_admin")
    assert town.sql("SELECT locked FROM idp.citizen") == [(False,)]


def test_list_goes_page_by_page(town):
    with town.connect("pratu_admin") as db:
        for _ in range(5):
            db.execute("INSERT INTO idp.citizen (citizen_id, claims) VALUES (gen_random_uuid(), '{}')")
    seen, after = [], []
    while True:
        done = town.pratu("citizen", "list", "--json", "--limit", "2", *after)
        page = [c["citizen_id"] for c in json.loads(done.stdout)]
        seen += page
        if len(page) < 2:
            break
        assert f"--after {page[-1]}" in done.stderr
        after = ["--after", page[-1]]
    assert len(seen) == len(set(seen)) == 6


def test_lock_and_unlock(town, somchai):
    town.sql("TRUNCATE idp.session, idp.authz_grant")
    session, grant = sign_in(town, somchai)
    other = str(uuid.uuid4())
    town.sql("INSERT INTO idp.citizen (citizen_id, claims) VALUES (%s, '{}')", [other], user="pratu_admin")
    others = sign_in(town, other)

    answer = town.json("citizen", "lock", ALIAS, "--reason", "lost phone")
    assert answer == {"citizen_id": somchai, "changed": True, "sessions_ended": 1, "grants_revoked": 1}
    assert "lost phone" in town.pratu("records", "list", "--kind", "lock", "--citizen", ALIAS).stdout
    assert town.sql("SELECT locked FROM idp.citizen WHERE citizen_id = %s", [somchai]) == [(True,)]
    live = "SELECT session_id::text FROM idp.session WHERE ended_at IS NULL"
    assert town.sql(live) == [(others[0],)], "another citizen's session goes on"
    assert town.sql("SELECT grant_id::text FROM idp.authz_grant WHERE revoked_at IS NULL") == [(others[1],)]

    (lock,) = town.records("--kind", "lock", "--citizen", somchai)
    assert lock["outcome"] == "ok" and lock["detail"]["why"] == "lost phone" and lock["detail"]["by"]
    (ended,) = town.records("--kind", "session_end", "--citizen", somchai)
    assert (ended["session_id"], ended["reason"]) == (session, "locked")
    (revoked,) = town.records("--kind", "revoke", "--citizen", somchai)
    assert (revoked["client_id"], revoked["grant_id"], revoked["reason"]) == ("tax", grant, "locked")
    assert lock["correlation_id"] == ended["correlation_id"] == revoked["correlation_id"]

    assert town.json("citizen", "lock", ALIAS)["changed"] is False
    assert "may sign in again" in town.pratu("citizen", "unlock", ALIAS).stdout
    assert town.sql("SELECT locked FROM idp.citizen WHERE citizen_id = %s", [somchai]) == [(False,)]
    assert town.json("citizen", "unlock", ALIAS) == {"citizen_id": somchai, "changed": False}
    assert len(town.records("--kind", "unlock", "--citizen", somchai)) == 2
    assert town.sql(live) == [(others[0],)], "unlocking brings no session back"


# ---------------------------------------------------------------- keys


def keys(instance, state):
    return {k["alg"]: k["kid"] for k in instance.json("keys", "list") if k["state"] == state}


def test_rotation_publishes_first(town):
    before = keys(town, "current")
    assert set(before) == {"ES256", "RS256", "PS256"}
    town.pratu("keys", "rotate", "--alg", "ES256")
    assert keys(town, "current") == before, "the old key still signs"
    assert set(keys(town, "next")) == {"ES256"}
    (row,) = town.records("--kind", "keys_rotate", "--outcome", "ok")[-1:]
    assert row["detail"]["alg"] == "ES256" and row["detail"]["now"] is False


def test_rotation_at_once(town):
    before = keys(town, "current")
    town.pratu("keys", "rotate", "--now")
    after = keys(town, "current")
    assert set(after) == set(before) and not set(after.values()) & set(before.values())
    assert keys(town, "retiring").items() >= before.items()
