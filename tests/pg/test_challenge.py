# SPDX-License-Identifier: Apache-2.0
"""Codes that are sent, on a real database: what a message says, how often it is sent, and for what its code counts."""
import re

import pytest
from lib.codes import (
    ask,
    code_of,
    delivery,
    last_code,
    mailbox,
    make_sms_citizen,
    messages,
    number,
    time_passes,
    type_code,
    wrong,
)
from lib.vault import Vault, code_now, delays_over, fail, failures, make_client, second_step, together


@pytest.fixture
def web(vault):
    one = Vault(vault.sockets / "web.sock")
    yield one
    one.close()


def events(instance, person):
    return instance.sql("SELECT kind, outcome, reason, factor FROM record.event WHERE subject_id = %s ORDER BY at", [person.citizen_id])


def challenge(instance, person):
    return instance.sql("SELECT c.kind, c.tries, cardinality(c.messages) FROM vault.challenge c JOIN courier.message m"
                        " ON m.message_id = ANY (c.messages) WHERE m.subject_id = %s", [person.citizen_id])  # fmt: skip


# ------------------------------------------------------------------ a sign-in by a code that is sent


def test_a_citizen_signs_in_by_a_code_that_is_sent(vault, web):
    somchai = make_sms_citizen(vault, sms_number="081 999 0001")
    reply = somchai.password(web)
    assert reply["factors"] == [{"kind": "sms", "acr": "urn:pratu:loa:2", "hint": "•••• 0001", "sent": True}]
    sent = ask(web, reply["partial"])
    assert sent["outcome"] == "ok" and sent["expires_at"] - sent["sent_at"] == 300 and sent["resend_at"] - sent["sent_at"] == 30
    (message,) = messages(vault, somchai)
    assert (message["to"], message["channel"], message["purpose"], message["state"]) == ("+66819990001", "sms", "code", "waiting")
    done = type_code(web, reply["partial"], code_of(message))
    assert done["outcome"] == "ok" and done["acr"] == "urn:pratu:loa:2" and done["amr"] == ["pwd", "sms", "mfa"]
    assert events(vault, somchai) == [("password", "ok", None, None), ("code_sent", "ok", None, "sms"), ("factor", "ok", None, "sms"),
                                      ("sign_in", "ok", None, "sms")]  # fmt: skip


@pytest.mark.parametrize("kind, members, targets", [
    ("email", {"code_email": "Somchai@Mail.example"}, {"email": "Somchai@mail.example"}),
    ("sms_and_email", {"sms_and_email": "0819990002 somchai@mail.example"},
     {"sms": "+66819990002", "email": "somchai@mail.example"}),
])  # fmt: skip
def test_mail_and_both_at_once_earn_the_lowest_level(vault, web, kind, members, targets):
    somchai = make_sms_citizen(vault, sms_number=None, **members)
    partial = somchai.partial(web)
    assert ask(web, partial, kind)["outcome"] == "ok"
    sent = messages(vault, somchai)
    assert {m["channel"]: m["to"] for m in sent} == targets
    assert len({code_of(m) for m in sent}) == 1
    done = type_code(web, partial, code_of(sent[0]), kind)
    assert (done["outcome"], done["acr"], done["amr"]) == ("ok", "urn:pratu:loa:1", ["pwd", "otp", "mfa"])


# ------------------------------------------------------------------ what a message says


def client(instance, name):
    return make_client(instance, name, name, **{"client_name": "Excise", "client_name#en": "Excise Department",
                                                "client_name#th": "กรมสรรพสามิต"})  # fmt: skip


