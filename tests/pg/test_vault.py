# SPDX-License-Identifier: Apache-2.0
"""The vault as a process on a real database: passwords and their delays, citizens' credentials, the record's rows."""
import time
import uuid

import pytest
from lib.vault import (
    PASSWORD,
    SEED,
    Vault,
    code_now,
    delays_over,
    make_citizen,
    prepare,
    second_step,
    together,
)


@pytest.fixture
def web(vault):
    one = Vault(vault.sockets / "web.sock")
    yield one
    one.close()


@pytest.fixture
def admin(vault):
    one = Vault(vault.sockets / "admin.sock")
    yield one
    one.close()


def events(instance, person):
    return instance.sql(
        "SELECT kind, outcome, reason FROM record.event WHERE subject_id = %s ORDER BY at",
        [person.citizen_id],
    )


# ------------------------------------------------------------------ a sign-in and its record


def test_a_sign_in_stands_in_the_record_when_it_is_acknowledged(vault, web):
    somchai = make_citizen(vault)
    reply = somchai.sign_in(web, device="phone")
    assert reply["outcome"] == "ok"
    assert reply["subject_id"] == reply["actor_id"] == somchai.citizen_id
    assert reply["acr"] == "urn:pratu:loa:2"
    assert reply["amr"] == ["pwd", "otp", "mfa"]
    assert abs(reply["auth_time"] - time.time()) < 30
    rows = vault.sql(
        "SELECT kind, outcome, subject_id::text, actor_id::text, factor, acr, amr, address::text, length(device), user_agent,"
        " session_id IS NOT NULL FROM record.event WHERE authentication_id = %s ORDER BY kind", [reply["authentication_id"]]
    )  # fmt: skip
    who, person = (somchai.citizen_id, somchai.citizen_id), ("192.0.2.1/32", 64, "test", True)
    earned = ("totp", "urn:pratu:loa:2", ["pwd", "otp", "mfa"])
    assert rows == [
        ("factor", "ok", *who, *earned, *person),
        ("password", "ok", *who, None, None, None, *person),
        ("sign_in", "ok", *who, *earned, *person),
    ]
    assert uuid.UUID(reply["authentication_id"]).version == 7


def test_every_name_of_a_citizen_signs_in(vault, web):
    somchai = make_citizen(vault)
    spelled = "-".join(somchai.national_id)
    thai = somchai.national_id.translate({ord("0") + i: 0x0E50 + i for i in range(10)})
    for login in (somchai.alias.upper(), somchai.national_id, spelled, thai, f"  {somchai.alias} "):
        assert somchai.password(web, login=login)["outcome"] == "ok"


def test_no_secret_and_no_typed_name_stands_in_the_record(vault, web):
    somchai = make_citizen(vault)
    web("password", login="typo-of-somchai", password="secret-of-somchai", transaction="AAAA", context={})
    partial = somchai.partial(web)
    second_step(web, partial, "000000")
    second_step(web, partial, code_now())
    whole = str(vault.sql("SELECT e::text FROM record.event e"))
    for secret in ("typo-of-somchai", "secret-of-somchai", PASSWORD, partial, somchai.national_id):
        assert secret not in whole
    ((login_hash, detail),) = vault.sql(
        "SELECT login_hash, detail FROM record.event WHERE reason = 'unknown_login' ORDER BY at DESC LIMIT 1"
    )
    assert len(login_hash) == 32 and detail is None
    assert PASSWORD not in vault.log.read_text() and "typo-of-somchai" not in vault.log.read_text()


# ------------------------------------------------------------------ passwords


def count(instance, table, where="true"):
    ((n,),) = instance.sql(f"SELECT count(*) FROM {table} WHERE {where}")
    return n


def test_wrong_unknown_locked_and_without_password_look_the_same_and_cost_the_same(vault, web):
    wrong, locked, without = make_citizen(vault), make_citizen(vault), make_citizen(vault, password=None)
    vault.sql("UPDATE idp.citizen SET locked = true WHERE citizen_id = %s", [locked.citizen_id])
    asked = {
        "wrong_password": lambda: wrong.password(web, "not the password"),
        "locked": lambda: locked.password(web),
        "no_password": lambda: without.password(web),
        "unknown_login": lambda: wrong.password(web, login="nobody.at.all"),
        "unknown_login ": lambda: wrong.password(web, login="y" * 1024),
    }
    for reason, ask in asked.items():
        before, buckets = web("status")["hashes_done"], count(vault, "vault.throttle")
        assert ask() == {"outcome": "refused"}
        assert web("status")["hashes_done"] == before + 1
        assert count(vault, "vault.throttle") == buckets + 1
        ((written, n),) = vault.sql("SELECT reason, count(*) OVER () FROM record.event ORDER BY at DESC LIMIT 1")
        assert written == reason.strip()
        again = ask()
        assert again["outcome"] == "wait" and again["wait_s"] == 1
        assert web("status")["hashes_done"] == before + 1
        assert count(vault, "record.event") == n  # a refusal for a delay is no row


