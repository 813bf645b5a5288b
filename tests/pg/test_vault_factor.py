# SPDX-License-Identifier: Apache-2.0
"""The vault's second step on a real database: codes, delays, blocks, devices, the record's rows."""
import time
import uuid

import pytest
from lib.vault import (
    Vault,
    await_quiet_step,
    bind,
    code_now,
    delays_over,
    fail,
    failures,
    hash_of,
    make_citizen,
    make_client,
    second_step,
    together,
)


@pytest.fixture
def web(vault):
    one = Vault(vault.sockets / "web.sock")
    yield one
    one.close()


def events(instance, person):
    return instance.sql("SELECT kind, outcome, reason FROM record.event WHERE subject_id = %s ORDER BY at", [person.citizen_id])


def counter(instance, person):
    ((n,),) = instance.sql("SELECT counter FROM vault.factor WHERE citizen_id = %s AND kind = 'totp'", [person.citizen_id])
    return n


def blocked(instance, person):
    return [kind for (kind,) in instance.sql(
        "SELECT kind FROM vault.factor WHERE citizen_id = %s AND blocked_at IS NOT NULL ORDER BY kind", [person.citizen_id])]  # fmt: skip


# ------------------------------------------------------------------ each code and each partial once


def test_of_fifty_parallel_right_codes_one_is_accepted(vault, web):
    somchai = make_citizen(vault)
    await_quiet_step()
    partial, code = somchai.partial(web), code_now()
    replies, ended = together(vault, 50, lambda v, i: second_step(v, partial, code))
    assert ended == {"ok": 1, "expired": 49}
    assert sum("ticket" in reply for reply in replies) == 1
    kinds = [kind for kind, outcome, _ in events(vault, somchai) if outcome == "ok"]
    assert kinds.count("sign_in") == 1 and kinds.count("factor") == 1
    assert failures(vault, somchai) == 0


def test_one_code_is_accepted_once_whatever_partial_carries_it(vault, web):
    somchai = make_citizen(vault)
    await_quiet_step()
    partials, code = [somchai.partial(web) for _ in range(4)], code_now()
    _, ended = together(vault, 4, lambda v, i: second_step(v, partials[i], code))
    assert ended == {"ok": 1, "refused": 3}
    assert failures(vault, somchai) == 3


def test_a_spent_partial_burns_no_step_and_takes_no_count_back(vault, web):
    somchai = make_citizen(vault)
    await_quiet_step()
    partial = somchai.partial(web, device="phone")
    assert second_step(web, partial, code_now(steps_back=1), device="phone")["outcome"] == "ok"
    fail(vault, somchai, 2, device="phone")
    step = counter(vault, somchai)
    for code in (code_now(), "123456", "000000"):
        assert second_step(web, partial, code, device="phone") == {"outcome": "expired"}
    assert counter(vault, somchai) == step and failures(vault, somchai) == 2
    assert events(vault, somchai)[-1] == ("sign_in", "ok", None), "a replay is counted, and is no row"
    assert [kind for kind, _, _ in events(vault, somchai)].count("sign_in") == 1
    assert somchai.sign_in(web, device="phone")["outcome"] == "ok"


def test_a_replayed_code_changes_nothing_but_its_own_count(vault, web):
    somchai = make_citizen(vault)
    await_quiet_step()
    code = code_now()
    assert somchai.sign_in(web, code=code)["outcome"] == "ok"
    fail(vault, somchai, 2)
    step = counter(vault, somchai)
    assert somchai.sign_in(web, code=code) == {"outcome": "refused"}
    assert events(vault, somchai)[-1] == ("factor", "refused", "replayed")
    assert counter(vault, somchai) == step and failures(vault, somchai) == 3


def test_a_sandbox_code_signs_in_and_its_partial_is_spent(vault, web):
    somchai = make_citizen(vault)
    partial = somchai.partial(web)
    _, ended = together(vault, 30, lambda v, i: second_step(v, partial, "123456"))
    assert ended == {"ok": 1, "expired": 29}
    assert [kind for kind, _, _ in events(vault, somchai)].count("sign_in") == 1
    assert somchai.sign_in(web, code="123456")["outcome"] == "ok"
    assert somchai.sign_in(web, code="123457")["outcome"] == "refused"