def test_the_message_names_agency_and_origin_and_holds_no_link(vault, web):
    somchai = make_sms_citizen(vault)
    partial, agency = somchai.partial(web), client(vault, "excise")
    host = vault.issuer.split("//")[1].split(":")[0]
    assert ask(web, partial, client_id=agency)["outcome"] == "ok"
    (message,) = messages(vault, somchai)
    code = code_of(message)
    assert message["body"] == f"{code} is your code to sign in to Excise Department. Never tell it to anyone.\n@{host} #{code}"
    assert (message["client_id"], message["language"]) == (agency, "en")
    time_passes(vault, 30)
    assert ask(web, partial, language="th", client_id=agency)["outcome"] == "ok"
    message = messages(vault, somchai)[-1]
    code = code_of(message)
    assert message["body"] == f"{code} คือรหัสเข้าสู่ระบบ กรมสรรพสามิต ห้ามบอกรหัสนี้แก่ผู้ใด\n@{host} #{code}"
    assert len(message["body"]) <= 134 and message["language"] == "th"
    time_passes(vault, 30)
    assert ask(web, partial)["outcome"] == "ok"
    assert "sign in to Pratu." in messages(vault, somchai)[-1]["body"], "at the service itself"


def test_mail_says_the_same_with_its_subject(vault, web):
    somchai = make_sms_citizen(vault, sms_number=None, code_email=mailbox())
    assert ask(web, somchai.partial(web), "email", client_id=client(vault, "excise"))["outcome"] == "ok"
    (message,) = messages(vault, somchai)
    code = code_of(message)
    assert message["subject"] == "Your code to sign in to Excise Department" and code not in message["subject"]
    assert message["body"].splitlines()[0] == f"{code} is your code to sign in to Excise Department."
    assert message["body"].splitlines()[-1].endswith(f" #{code}")
    assert not re.search(r"https?:|www\.", message["body"])


# ------------------------------------------------------------------ again, and not too often


def test_another_code_after_thirty_seconds_ends_the_one_before(vault, web):
    somchai = make_sms_citizen(vault)
    partial = somchai.partial(web)
    assert ask(web, partial)["outcome"] == "ok"
    first = last_code(vault, somchai)
    reply = ask(web, partial)
    assert (reply["outcome"], reply["reason"]) == ("wait", "resend") and 25 <= reply["wait_s"] <= 30
    time_passes(vault, 30)
    assert ask(web, partial)["outcome"] == "ok"
    former, later = messages(vault, somchai)
    assert (former["state"], former["sealed"], former["reason"]) == ("expired", None, "superseded")
    assert later["state"] == "waiting"
    if first != code_of(later):
        assert type_code(web, partial, first) == {"outcome": "refused"}
    assert type_code(web, partial, code_of(later))["outcome"] == "ok"


def test_what_is_with_the_courier_is_left_to_it(vault, web):
    somchai = make_sms_citizen(vault)
    partial = somchai.partial(web)
    ask(web, partial)
    vault.sql("UPDATE courier.message SET state = 'claimed', lease_until = now() + interval '10 s' WHERE subject_id = %s", [somchai.citizen_id])
    time_passes(vault, 30)
    assert ask(web, partial)["outcome"] == "ok"
    assert [m["state"] for m in messages(vault, somchai)] == ["claimed", "waiting"]


def test_five_an_hour_go_to_one_number(vault, web):
    somchai = make_sms_citizen(vault)
    partial = somchai.partial(web)
    for _ in range(5):
        assert ask(web, partial)["outcome"] == "ok"
        time_passes(vault, 60)
    reply = ask(web, partial)
    assert (reply["outcome"], reply["reason"]) == ("wait", "target") and 3200 < reply["wait_s"] <= 3300
    assert len(messages(vault, somchai)) == 5
    time_passes(vault, 3300)
    assert ask(web, somchai.partial(web))["outcome"] == "ok"


def test_one_number_has_one_limit_whoever_has_it(vault, web):
    shared = number()
    somchai, malee = make_sms_citizen(vault, sms_number=shared), make_sms_citizen(vault, sms_number=shared)
    assert ask(web, somchai.partial(web))["outcome"] == "ok"
    assert ask(web, malee.partial(web))["outcome"] == "wait"
    both = make_sms_citizen(vault, sms_number=None, sms_and_email=f"{shared} {mailbox()}")
    assert ask(web, both.partial(web), "sms_and_email")["outcome"] == "wait"
    assert messages(vault, malee) == messages(vault, both) == []


