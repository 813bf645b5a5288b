# SPDX-License-Identifier: Apache-2.0
"""The vault lets a session prove more: what stands in place of the password, and what the new ticket states."""
import json

import pytest
from lib.codes import ask, last_code, mailbox, make_sms_citizen, type_code
from lib.vault import SEED, TRANSACTION, Vault, await_quiet_step, code_now, context, second_step, unb64url

LOA1, LOA2 = "urn:pratu:loa:1", "urn:pratu:loa:2"


@pytest.fixture
def web(vault):
    one = Vault(vault.sockets / "web.sock")
    yield one
    one.close()


@pytest.fixture
def somchai(vault):
    return make_sms_citizen(vault, sms_number=None, code_email=mailbox(), totp_secret=SEED)


def by_mail(vault, web, person):
    """Signed in by a code by e-mail; the reply."""
    partial = person.partial(web)
    ask(web, partial, "email")
    return type_code(web, partial, last_code(vault, person), "email")


def step_up(web, ticket, transaction=TRANSACTION):
    return web("step_up", ticket=ticket, transaction=transaction, context=context())


def events(instance, person):
    return instance.sql("SELECT kind, outcome, factor, acr, amr FROM record.event WHERE subject_id = %s ORDER BY at", [person.citizen_id])


def test_a_session_proves_more_and_keeps_when_it_was_proven(vault, web, somchai):
    low = by_mail(vault, web, somchai)
    assert (low["acr"], low["amr"]) == (LOA1, ["pwd", "otp", "mfa"])
    begun = step_up(web, low["ticket"])
    assert [(one["kind"], one["acr"], one["sent"]) for one in begun["factors"]] == [("email", LOA1, True), ("totp", LOA2, False)]
    await_quiet_step()
    high = second_step(web, begun["partial"], code_now())
    assert (high["outcome"], high["acr"], high["amr"]) == ("ok", LOA2, ["pwd", "otp", "mfa"])
    assert high["auth_time"] == low["auth_time"] and high["subject_id"] == somchai.citizen_id
    assert high["authentication_id"] != low["authentication_id"]
    ends = [json.loads(unb64url(reply["ticket"].split(".")[0]))["exp"] for reply in (low, high)]
    assert ends[0] == ends[1], "it lives no longer"
    assert events(vault, somchai)[-2:] == [("factor", "ok", "totp", LOA2, ["pwd", "otp", "mfa"]),
                                          ("sign_in", "ok", "totp", LOA2, ["pwd", "otp", "mfa"])]  # fmt: skip


def test_all_that_was_proven_is_stated(vault, web):
    somchai = make_sms_citizen(vault, code_email=mailbox())
    partial = step_up(web, by_mail(vault, web, somchai)["ticket"])["partial"]
    ask(web, partial, "sms")
    reply = type_code(web, partial, last_code(vault, somchai))
    assert (reply["acr"], reply["amr"]) == (LOA2, ["pwd", "otp", "mfa", "sms"])


def test_a_step_up_is_spent_and_counts_in_its_transaction(vault, web, somchai):
    begun = step_up(web, by_mail(vault, web, somchai)["ticket"])
    await_quiet_step()
    assert second_step(web, begun["partial"], code_now(), transaction="BBBB") == {"outcome": "expired"}
    assert second_step(web, begun["partial"], code_now())["outcome"] == "ok"
    assert second_step(web, begun["partial"], code_now()) == {"outcome": "expired"}


def test_what_was_proven_before_the_credentials_changed_proves_nothing(vault, web, somchai):
    ticket = by_mail(vault, web, somchai)["ticket"]
    begun = step_up(web, ticket)
    vault.sql("UPDATE idp.citizen SET credentials_at = clock_timestamp() WHERE citizen_id = %s", [somchai.citizen_id])
    assert step_up(web, ticket) == {"outcome": "refused"}
    assert second_step(web, begun["partial"], code_now()) == {"outcome": "expired"}


def test_a_locked_citizen_does_not_step_up(vault, web, somchai):
    ticket = by_mail(vault, web, somchai)["ticket"]
    vault.sql("UPDATE idp.citizen SET locked = true WHERE citizen_id = %s", [somchai.citizen_id])
    assert step_up(web, ticket) == {"outcome": "refused"}


def test_what_was_proven_before_all_access_was_ended_proves_nothing(vault, web, somchai):
    ticket = by_mail(vault, web, somchai)["ticket"]
    assert step_up(web, ticket)["outcome"] == "ok"
    vault.sql("UPDATE idp.instance SET access_from = clock_timestamp()")
    assert step_up(web, ticket) == {"outcome": "refused"}
    assert step_up(web, second_step(web, somchai.partial(web), code_now())["ticket"])["outcome"] == "ok"


def test_only_a_ticket_of_a_sign_in_counts(vault, web, somchai):
    low = by_mail(vault, web, somchai)
    body, mac = low["ticket"].split(".")
    for ticket in (somchai.partial(web), body + "." + mac[::-1], "x", "", f"{body}."):
        assert step_up(web, ticket) == {"outcome": "refused"}