# ------------------------------------------------------------------ delays


def wrong_codes(n):
    right = {code_now(), code_now(1), code_now(-1), "123456"}
    return [c for c in (f"{n:06d}" for n in range(100)) if c not in right][:n]


def test_three_wrong_codes_are_free_then_the_delay_doubles(vault, web):
    somchai = make_citizen(vault)
    partial = somchai.partial(web)
    for code in wrong_codes(4):
        assert second_step(web, partial, code) == {"outcome": "refused"}
    for delay in (1, 2, 4):
        before = failures(vault, somchai)
        reply = second_step(web, partial, code_now())  # the right one waits as well
        assert reply == {"outcome": "wait", "wait_s": delay}
        assert failures(vault, somchai) == before
        vault.sql("UPDATE vault.factor_failure SET last_at = clock_timestamp() - %s * interval '1 second'"
                  " WHERE citizen_id = %s", [delay, somchai.citizen_id])  # fmt: skip
        assert second_step(web, partial, "000000") == {"outcome": "refused"}
    delays_over(vault)
    assert second_step(web, partial, code_now())["outcome"] == "ok"


def test_parallel_guesses_are_bounded_by_the_free_ones(vault, web):
    somchai = make_citizen(vault)
    partial, wrong = somchai.partial(web), wrong_codes(50)
    _, ended = together(vault, 50, lambda v, i: second_step(v, partial, wrong[i], device=f"device {i}"))
    assert set(ended) == {"refused", "wait"} and 4 <= ended["refused"] <= 6  # one more each second
    assert failures(vault, somchai) == failures(vault, somchai, "sandbox_code") == ended["refused"]


def test_unknown_devices_share_a_delay_and_a_known_one_has_its_own(vault, web):
    somchai = make_citizen(vault)
    assert somchai.sign_in(web, code="123456", device="phone")["outcome"] == "ok"
    partial, phone = somchai.partial(web), somchai.partial(web, device="phone")
    for i, code in enumerate(wrong_codes(4)):
        assert second_step(web, partial, code, device=f"stranger {i}") == {"outcome": "refused"}
    assert second_step(web, partial, "123456", device="another stranger")["outcome"] == "wait"
    assert second_step(web, partial, "123456")["outcome"] == "wait"
    assert second_step(web, phone, "000000", device="phone") == {"outcome": "refused"}
    assert second_step(web, phone, "123456", device="phone")["outcome"] == "ok"


def test_waits_are_no_rows_of_the_record(vault, web):
    somchai = make_citizen(vault)
    fail(vault, somchai, 10, hours_ago=0)
    partial = somchai.partial(web)
    before = events(vault, somchai)
    reply = second_step(web, partial, "123456")
    assert reply["outcome"] == "wait" and 60 <= reply["wait_s"] <= 64
    assert events(vault, somchai) == before


# ------------------------------------------------------------------ what a success takes back, and tells


def test_a_success_takes_back_the_failures_of_its_own_device_only(vault, web):
    somchai = make_citizen(vault)
    await_quiet_step()
    fail(vault, somchai, 20, device="guesser")
    partial = somchai.partial(web, device="phone")
    assert second_step(web, partial, "000000", device="phone") == {"outcome": "refused"}
    delays_over(vault)
    assert second_step(web, partial, code_now(), device="phone")["outcome"] == "ok"
    assert failures(vault, somchai) == failures(vault, somchai, "sandbox_code") == 20
    assert somchai.sign_in(web, code="123456", device="phone")["stopped"] == 0  # told of them, and they stay
    assert failures(vault, somchai) == failures(vault, somchai, "sandbox_code") == 20
    rows = vault.sql("SELECT device_hash FROM vault.factor_failure WHERE citizen_id = %s", [somchai.citizen_id])
    assert {bytes(one) for (one,) in rows} == {hash_of("guesser")}


