# SPDX-License-Identifier: Apache-2.0
"""Codes that are sent, on a real database: what a message says, how often it is sent, and for what its code counts."""
import re

import pytest
from lib.codes import (
    ask,
    code_of,
    delivery,
    last_code,
    make_sms_citizen,
    messages,
    number,
    time_passes,
    type_code,
    wrong,
)
from lib.vault import Vault, bind, code_now, delays_over, fail, failures, make_citizen, make_client, second_step, together


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
