# SPDX-License-Identifier: Apache-2.0
"""What is known of a code that was sent, which factors a citizen is offered, and where nothing of either may stand."""
import re

import pytest
from lib.codes import ask, delivery, last_code, mailbox, make_sms_citizen, number, type_code, wrong
from lib.vault import Vault


@pytest.fixture
def web(vault):
    one = Vault(vault.sockets / "web.sock")
    yield one
    one.close()


# ------------------------------------------------------------------ what is known of a message


@pytest.mark.parametrize("states, told", [
    (["claimed"], "waiting"), (["claimed", "handed_over"], "handed_over"), (["claimed", "handed_over", "delivered"], "delivered"),
    (["claimed", "failed"], "failed"), (["expired"], "failed"), (["claimed", "unknown"], "unknown"),
])  # fmt: skip
def test_the_page_can_tell_what_became_of_it(vault, web, states, told):
    somchai = make_sms_citizen(vault)
    partial = somchai.partial(web)
    assert delivery(web, partial) == {"outcome": "refused"}
    ask(web, partial)
    assert delivery(web, partial)["state"] == "waiting"
    for state in states:
        vault.sql("UPDATE courier.message SET state = %(s)s, sealed = CASE WHEN %(s)s = 'claimed' THEN sealed END,"
                  " lease_until = CASE WHEN %(s)s = 'claimed' THEN now() + interval '10 s' END WHERE subject_id = %(who)s",
                  {"s": state, "who": somchai.citizen_id})  # fmt: skip
    reply = delivery(web, partial)
    assert reply["state"] == told and reply["tries_left"] == 3


def test_of_two_messages_the_better_news_is_told(vault, web):
    somchai = make_sms_citizen(vault, sms_number=None, sms_and_email=f"{number()} {mailbox()}")
    partial = somchai.partial(web)
    ask(web, partial, "sms_and_email")
    vault.sql("UPDATE courier.message SET state = 'expired', sealed = NULL WHERE subject_id = %s AND channel = 'sms'", [somchai.citizen_id])
    assert delivery(web, partial, "sms_and_email")["state"] == "waiting"


# ------------------------------------------------------------------ which factors there are


def test_the_factor_that_was_used_last_is_named_first(vault, web):
    somchai = make_sms_citizen(vault, code_email=mailbox(), sandbox_code="111111")
    kinds = lambda: [one["kind"] for one in somchai.password(web)["factors"]]  # noqa: E731
    assert kinds() == ["sms", "sandbox_code", "email"], "none was used: e-mail last"
    partial = somchai.partial(web)
    ask(web, partial)
    type_code(web, partial, last_code(vault, somchai))
    assert kinds() == ["sms", "sandbox_code", "email"]
    somchai.sign_in(web, code="111111")
    assert kinds() == ["sandbox_code", "sms", "email"]


def test_a_wrong_password_names_no_factor(vault, web):
    somchai = make_sms_citizen(vault)
    assert somchai.password(web, "wrong horse battery") == {"outcome": "refused"}


# ------------------------------------------------------------------ where it is written


def test_neither_code_nor_number_stands_anywhere(vault, web):
    somchai = make_sms_citizen(vault, sms_number="+66867775309", code_email="canary.bird@mail.example")
    partial = somchai.partial(web)
    codes = []
    for kind in ("sms", "email"):
        ask(web, partial, kind)
        codes.append(last_code(vault, somchai))
    type_code(web, partial, wrong(codes[0]))
    type_code(web, partial, codes[1], "email")
    with vault.connect() as db:
        tables = db.execute("SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_class c JOIN pg_namespace n ON"
                            " n.oid = c.relnamespace WHERE c.relkind = 'r' AND n.nspname IN ('idp', 'vault', 'record', 'courier')").fetchall()  # fmt: skip
        for (table,) in tables:
            for (row,) in db.execute(f"SELECT t::text FROM {table} t"):
                for canary in ("867775309", "canary.bird", "+6686777"):
                    assert canary not in row, table
                if table.startswith(("vault.challenge", "record.", "courier.")):
                    assert not any(re.search(rf"(?<![0-9a-f]){code}(?![0-9a-f])", row) for code in codes), table
    log = vault.log.read_text()
    assert "867775309" not in log and "canary.bird" not in log
