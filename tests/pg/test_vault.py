# SPDX-License-Identifier: Apache-2.0
"""The vault as a process on a real database: credentials, throttles, one-time things, the record's rows."""
import time

import pytest
from lib.vault import (
    PASSWORD,
    Vault,
    await_quiet_step,
    code_now,
    make_citizen,
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


def events(house, person):
    return house.sql(
        "SELECT kind, outcome, reason FROM record.event WHERE citizen_id = %s ORDER BY at",
        [person.citizen_id],
    )


def failures(house, person, table="totp"):
    ((n,),) = house.sql(f"SELECT failures FROM vault.{table} WHERE citizen_id = %s", [person.citizen_id])
    return n


def rest_of_delay(house):
    """Let every delay end, as time would."""
    house.sql("UPDATE vault.throttle SET next_at = now() - interval '1 second'")


# ------------------------------------------------------------------ a sign-in and its record


def test_a_sign_in_stands_in_the_record_when_it_is_acknowledged(vault, web):
    somchai = make_citizen(vault)
    reply = somchai.sign_in(web, device="phone")
    assert reply["outcome"] == "ok"
    assert reply["citizen_id"] == somchai.citizen_id
    assert reply["acr"] == "urn:pratu:loa:2"
    assert reply["amr"] == ["pwd", "otp", "mfa"]
    assert abs(reply["auth_time"] - time.time()) < 5
    rows = vault.sql(
        "SELECT kind, outcome, citizen_id::text, acr, amr, address::text, length(device), user_agent, session_id IS NOT NULL"
        " FROM record.event WHERE authentication_id = %s ORDER BY kind", [reply["authentication_id"]]
    )  # fmt: skip
    person = ("192.0.2.1/32", 64, "test", True)
    earned = ("urn:pratu:loa:2", ["pwd", "otp", "mfa"])
    assert rows == [
        ("password", "ok", somchai.citizen_id, None, None, *person),
        ("sign_in", "ok", somchai.citizen_id, *earned, *person),
        ("totp", "ok", somchai.citizen_id, *earned, *person),
    ]


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
    ((detail,),) = vault.sql(
        "SELECT detail FROM record.event WHERE reason = 'unknown_login' ORDER BY at DESC LIMIT 1"
    )
    assert len(detail["login"]) == 32
    assert PASSWORD not in vault.log.read_text() and "typo-of-somchai" not in vault.log.read_text()


# ------------------------------------------------------------------ passwords


def test_wrong_unknown_locked_and_without_password_look_the_same_and_cost_the_same(vault, web):
    wrong, locked, without = make_citizen(vault), make_citizen(vault), make_citizen(vault, password=None)
    vault.sql("UPDATE idp.citizen SET locked = true WHERE citizen_id = %s", [locked.citizen_id])
    asked = {
        "wrong_password": lambda: wrong.password(web, "not the password"),
        "locked": lambda: locked.password(web),
        "no_password": lambda: without.password(web),
        "unknown_login": lambda: wrong.password(web, login="nobody.at.all"),
    }
    for reason, ask in asked.items():
        before = web("status")["hashes_done"]
        assert ask() == {"outcome": "refused"}
        assert web("status")["hashes_done"] == before + 1
        ((written,),) = vault.sql("SELECT reason FROM record.event ORDER BY at DESC LIMIT 1")
        assert written == reason
        again = ask()
        assert again["outcome"] == "wait" and again["wait_s"] == 1
        ((written,),) = vault.sql("SELECT reason FROM record.event ORDER BY at DESC LIMIT 1")
        assert written == "wait"


def test_passwords_of_any_length_are_refused_alike(vault, web):
    somchai = make_citizen(vault)
    for text in ("", "x", "x" * 257, "x" * 2048):
        rest_of_delay(vault)
        assert somchai.password(web, text) == {"outcome": "refused"}
    rest_of_delay(vault)
    assert somchai.password(web, login="y" * 1024) == {"outcome": "refused"}


def test_delays_double_and_a_right_password_takes_them_back(vault, web):
    somchai = make_citizen(vault)
    for delay in (1, 2, 4, 8):
        assert somchai.password(web, "not the password") == {"outcome": "refused"}
        assert somchai.password(web)["wait_s"] == delay  # the right one waits as well
        rest_of_delay(vault)
    assert somchai.password(web)["outcome"] == "ok"
    assert somchai.password(web, "not the password") == {"outcome": "refused"}
    assert somchai.password(web)["wait_s"] == 1


def test_a_delay_ends_by_itself(vault, web):
    somchai = make_citizen(vault)
    somchai.password(web, "not the password")
    end = time.monotonic() + 10
    while (reply := somchai.password(web))["outcome"] == "wait" and time.monotonic() < end:
        time.sleep(reply["wait_s"])
    assert reply["outcome"] == "ok"


def test_the_longest_delay_is_an_hour(vault, web):
    somchai = make_citizen(vault)
    somchai.password(web, "not the password")
    vault.sql("UPDATE vault.throttle SET failures = 2000000000, next_at = now() - interval '1 second'")
    assert somchai.password(web, "not the password") == {"outcome": "refused"}
    assert 3590 <= somchai.password(web)["wait_s"] <= 3600


def test_all_spellings_and_unknown_devices_share_one_delay(vault, web):
    somchai = make_citizen(vault)
    assert somchai.password(web, "not the password", device="one") == {"outcome": "refused"}
    for login in (somchai.alias, somchai.alias.upper(), somchai.national_id, "-".join(somchai.national_id)):
        for device in (None, "one", "two"):
            assert somchai.password(web, login=login, device=device)["outcome"] == "wait"


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


def test_parallel_guesses_are_counted_or_not_looked_at(vault):
    somchai = make_citizen(vault)
    before = Vault(vault.sockets / "web.sock")("status")["hashes_done"]
    _, ended = together(vault, 50, lambda v, i: somchai.password(v, f"wrong guess {i}"))
    looked_at = Vault(vault.sockets / "web.sock")("status")["hashes_done"] - before
    assert set(ended) == {"refused", "wait"} and ended.total() == 50
    assert ended["refused"] == looked_at
    assert looked_at <= 3  # 0 s, 1 s and 3 s after the first, should it take that long
    ((refused, waiting),) = vault.sql(
        "SELECT count(*) FILTER (WHERE reason = 'wrong_password'), count(*) FILTER (WHERE reason = 'wait')"
        " FROM record.event WHERE citizen_id = %s", [somchai.citizen_id]
    )  # fmt: skip
    assert (refused, waiting) == (looked_at, 50 - looked_at)


# ------------------------------------------------------------------ second factors


def test_of_fifty_parallel_right_codes_one_is_accepted(vault, web):
    somchai = make_citizen(vault)
    await_quiet_step()
    partial, code = somchai.partial(web), code_now()
    replies, ended = together(vault, 50, lambda v, i: second_step(v, partial, code))
    assert ended == {"ok": 1, "refused": 49}
    assert sum("ticket" in reply for reply in replies) == 1
    kinds = [kind for kind, outcome, _ in events(vault, somchai) if outcome == "ok"]
    assert kinds.count("sign_in") == 1 and kinds.count("totp") == 1


def test_one_code_is_accepted_once_whatever_partial_carries_it(vault, web):
    somchai = make_citizen(vault)
    await_quiet_step()
    partials, code = [somchai.partial(web) for _ in range(10)], code_now()
    _, ended = together(vault, 10, lambda v, i: second_step(v, partials[i], code))
    assert ended == {"ok": 1, "refused": 9}


def test_one_partial_signs_in_once_whatever_code_completes_it(vault, web):
    somchai = make_citizen(vault)
    await_quiet_step()
    partial = somchai.partial(web)
    assert second_step(web, partial, code_now(steps_back=1))["outcome"] == "ok"
    assert second_step(web, partial, code_now()) == {"outcome": "refused"}
    assert [kind for kind, outcome, _ in events(vault, somchai)].count("sign_in") == 1


def test_fifty_parallel_wrong_codes_count_fifty_and_block(vault, web):
    somchai = make_citizen(vault)
    await_quiet_step()
    partial = somchai.partial(web)
    right = {code_now(), code_now(1), code_now(-1), "123456"}
    wrong = [c for c in (f"{n:06d}" for n in range(100)) if c not in right]
    _, ended = together(vault, 50, lambda v, i: second_step(v, partial, wrong[i]))
    assert ended == {"refused": 50}
    assert failures(vault, somchai) == 50 and failures(vault, somchai, "sandbox_code") == 50
    assert second_step(web, partial, code_now()) == {"outcome": "blocked"}
    assert second_step(web, partial, "123456") == {"outcome": "blocked"}
    assert somchai.sign_in(web) == {"outcome": "blocked"}
    assert failures(vault, somchai) == 50


def test_more_than_fifty_parallel_guesses_look_at_fifty(vault, web):
    somchai = make_citizen(vault, sandbox_code=None)
    partial = somchai.partial(web)
    right = {code_now(), code_now(1), code_now(-1)}
    wrong = [c for c in (f"{n:06d}" for n in range(100)) if c not in right]
    _, ended = together(vault, 70, lambda v, i: second_step(v, partial, wrong[i]))
    assert ended == {"refused": 50, "blocked": 20}
    assert failures(vault, somchai) == 50


def test_a_right_code_earns_the_failures_back(vault, web):
    somchai = make_citizen(vault)
    await_quiet_step()
    partial = somchai.partial(web)
    for _ in range(3):
        assert second_step(web, partial, "000000")["outcome"] == "refused"
    assert failures(vault, somchai) == 3
    assert second_step(web, partial, code_now())["outcome"] == "ok"
    assert failures(vault, somchai) == 0 and failures(vault, somchai, "sandbox_code") == 0


def test_the_fiftieth_try_may_still_be_right(vault, web):
    somchai = make_citizen(vault)
    partial = somchai.partial(web)
    for table in ("totp", "sandbox_code"):
        vault.sql(f"UPDATE vault.{table} SET failures = 49 WHERE citizen_id = %s", [somchai.citizen_id])
    assert second_step(web, partial, code_now())["outcome"] == "ok"
    assert failures(vault, somchai) == 0 and failures(vault, somchai, "sandbox_code") == 0


def test_a_blocked_factor_is_not_unblocked_by_another(vault, web):
    somchai = make_citizen(vault)
    vault.sql("UPDATE vault.totp SET failures = 50 WHERE citizen_id = %s", [somchai.citizen_id])
    assert somchai.sign_in(web, code="123456")["outcome"] == "ok"
    assert failures(vault, somchai) == 50
    assert somchai.sign_in(web, code=code_now()) == {"outcome": "refused"}


def test_a_locked_citizen_is_refused_at_the_second_step_too(vault, web):
    somchai = make_citizen(vault)
    partial = somchai.partial(web)
    vault.sql("UPDATE idp.citizen SET locked = true WHERE citizen_id = %s", [somchai.citizen_id])
    assert second_step(web, partial, code_now()) == {"outcome": "refused"}
    assert second_step(web, partial, "123456") == {"outcome": "refused"}
    assert events(vault, somchai)[-1] == ("totp", "refused", "locked")


def test_a_citizen_without_a_second_factor_is_refused(vault, web):
    somchai = make_citizen(vault, totp_secret=None, sandbox_code=None)
    assert somchai.sign_in(web) == {"outcome": "refused"}
    assert events(vault, somchai)[-1] == ("totp", "refused", "no_factor")


def test_a_partial_counts_only_in_its_transaction_and_as_we_made_it(vault, web):
    somchai = make_citizen(vault)
    partial = somchai.partial(web)
    assert second_step(web, partial, code_now(), transaction="BBBB") == {"outcome": "expired"}
    assert second_step(web, partial[:-2] + "AA", code_now()) == {"outcome": "expired"}
    assert second_step(web, "", code_now()) == {"outcome": "expired"}
    assert failures(vault, somchai) == 0
    assert second_step(web, partial, code_now())["outcome"] == "ok"


def test_codes_are_read_as_people_type_them(vault, web):
    somchai = make_citizen(vault)
    code = code_now()
    thai = f"{code[:3]} {code[3:]}".translate({ord("0") + i: 0x0E50 + i for i in range(10)})
    assert somchai.sign_in(web, code=thai)["outcome"] == "ok"


# ------------------------------------------------------------------ sandbox codes


def test_a_sandbox_code_signs_in_and_its_partial_is_spent(vault, web):
    somchai = make_citizen(vault)
    partial = somchai.partial(web)
    _, ended = together(vault, 50, lambda v, i: second_step(v, partial, "123456"))
    assert ended == {"ok": 1, "refused": 49}
    assert [kind for kind, _, _ in events(vault, somchai)].count("sign_in") == 1
    vault.sql("UPDATE vault.sandbox_code SET failures = 0 WHERE citizen_id = %s", [somchai.citizen_id])
    assert second_step(web, partial, "123456") == {"outcome": "refused"}
    assert failures(vault, somchai, "sandbox_code") == 1  # a spent ticket earns nothing back
    assert somchai.sign_in(web, code="123456")["outcome"] == "ok"
    assert somchai.sign_in(web, code="123457")["outcome"] == "refused"


# ------------------------------------------------------------------ preparing citizens


def test_the_same_credentials_are_said_to_be_the_same(vault, admin):
    somchai = make_citizen(vault)
    given = {"national_id": somchai.national_id, "alias": somchai.alias.upper(), "password": PASSWORD,
             "totp_secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "sandbox_code": "123456"}  # fmt: skip
    reply = admin("prepare_citizen", citizen_id=somchai.citizen_id, **given)
    assert set(reply) == {"outcome", "identifiers", "same"} and reply["identifiers"] == []
    assert sorted(reply["same"]) == ["identifiers", "national_id_sealed", "password_hash", "sandbox_code_hash", "totp_sealed"]
    nothing = admin("prepare_citizen", citizen_id=somchai.citizen_id)
    assert nothing == {"outcome": "ok", "identifiers": [], "same": []}
    reply = admin("prepare_citizen", citizen_id=somchai.citizen_id, password="another password", alias="other.name")
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
            reply = admin("prepare_citizen", citizen_id=somchai.citizen_id, **{member: value})
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
