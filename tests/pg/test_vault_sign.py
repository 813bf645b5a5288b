# SPDX-License-Identifier: Apache-2.0
"""Tickets, tokens and keys of a running vault."""
import base64
import hashlib
import json
import time
import uuid

import pytest
from joserfc import jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import KeySet
from lib.vault import Vault, bind, code_now, make_citizen, make_client, second_step, together, unb64url

ALGS = ("ES256", "RS256", "PS256")
JTI = "01234567-89ab-4def-8123-456789abcdef"


@pytest.fixture(scope="module")
def web(vault):
    one = Vault(vault.sockets / "web.sock")
    yield one
    one.close()


@pytest.fixture(scope="module")
def admin(vault):
    one = Vault(vault.sockets / "admin.sock")
    yield one
    one.close()


@pytest.fixture(scope="module")
def somchai(vault):
    return make_citizen(vault)


@pytest.fixture(scope="module")
def signed_in(vault, web, somchai):
    reply = somchai.sign_in(web)
    assert reply["outcome"] == "ok"
    return reply


@pytest.fixture(scope="module")
def grant(vault, web, signed_in):
    make_client(vault, "revenue", "rd.example")
    reply = bind(vault, web, signed_in, "revenue")
    assert reply["outcome"] == "ok"
    return reply


def verified(web, token, alg):
    return jwt.decode(token, KeySet.import_key_set({"keys": web.keys()}), algorithms=[alg])


# ------------------------------------------------------------------ subjects


def test_a_subject_is_pairwise_by_sector_and_stays(vault, web, signed_in):
    for client_id, sector, metadata in (
        ("a1", "a.example", {}), ("a2", "a.example", {"subject_type": "pairwise"}), ("b", "b.example", {}),
        ("p1", "a.example", {"subject_type": "public"}), ("p2", "b.example", {"subject_type": "public"}),
    ):  # fmt: skip
        make_client(vault, client_id, sector, **metadata)
    sub = {c: bind(vault, web, signed_in, c)["sub"] for c in ("a1", "a2", "b", "p1", "p2")}
    assert sub["a1"] == sub["a2"] != sub["b"]
    assert sub["p1"] == sub["p2"] and len(set(sub.values())) == 3
    assert bind(vault, web, signed_in, "b")["sub"] == sub["b"]
    ((public,),) = vault.sql("SELECT public_sub::text FROM idp.citizen WHERE citizen_id = %s", [signed_in["subject_id"]])
    assert sub["p1"] == public
    assert signed_in["subject_id"] not in sub.values()


def test_parallel_binds_make_one_subject_and_many_grants(vault, signed_in):
    make_client(vault, "many", "many.example")
    replies, ended = together(vault, 30, lambda v, i: bind(vault, v, signed_in, "many"))
    assert ended == {"ok": 30}
    assert len({r["sub"] for r in replies}) == 1 and len({r["grant_id"] for r in replies}) == 30


def test_nobody_is_bound_without_a_ticket_a_client_and_a_free_citizen(vault, web, signed_in, grant):
    make_client(vault, "closed", "closed.example")
    vault.sql("UPDATE idp.client SET disabled = true WHERE client_id = 'closed'")
    assert bind(vault, web, signed_in, "no-such-client") == {"outcome": "changed"}
    assert bind(vault, web, signed_in, "closed") == {"outcome": "changed"}
    for ticket in ("", grant["grant_ticket"], signed_in["ticket"][:-2] + "AA"):
        assert bind(vault, web, {"ticket": ticket}, "revenue") == {"outcome": "refused"}
    malee = make_citizen(vault)
    theirs = malee.sign_in(web)
    vault.sql("UPDATE idp.citizen SET locked = true WHERE citizen_id = %s", [malee.citizen_id])
    assert bind(vault, web, theirs, "revenue") == {"outcome": "refused"}


def test_each_job_of_a_frame_is_bound_by_itself(vault, web, signed_in):
    make_client(vault, "first", "first.example")
    make_client(vault, "second", "second.example")
    jobs = []
    for ticket, client_id in (("ticket", "first"), (None, "first"), ("ticket", "no-such-client"), ("ticket", "second")):
        versions = vault.sql("SELECT version FROM idp.client WHERE client_id = %s", [client_id])
        jobs.append({"ticket": signed_in[ticket] if ticket else "x", "client_id": client_id, "scope": "openid",
                     "client_version": versions[0][0] if versions else 0, "grant_id": str(uuid.uuid4()),
                     "expires_at": int(time.time()) + 600})  # fmt: skip
    results = web("bind", jobs=jobs)["results"]
    assert [one["outcome"] for one in results] == ["ok", "refused", "changed", "ok"]
    for job, one in ((jobs[0], results[0]), (jobs[3], results[3])):
        claims = claims_of(one["grant_ticket"])
        assert claims["grant_id"] == job["grant_id"] and claims["client_id"] == job["client_id"]
        assert claims["sub"] == one["sub"]
    assert results[0]["sub"] != results[3]["sub"] and not results[1].get("grant_ticket") and not results[2].get("grant_ticket")
    assert web("bind", jobs=[])["results"] == []