def test_passwords_of_any_length_are_refused_alike(vault, web):
    somchai = make_citizen(vault)
    for text in ("", "x", "x" * 257, "x" * 2048):
        delays_over(vault)
        assert somchai.password(web, text) == {"outcome": "refused"}
    delays_over(vault)
    assert somchai.password(web, login="y" * 1024) == {"outcome": "refused"}


def test_delays_double_and_a_right_password_takes_them_back(vault, web):
    somchai = make_citizen(vault)
    for delay in (1, 2, 4, 8):
        assert somchai.password(web, "not the password") == {"outcome": "refused"}
        assert somchai.password(web)["wait_s"] == delay  # the right one waits as well
        delays_over(vault)
    assert somchai.password(web)["outcome"] == "ok"
    assert somchai.password(web, "not the password") == {"outcome": "refused"}
    assert somchai.password(web)["wait_s"] == 1


def test_a_delay_ends_by_itself(vault, web):
    somchai = make_citizen(vault)
    somchai.password(web, "not the password")
    end = time.monotonic() + 60
    while (reply := somchai.password(web))["outcome"] == "wait" and time.monotonic() < end:
        time.sleep(reply["wait_s"])
    assert reply["outcome"] == "ok"


def test_the_longest_delay_is_an_hour(vault, web):
    somchai = make_citizen(vault)
    somchai.password(web, "not the password")
    vault.sql("UPDATE vault.throttle SET failures = 2000000000, next_at = now() - interval '1 second'")
    assert somchai.password(web, "not the password") == {"outcome": "refused"}
    assert 3590 <= somchai.password(web)["wait_s"] <= 3600


def test_all_spellings_of_a_name_and_unknown_devices_share_one_delay(vault, web):
    somchai = make_citizen(vault)
    assert somchai.password(web, "not the password", device="one") == {"outcome": "refused"}
    for login in (somchai.alias, somchai.alias.upper(), f" {somchai.alias} "):
        for device in (None, "one", "two"):
            assert somchai.password(web, login=login, device=device)["outcome"] == "wait"


def test_a_wait_at_one_name_does_not_tell_whose_the_other_is(vault, web):
    somchai = make_citizen(vault)
    assert somchai.password(web, "not the password", login=somchai.national_id) == {"outcome": "refused"}
    assert somchai.password(web, login=somchai.national_id)["outcome"] == "wait"
    assert somchai.password(web, login=somchai.alias)["outcome"] == "ok"
    assert somchai.password(web, login="-".join(somchai.national_id))["outcome"] == "wait"


def test_a_delay_is_forgotten_in_time(vault, web):
    somchai = make_citizen(vault)
    for _ in range(3):
        assert somchai.password(web, "not the password") == {"outcome": "refused"}
        delays_over(vault)
    rows = vault.sql("SELECT failures, extract(epoch FROM forget_at - clock_timestamp()) FROM vault.throttle WHERE failures = 3")
    ((failures, left),) = rows
    assert 3 * 3600 - 30 < left <= 3 * 3600 + 4
    vault.sql("UPDATE vault.throttle SET forget_at = now()")
    assert somchai.password(web, "not the password") == {"outcome": "refused"}
    assert somchai.password(web)["wait_s"] == 1
    delays_over(vault)
    before = count(vault, "vault.throttle")
    assert somchai.password(web)["outcome"] == "ok"
    assert count(vault, "vault.throttle") == before - 1


def test_a_known_device_has_its_own_delay(vault, web):
    somchai = make_citizen(vault)
    assert somchai.sign_in(web, device="phone")["outcome"] == "ok"
    assert somchai.password(web, "not the password", device="other") == {"outcome": "refused"}
    assert somchai.password(web, device="other")["outcome"] == "wait"
    assert somchai.password(web, device="phone")["outcome"] == "ok"
    assert somchai.password(web, "not the password", device="phone") == {"outcome": "refused"}
    assert somchai.password(web, device="phone")["outcome"] == "wait"
    malee = make_citizen(vault)  # it is somchai's device, not hers
    assert malee.password(web, "not the password", device="phone") == {"outcome": "refused"}
    assert malee.password(web, device="third")["outcome"] == "wait"


def test_a_device_is_forgotten_after_400_days_without_use(vault, web):
    somchai = make_citizen(vault)
    assert somchai.sign_in(web, device="phone")["outcome"] == "ok"
    days = "SELECT extract(day FROM forget_at - now()) FROM vault.device WHERE citizen_id = %s"
    assert vault.sql(days, [somchai.citizen_id]) in ([(399,)], [(400,)])
    assert somchai.password(web, "not the password", device="other") == {"outcome": "refused"}
    assert somchai.password(web, device="phone")["outcome"] == "ok"
    vault.sql("UPDATE vault.device SET forget_at = now() WHERE citizen_id = %s", [somchai.citizen_id])
    assert somchai.password(web, device="phone")["outcome"] == "wait"