def test_a_citizen_is_told_once_how_many_codes_of_others_were_stopped(vault, web):
    somchai = make_citizen(vault)
    fail(vault, somchai, 3, device="guesser")
    fail(vault, somchai, 2, device="other", kinds=("totp",))
    fail(vault, somchai, 2, device="phone")
    assert somchai.sign_in(web, code="123456", device="phone")["stopped"] == 5
    assert somchai.sign_in(web, code="123456", device="phone")["stopped"] == 0
    vault.sql("UPDATE vault.factor_failure SET failures = failures + 4 WHERE citizen_id = %s AND device_hash = %s",
              [somchai.citizen_id, hash_of("guesser")])  # fmt: skip
    assert somchai.sign_in(web, code="123456", device="phone")["stopped"] == 4
    assert somchai.sign_in(web, code="123456", device="tablet")["stopped"] == 0


def test_a_success_of_one_kind_takes_back_that_kind_only(vault, web):
    somchai = make_citizen(vault)
    fail(vault, somchai, 2, device="phone")
    partial = somchai.partial(web, device="phone")
    assert second_step(web, partial, "123456", device="phone", kind="totp") == {"outcome": "refused"}
    assert second_step(web, partial, "123456", device="phone", kind="sandbox_code")["outcome"] == "ok"
    assert failures(vault, somchai) == 3 and failures(vault, somchai, "sandbox_code") == 0


# ------------------------------------------------------------------ blocks


def test_the_fiftieth_wrong_code_blocks_that_factor_until_it_is_bound_anew(vault, web):
    somchai = make_citizen(vault)
    fail(vault, somchai, 49, kinds=("totp",))
    partial = somchai.partial(web)
    assert second_step(web, partial, "000000", kind="totp") == {"outcome": "refused"}
    assert blocked(vault, somchai) == ["totp"]
    assert sorted(events(vault, somchai)[-2:]) == [("factor", "refused", "wrong_code"), ("factor_block", "ok", "wrong_codes")]
    assert second_step(web, partial, code_now(), kind="totp") == {"outcome": "blocked"}
    assert second_step(web, partial, code_now()) == {"outcome": "refused"}  # it was looked at for the other alone
    vault.sql("UPDATE vault.factor_failure SET last_at = now() - interval '40 days' WHERE citizen_id = %s", [somchai.citizen_id])
    assert second_step(web, partial, code_now(), kind="totp") == {"outcome": "blocked"}
    assert second_step(web, partial, "123456")["outcome"] == "ok"
    assert blocked(vault, somchai) == ["totp"]


def test_where_every_factor_is_blocked_nothing_is_counted(vault, web):
    somchai = make_citizen(vault)
    fail(vault, somchai, 49)
    partial = somchai.partial(web)
    assert second_step(web, partial, "000000") == {"outcome": "refused"}
    assert blocked(vault, somchai) == ["sandbox_code", "totp"]
    for code in (code_now(), "123456", "000000"):
        assert second_step(web, partial, code) == {"outcome": "blocked"}
    assert failures(vault, somchai) == 50


def test_failures_count_for_thirty_days(vault, web):
    somchai = make_citizen(vault)
    fail(vault, somchai, 49, hours_ago=31 * 24)
    partial = somchai.partial(web)
    for code in wrong_codes(3):
        assert second_step(web, partial, code, device="somebody") == {"outcome": "refused"}
    assert failures(vault, somchai) == 3 and not blocked(vault, somchai)


def test_the_fiftieth_try_may_still_be_right(vault, web):
    somchai = make_citizen(vault)
    fail(vault, somchai, 49, device="phone")
    assert somchai.sign_in(web, device="phone")["outcome"] == "ok"
    assert failures(vault, somchai) == failures(vault, somchai, "sandbox_code") == 0


# ------------------------------------------------------------------ who may not


def test_a_locked_citizen_is_refused_at_the_second_step_too(vault, web):
    somchai = make_citizen(vault)
    partial = somchai.partial(web)
    vault.sql("UPDATE idp.citizen SET locked = true WHERE citizen_id = %s", [somchai.citizen_id])
    assert second_step(web, partial, code_now()) == {"outcome": "refused"}
    assert second_step(web, partial, "123456") == {"outcome": "expired"}
    assert events(vault, somchai)[-1] == ("factor", "refused", "locked")