def test_of_fifty_requests_at_once_one_sends(vault, web):
    somchai = make_sms_citizen(vault)
    partial = somchai.partial(web)
    _, ended = together(vault, 50, lambda v, i: ask(v, partial))
    assert ended == {"ok": 1, "wait": 49}
    assert len(messages(vault, somchai)) == 1
    assert [kind for kind, *_ in events(vault, somchai)].count("code_sent") == 1


def test_what_is_not_sent_is_not_counted(vault, web):
    somchai = make_sms_citizen(vault)
    partial = somchai.partial(web)
    ask(web, partial)
    before = vault.sql("SELECT * FROM vault.code_count ORDER BY scope, key"), vault.sql("SELECT * FROM vault.code_target ORDER BY target")
    for _ in range(3):
        assert ask(web, partial)["outcome"] == "wait"
    assert before == (vault.sql("SELECT * FROM vault.code_count ORDER BY scope, key"), vault.sql("SELECT * FROM vault.code_target ORDER BY target"))


# ------------------------------------------------------------------ for what a code counts


def test_a_code_has_three_tries(vault, web):
    somchai = make_sms_citizen(vault)
    partial = somchai.partial(web)
    ask(web, partial)
    code = last_code(vault, somchai)
    assert type_code(web, partial, wrong(code)) == {"outcome": "refused"}
    assert type_code(web, partial, wrong(code)) == {"outcome": "refused"}
    assert delivery(web, partial)["tries_left"] == 1
    assert type_code(web, partial, wrong(code)) == {"outcome": "changed"}
    assert delivery(web, partial)["tries_left"] == 0
    assert type_code(web, partial, code) == {"outcome": "changed"}, "the right one, too late"
    assert failures(vault, somchai, "sms") == 3
    time_passes(vault, 30)
    ask(web, partial)
    assert type_code(web, partial, last_code(vault, somchai))["outcome"] == "ok"
    assert failures(vault, somchai, "sms") == 0


def test_the_third_try_may_be_right(vault, web):
    somchai = make_sms_citizen(vault)
    partial = somchai.partial(web)
    ask(web, partial)
    code = last_code(vault, somchai)
    for _ in range(2):
        type_code(web, partial, wrong(code))
    assert type_code(web, partial, code)["outcome"] == "ok"


def test_of_fifty_wrong_codes_at_once_three_are_looked_at(vault, web):
    somchai = make_sms_citizen(vault)
    partial = somchai.partial(web)
    ask(web, partial)
    code = last_code(vault, somchai)
    together(vault, 50, lambda v, i: type_code(v, partial, wrong(code)))
    assert failures(vault, somchai, "sms") == 3
    assert type_code(web, partial, code)["outcome"] == "changed"


def test_of_fifty_right_codes_at_once_one_is_accepted(vault, web):
    somchai = make_sms_citizen(vault)
    partial = somchai.partial(web)
    ask(web, partial)
    code = last_code(vault, somchai)
    _, ended = together(vault, 50, lambda v, i: type_code(v, partial, code))
    assert ended == {"ok": 1, "expired": 49}


def test_a_code_lives_five_minutes(vault, web):
    somchai = make_sms_citizen(vault)
    partial = somchai.partial(web)
    ask(web, partial)
    code = last_code(vault, somchai)
    time_passes(vault, 301)
    assert type_code(web, partial, code) == {"outcome": "changed"}
    assert failures(vault, somchai, "sms") == 0, "no guess"


def test_without_a_code_that_was_sent_none_is_right(vault, web):
    somchai = make_sms_citizen(vault)
    assert type_code(web, somchai.partial(web), "123456") == {"outcome": "changed"}
    assert failures(vault, somchai, "sms") == 0


def test_a_code_counts_in_its_own_sign_in_alone(vault, web):
    somchai = make_sms_citizen(vault)
    first, second = somchai.partial(web), somchai.partial(web)
    ask(web, first)
    code = last_code(vault, somchai)
    assert type_code(web, second, code) == {"outcome": "changed"}
    time_passes(vault, 30)
    ask(web, second)
    if last_code(vault, somchai) != code:
        assert type_code(web, second, code) == {"outcome": "refused"}
    assert type_code(web, first, code)["outcome"] == "ok", "one does not end the other's"