def test_parallel_guesses_are_counted_or_not_looked_at(vault):
    somchai = make_citizen(vault)
    before = Vault(vault.sockets / "web.sock")("status")["hashes_done"]
    _, ended = together(vault, 50, lambda v, i: somchai.password(v, f"wrong guess {i}"))
    looked_at = Vault(vault.sockets / "web.sock")("status")["hashes_done"] - before
    # What is "failed" found others of that name before it: no name has more than its share of the callers.
    assert set(ended) <= {"refused", "wait", "failed"} and ended.total() == 50 and ended["wait"] > 0
    assert ended["refused"] == looked_at
    assert looked_at <= 3  # 0 s, 1 s and 3 s after the first, should it take that long
    assert count(vault, "record.event", f"subject_id = '{somchai.citizen_id}' AND reason = 'wrong_password'") == looked_at


def test_what_was_refused_for_a_delay_is_counted_when_the_vault_stops(instances):
    instance = instances("tally")
    instance.init()
    instance.migrate()
    with instance.vault():
        somchai, web = make_citizen(instance), Vault(instance.sockets / "web.sock")
        somchai.password(web, "not the password")
        for _ in range(3):
            assert web("password", login=somchai.alias, password="x", transaction="AAAA",
                       context={"client_id": "revenue"})["outcome"] == "wait"  # fmt: skip
        assert second_step(web, "not a ticket", "123456") == {"outcome": "expired"}
    rows = instance.sql("SELECT kind, outcome, reason, client_id, n, subject_id FROM record.event WHERE n > 1 OR kind = 'factor'"
                     " ORDER BY kind")  # fmt: skip
    assert rows == [("factor", "refused", "partial_foreign", None, 1, None), ("password", "refused", "wait", "revenue", 3, None)]


# ------------------------------------------------------------------ preparing citizens


def test_the_same_credentials_are_said_to_be_the_same(vault, admin):
    somchai = make_citizen(vault)
    given = {"national_id": somchai.national_id, "alias": somchai.alias.upper(), "password": PASSWORD,
             "totp_secret": SEED, "sandbox_code": "123456"}  # fmt: skip
    reply = prepare(admin, somchai.citizen_id, **given)
    assert set(reply) == {"outcome", "identifiers", "stored", "same"} and not reply["identifiers"] and not reply["stored"]
    assert sorted(reply["same"]) == ["identifiers", "national_id_sealed", "password_hash", "sandbox_code", "totp"]
    nothing = prepare(admin, somchai.citizen_id)
    assert nothing == {"outcome": "ok", "identifiers": [], "stored": [], "same": []}
    changed = prepare(admin, somchai.citizen_id, totp_secret=SEED[::-1].replace("J", "A"), sandbox_code="123456")
    assert [one["kind"] for one in changed["stored"]] == ["totp"] and changed["same"] == ["sandbox_code"]
    reply = prepare(admin, somchai.citizen_id, password="another long password", alias="other.name")
    assert reply["password_hash"].startswith("$argon2id$")
    assert [one["kind"] for one in reply["identifiers"]] == ["alias"]


def test_what_is_wrong_with_a_member_is_said(vault, admin):
    somchai, malee = make_citizen(vault), make_citizen(vault)
    wrong = {
        "national_id": ["1", somchai.national_id[:-1] + str((int(somchai.national_id[-1]) + 1) % 10), malee.national_id],
        "alias": ["ab", "two words", "", malee.alias],
        "password": ["short", "x" * 257, ""],
        "totp_secret": ["JBSWY3DPEHPK3PXP", "gezdgnbvgy3tqojqgezdgnbvgy3tqojq", "", "1" * 32],
        "sandbox_code": ["123", "x" * 17, "12 34"],
    }  # fmt: skip
    for member, values in wrong.items():
        for value in values:
            reply = prepare(admin, somchai.citizen_id, **{member: value})
            assert (reply["outcome"], reply["member"]) == ("refused", member)
            assert reply["reason"] and not set(reply["reason"]) & set("\"\\")
            assert len(value) < 5 or value not in reply["reason"]


def test_a_blind_index_finds_its_citizen(vault, admin):
    somchai = make_citizen(vault)
    by_alias = admin("blind_index", kind="alias", value=somchai.alias.upper())
    by_id = admin("blind_index", kind="national_id", value="-".join(somchai.national_id))
    assert by_alias["citizen_id"] == by_id["citizen_id"] == somchai.citizen_id
    assert by_alias["blind_index"] != by_id["blind_index"]
    assert admin("blind_index", kind="alias", value="nobody.at.all").get("citizen_id") is None
    assert admin("blind_index", kind="alias", value=somchai.national_id)["outcome"] == "refused"
    assert admin("blind_index", kind="national_id", value="1234567890123")["outcome"] == "refused"