def claims_of(ticket):
    return json.loads(unb64url(ticket.split(".")[0]))


def test_a_grant_ends_with_the_sign_in_unless_it_is_for_offline_access(vault, web, signed_in):
    make_client(vault, "long", "long.example")
    ends = claims_of(signed_in["ticket"])["exp"]
    year = 366 * 86400
    assert claims_of(bind(vault, web, signed_in, "long", ttl_s=year)["grant_ticket"])["exp"] == ends
    offline = bind(vault, web, signed_in, "long", scope="openid offline_access", ttl_s=year)
    assert abs(claims_of(offline["grant_ticket"])["exp"] - time.time() - 7776000) < 60
    assert bind(vault, web, signed_in, "long", ttl_s=5)["outcome"] == "ok"


# ------------------------------------------------------------------ tokens


@pytest.mark.parametrize("alg", ALGS)
def test_tokens_say_what_the_ticket_says_and_verify(vault, web, signed_in, grant, alg):
    reply = web.sign(grant_ticket=grant["grant_ticket"], alg=alg, id_token={"nonce": "n-0S6"},
                access_token_alg=alg, access_token={"scope": "openid"}, jti=JTI)  # fmt: skip
    assert reply["outcome"] == "ok"
    id_token, access_token = verified(web, reply["id_token"], alg), verified(web, reply["access_token"], alg)
    told = {"iss": vault.issuer, "sub": grant["sub"], "auth_time": signed_in["auth_time"],
            "acr": "urn:pratu:loa:2", "amr": ["pwd", "otp", "mfa"]}  # fmt: skip
    half = hashlib.sha256(reply["access_token"].encode()).digest()[:16]
    at_hash = base64.urlsafe_b64encode(half).decode().rstrip("=")
    now = id_token.claims["iat"]
    assert abs(now - time.time()) < 30
    assert id_token.header["typ"] == "JWT" and access_token.header["typ"] == "at+jwt"
    assert id_token.claims == {**told, "aud": "revenue", "azp": "revenue", "sid": grant["grant_id"],
                               "nonce": "n-0S6", "iat": now, "exp": now + 300, "at_hash": at_hash}  # fmt: skip
    assert access_token.claims == {**told, "aud": vault.issuer, "client_id": "revenue", "scope": "openid",
                                   "grant_id": grant["grant_id"], "jti": JTI, "iat": now, "exp": now + 300}  # fmt: skip
    assert reply["expires_in"] == 300


def test_one_token_alone_can_be_asked_for(web, grant):
    only = web.sign(grant_ticket=grant["grant_ticket"], alg="ES256", id_token={})
    assert set(only) == {"outcome", "id_token", "expires_in"} and only["expires_in"] == 0
    assert "at_hash" not in verified(web, only["id_token"], "ES256").claims
    only = web.sign(grant_ticket=grant["grant_ticket"], access_token_alg="ES256", access_token={})
    assert set(only) == {"outcome", "access_token", "expires_in"}


def test_an_access_token_is_not_signed_without_the_jti_that_the_record_has(web, grant):
    ask = {"grant_ticket": grant["grant_ticket"], "access_token_alg": "ES256", "access_token": {}}
    assert web.sign(**ask, jti=None) == {"outcome": "refused", "expires_in": 0}


def test_no_token_outlives_its_grant(vault, web, signed_in):
    make_client(vault, "brief", "brief.example")
    brief = bind(vault, web, signed_in, "brief", ttl_s=20)
    reply = web.sign(grant_ticket=brief["grant_ticket"], alg="ES256", id_token={}, access_token_alg="ES256", access_token={})
    assert 15 <= reply["expires_in"] <= 20
    assert verified(web, reply["id_token"], "ES256").claims["exp"] == claims_of(brief["grant_ticket"])["exp"]


def test_nothing_is_signed_without_a_grant_ticket(web, signed_in, grant):
    now = int(time.time())
    forged = base64.urlsafe_b64encode(json.dumps({"sub": "x", "exp": now + 600}).encode()).decode().rstrip("=")
    for ticket in ("", signed_in["ticket"], grant["grant_ticket"][:-2] + "AA", forged + "." + "A" * 43):
        assert web.sign(grant_ticket=ticket, alg="ES256", id_token={}) == {"outcome": "refused", "expires_in": 0}


def test_a_token_of_another_key_does_not_verify(web, grant):
    token = web.sign(grant_ticket=grant["grant_ticket"], alg="ES256", id_token={})["id_token"]
    head, body, signature = token.split(".")
    with pytest.raises(BadSignatureError):
        verified(web, f"{head}.{body}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}", "ES256")


# ------------------------------------------------------------------ national IDs


def test_a_national_id_is_given_for_its_scope_only(vault, web, somchai, signed_in, grant):
    make_client(vault, "idreader", "id.example")
    ticket = bind(vault, web, signed_in, "idreader", scope="openid national_id")["grant_ticket"]
    assert web("national_id", grant_ticket=ticket) == {"outcome": "ok", "national_id": somchai.national_id}
    assert web("national_id", grant_ticket=grant["grant_ticket"]) == {"outcome": "refused"}
    assert web("national_id", grant_ticket=signed_in["ticket"]) == {"outcome": "refused"}