def test_a_citizen_without_a_second_factor_is_refused(vault, web):
    somchai = make_citizen(vault, totp_secret=None, sandbox_code=None)
    assert somchai.sign_in(web) == {"outcome": "refused"}
    assert events(vault, somchai)[-1] == ("factor", "refused", "no_factor")
    malee = make_citizen(vault, totp_secret=None)
    assert second_step(web, malee.partial(web), code_now(), kind="totp") == {"outcome": "refused"}
    assert events(vault, malee)[-1] == ("password", "ok", None)


def test_a_factor_of_a_kind_that_is_not_known_cannot_be_tried(vault, web):
    somchai = make_citizen(vault, totp_secret=None, sandbox_code=None)
    vault.sql("INSERT INTO vault.factor (citizen_id, kind, secret) VALUES (%s, 'carrier_pigeon', 'x')", [somchai.citizen_id])
    assert somchai.sign_in(web) == {"outcome": "refused"}


def test_a_partial_counts_only_in_its_transaction_and_as_we_made_it(vault, web):
    somchai = make_citizen(vault)
    partial = somchai.partial(web)
    assert second_step(web, partial, code_now(), transaction="BBBB") == {"outcome": "expired"}
    assert second_step(web, partial[:-2] + "AA", code_now()) == {"outcome": "expired"}
    assert second_step(web, "", code_now()) == {"outcome": "expired"}
    assert failures(vault, somchai) == 0
    assert second_step(web, partial, code_now())["outcome"] == "ok"


def test_a_partial_from_before_the_credentials_changed_is_expired(vault, web):
    somchai = make_citizen(vault)
    partial = somchai.partial(web)
    vault.sql("UPDATE idp.citizen SET credentials_at = clock_timestamp() WHERE citizen_id = %s", [somchai.citizen_id])
    assert second_step(web, partial, code_now()) == {"outcome": "expired"}
    assert events(vault, somchai)[-1] == ("factor", "refused", "credentials_changed")
    assert failures(vault, somchai) == 0
    assert somchai.sign_in(web)["outcome"] == "ok"


def test_codes_are_read_as_people_type_them(vault, web):
    somchai = make_citizen(vault)
    code = code_now()
    thai = f"{code[:3]} {code[3:]}".translate({ord("0") + i: 0x0E50 + i for i in range(10)})
    assert somchai.sign_in(web, code=thai)["outcome"] == "ok"


# ------------------------------------------------------------------ devices and grants


def devices(instance, person):
    rows = instance.sql("SELECT device_hash FROM vault.device WHERE citizen_id = %s", [person.citizen_id])
    return {bytes(one) for (one,) in rows}


def test_a_device_gets_a_new_hash_with_each_sign_in(vault, web):
    somchai = make_citizen(vault)
    for before, after in (("a", "b"), ("b", "c")):
        partial = somchai.partial(web, device=before)
        reply = second_step(web, partial, "123456", device=before, new_device_hash=hash_of(after))
        assert reply["outcome"] == "ok" and devices(vault, somchai) == {hash_of(after)}
    assert somchai.sign_in(web, code="123456", device="d")["outcome"] == "ok"
    assert devices(vault, somchai) == {hash_of("c"), hash_of("d")}
    assert somchai.sign_in(web, code="123456")["outcome"] == "ok"  # without a cookie
    partial = somchai.partial(web)
    assert second_step(web, partial, "000000", new_device_hash=hash_of("e")) == {"outcome": "refused"}
    assert devices(vault, somchai) == {hash_of("c"), hash_of("d")}


def grant_of(instance, client_id, **members):
    ((version,),) = instance.sql("SELECT version FROM idp.client WHERE client_id = %s", [client_id])
    return {"client_id": client_id, "client_version": version, "scope": "openid", "grant_id": str(uuid.uuid4()),
            "grant_expires_at": int(time.time()) + 600, **members}  # fmt: skip