def test_a_code_counts_in_its_own_transaction_alone(vault, web):
    somchai = make_sms_citizen(vault)
    partial = somchai.partial(web)
    assert ask(web, partial, transaction="BBBB") == {"outcome": "expired"}
    ask(web, partial)
    assert type_code(web, partial, last_code(vault, somchai), transaction="BBBB") == {"outcome": "expired"}
    assert delivery(web, partial, transaction="BBBB") == {"outcome": "expired"}


def test_a_code_counts_for_its_own_kind_alone(vault, web):
    somchai = make_sms_citizen(vault, code_email=mailbox(), sandbox_code="111111")
    partial = somchai.partial(web)
    ask(web, partial, "sms")
    code = last_code(vault, somchai)
    assert type_code(web, partial, code, "email") == {"outcome": "changed"}
    if code != "111111":
        assert second_step(web, partial, code) == {"outcome": "refused"}, "without a kind it is not for what was sent"
    assert (failures(vault, somchai, "sms"), failures(vault, somchai, "email")) == (0, 0)
    assert type_code(web, partial, code, "sms")["outcome"] == "ok"


def test_a_code_signs_in_once(vault, web):
    somchai = make_sms_citizen(vault)
    partial = somchai.partial(web)
    ask(web, partial)
    code = last_code(vault, somchai)
    assert type_code(web, partial, code)["outcome"] == "ok"
    assert type_code(web, partial, code) == {"outcome": "expired"}
    assert ask(web, partial) == {"outcome": "expired"}


def test_while_a_delay_runs_nothing_is_sent_and_no_try_is_taken(vault, web):
    somchai = make_sms_citizen(vault)
    partial = somchai.partial(web)
    ask(web, partial)
    code = last_code(vault, somchai)
    fail(vault, somchai, 10, kinds=["sms"], hours_ago=0)
    for _ in range(4):
        assert type_code(web, partial, code)["outcome"] == "wait"
    reply = ask(web, partial)
    assert (reply["outcome"], reply["reason"]) == ("wait", "codes") and 0 < reply["wait_s"] <= 64
    assert delivery(web, partial)["tries_left"] == 3
    delays_over(vault)
    assert type_code(web, partial, code)["outcome"] == "ok"


def test_a_blocked_factor_gets_no_code_and_others_work(vault, web):
    somchai = make_sms_citizen(vault, totp_secret="GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
    fail(vault, somchai, 49, kinds=["sms"])
    partial = somchai.partial(web)
    ask(web, partial)
    code = last_code(vault, somchai)
    assert type_code(web, partial, wrong(code)) == {"outcome": "refused"}
    time_passes(vault, 30)
    assert ask(web, partial) == {"outcome": "blocked", "reason_blocked": "blocked"}
    assert type_code(web, partial, code)["outcome"] == "blocked"
    reply = somchai.password(web)
    assert [one["kind"] for one in reply["factors"]] == ["totp"], "what is blocked is not offered"
    assert second_step(web, reply["partial"], code_now())["outcome"] == "ok"


def test_no_code_goes_to_who_is_locked_or_changed_or_has_no_such_factor(vault, web):
    somchai = make_sms_citizen(vault, sandbox_code="111111")
    partial = somchai.partial(web)
    for kind in ("email", "totp", "sandbox_code", "pigeon"):
        assert ask(web, partial, kind) == {"outcome": "refused"}
    vault.sql("UPDATE idp.citizen SET locked = true WHERE citizen_id = %s", [somchai.citizen_id])
    assert ask(web, partial) == {"outcome": "refused"}
    vault.sql("UPDATE idp.citizen SET locked = false, credentials_at = now() WHERE citizen_id = %s", [somchai.citizen_id])
    assert ask(web, partial) == {"outcome": "expired"}
    assert ask(web, "x.y") == {"outcome": "expired"}
    assert messages(vault, somchai) == []