def test_sealed_values_moved_to_another_citizen_do_not_open(vault, web):
    one, other = make_citizen(vault), make_citizen(vault)
    make_client(vault, "idreader", "id.example")
    ticket = bind(vault, web, one.sign_in(web), "idreader", scope="openid national_id")["grant_ticket"]
    vault.sql("UPDATE vault.national_id SET sealed = (SELECT sealed FROM vault.national_id WHERE citizen_id = %s)"
              " WHERE citizen_id = %s", [other.citizen_id, one.citizen_id])  # fmt: skip
    vault.sql("UPDATE vault.factor SET secret = (SELECT secret FROM vault.factor WHERE citizen_id = %s AND kind = 'totp')"
              " WHERE citizen_id = %s AND kind = 'totp'", [other.citizen_id, one.citizen_id])  # fmt: skip
    assert web("national_id", grant_ticket=ticket) == {"outcome": "failed"}
    assert second_step(web, one.partial(web), code_now()) == {"outcome": "failed"}
    ((sealed,),) = vault.sql("SELECT sealed FROM vault.national_id WHERE citizen_id = %s", [other.citizen_id])
    assert other.national_id.encode() not in sealed


# ------------------------------------------------------------------ keys


def state_of(keys, alg):
    return sorted((key["state"], key["kid"]) for key in keys if key["alg"] == alg)


def test_each_algorithm_has_one_key_at_first_sealed_in_the_database(vault, web):
    rows = vault.sql("SELECT alg, kid, sealed, public_jwk FROM vault.signing_key WHERE retired_at IS NULL")
    assert sorted(row[0] for row in rows) == sorted(ALGS)
    for alg, kid, sealed, public in rows:
        assert public["kid"] == kid and "d" not in public
        assert b'"d"' not in sealed and sealed[0] == 1
    assert {key["kid"] for key in web.keys()} == {row[1] for row in rows}
    assert not any(set(key) & {"d", "p", "q", "dp", "dq", "qi", "k"} for key in web.keys())


def test_a_next_key_is_published_before_it_signs(vault, web, admin, grant):
    ((_, current),) = state_of(web("status")["keys"], "PS256")
    reply = admin("keys_rotate", alg="PS256", now=False)
    assert reply["outcome"] == "ok"
    (_, still), (_, coming) = state_of(reply["keys"], "PS256")
    assert still == current and state_of(reply["keys"], "PS256")[1][0] == "next"
    assert coming in {key["kid"] for key in web.keys()}
    token = web.sign(grant_ticket=grant["grant_ticket"], alg="PS256", id_token={})["id_token"]
    assert verified(web, token, "PS256").header["kid"] == current
    ends = "SELECT active_from - now(), retired_at - now() FROM vault.signing_key WHERE kid = %s"
    ((active, _),) = vault.sql(ends, [coming])
    assert 86300 < active.total_seconds() <= 86400
    vault.sql("UPDATE vault.signing_key SET active_from = now() WHERE kid = %s", [coming])
    end = time.monotonic() + 60
    while time.monotonic() < end:
        token = web.sign(grant_ticket=grant["grant_ticket"], alg="PS256", id_token={})["id_token"]
        if verified(web, token, "PS256").header["kid"] == coming:
            break
        time.sleep(0.2)
    assert verified(web, token, "PS256").header["kid"] == coming
    assert state_of(web("status")["keys"], "PS256") == sorted([("current", coming), ("retiring", current)])
    ((_, retired),) = vault.sql(ends, [current])
    assert retired.total_seconds() > 43200


def test_a_rotation_now_takes_effect_now_and_old_tokens_still_verify(web, admin, grant):
    before = web.sign(grant_ticket=grant["grant_ticket"], alg="ES256", id_token={})["id_token"]
    ((_, old),) = state_of(web("status")["keys"], "ES256")
    admin("keys_rotate", alg="ES256", now=True)
    after = web.sign(grant_ticket=grant["grant_ticket"], alg="ES256", id_token={})["id_token"]
    assert verified(web, after, "ES256").header["kid"] != old
    assert verified(web, before, "ES256").header["kid"] == old


def test_a_retired_key_leaves_and_its_private_part_is_wiped(vault, web, admin):
    admin("keys_rotate", alg="RS256", now=True)
    ((kid,),) = vault.sql(
        "UPDATE vault.signing_key SET retired_at = now() WHERE alg = 'RS256' AND retired_at IS NOT NULL RETURNING kid"
    )
    end = time.monotonic() + 60
    while time.monotonic() < end:
        ((left,),) = vault.sql("SELECT length(sealed) FROM vault.signing_key WHERE kid = %s", [kid])
        if left == 0 and kid not in {key["kid"] for key in web.keys()}:
            return
        time.sleep(0.2)
    raise AssertionError("the key is still there")