def test_a_sign_in_gives_the_clients_grant_as_bind_would(vault, web):
    somchai = make_citizen(vault)
    make_client(vault, "revenue", "rd.example")
    make_client(vault, "open", "open.example", subject_type="public")
    asked = grant_of(vault, "revenue")
    reply = second_step(web, somchai.partial(web), "123456", **asked)
    assert reply["outcome"] == "ok"
    bound = bind(vault, web, reply, "revenue", scope="openid", grant_id=asked["grant_id"], expires_at=asked["grant_expires_at"])
    assert (bound["sub"], bound["grant_ticket"]) == (reply["sub"], reply["grant_ticket"])
    again = second_step(web, somchai.partial(web), "123456", **grant_of(vault, "revenue"))
    assert again["sub"] == reply["sub"]
    public = second_step(web, somchai.partial(web), "123456", **grant_of(vault, "open"))
    ((sub,),) = vault.sql("SELECT public_sub::text FROM idp.citizen WHERE citizen_id = %s", [somchai.citizen_id])
    assert public["sub"] == sub


def test_a_client_that_is_another_meanwhile_gets_no_grant_and_the_citizen_is_signed_in(vault, web):
    somchai = make_citizen(vault)
    make_client(vault, "moved", "moved.example")
    old = grant_of(vault, "moved")
    vault.sql("UPDATE idp.client SET sector = 'elsewhere.example' WHERE client_id = 'moved'")
    for asked in (old, {**old, "client_id": "no-such-client"}, {**old, "scope": None}):
        reply = second_step(web, somchai.partial(web), "123456", **asked)
        assert reply["outcome"] == "ok" and "grant_ticket" not in reply and "sub" not in reply
    assert bind(vault, web, reply, "moved", client_version=old["client_version"]) == {"outcome": "changed"}
    assert bind(vault, web, reply, "moved")["outcome"] == "ok"
    assert vault.sql("SELECT sector FROM vault.subject WHERE citizen_id = %s", [somchai.citizen_id]) == [("elsewhere.example",)]


def test_binding_again_within_ten_seconds_asks_no_database(vault, web):
    somchai = make_citizen(vault)
    make_client(vault, "often", "often.example")
    signed_in = somchai.sign_in(web, code="123456")
    sub = bind(vault, web, signed_in, "often")["sub"]
    vault.sql("UPDATE idp.citizen SET locked = true WHERE citizen_id = %s", [somchai.citizen_id])
    assert bind(vault, web, signed_in, "often")["sub"] == sub
    end = time.monotonic() + 60
    while bind(vault, web, signed_in, "often")["outcome"] == "ok" and time.monotonic() < end:
        time.sleep(0.5)
    assert bind(vault, web, signed_in, "often") == {"outcome": "refused"}


# ------------------------------------------------------------------ replays


REPLAYED = {
    "spent": (None, {}, 0),
    "locked": ("UPDATE idp.citizen SET locked = true WHERE citizen_id = %s", {}, 1),
    "credentials changed": ("UPDATE idp.citizen SET credentials_at = clock_timestamp() WHERE citizen_id = %s", {}, 1),
    "no factor": ("DELETE FROM vault.factor WHERE citizen_id = %s", {}, 1),
    "blocked": ("UPDATE vault.factor SET blocked_at = now() WHERE citizen_id = %s", {}, 0),
    "no such factor": ("DELETE FROM vault.factor WHERE citizen_id = %s AND kind = 'totp'", {"kind": "totp"}, 0),
}


@pytest.mark.parametrize("case", REPLAYED)
def test_a_partial_that_is_sent_again_and_again_is_one_row_at_most(vault, web, case):
    """I9: it proves one password, once. What it is refused for is a row the first time, or only counted."""
    statement, more, rows = REPLAYED[case]
    somchai = make_citizen(vault)
    partial = somchai.partial(web)
    if statement:
        vault.sql(statement, [somchai.citizen_id])
    else:
        assert second_step(web, partial, "123456")["outcome"] == "ok"
    before = len(events(vault, somchai))
    for _ in range(5):
        assert second_step(web, partial, "123456", **more)["outcome"] in ("refused", "expired", "blocked")
    assert len(events(vault, somchai)) == before + rows
