# SPDX-License-Identifier: Apache-2.0
"""The courier with Debian's Kannel and Exim: sent, delivered, delayed, refused, and a gateway that ends under it."""
import os
import secrets
import signal
import warnings

import pytest
from lib.courier import events, running, wait_state
from lib.flavour import SANITIZED
from lib.gateways import Exim, Kannel
from lib.instance import make_certificate
from lib.memory import memory
from lib.outbox import Outbox
from lib.stack import wait_until

if os.geteuid() != 0:
    warnings.warn("what only root can show is left out: the memory of a running process")

NUMBER = "+66812345678"
THAI = "123456 คือรหัสเข้าสู่ระบบกรมสรรพสามิต ห้ามบอกใคร\n@login.example #123456"
ENGLISH = "123456 is your code to sign in to the Excise Department. Never tell it to anyone.\n@login.example #123456"


@pytest.fixture(scope="module")
def outbox(vault):
    return Outbox(vault)


@pytest.fixture(scope="module")
def kannel():
    with Kannel() as one:
        yield one


@pytest.fixture(scope="module")
def exim(vault):
    with Exim(vault.certificate, vault.key) as one:
        yield one


@pytest.fixture(scope="module")
def courier(vault, kannel, exim):
    with running(vault, sms=[kannel.url], smtp=exim.url) as one:
        yield one


@pytest.mark.parametrize("text", [ENGLISH, THAI, "[~]{} £100 €5 ä"])
def test_an_sms_arrives_as_it_was_written_and_its_delivery_is_reported(vault, kannel, courier, outbox, text):
    before = len(kannel.messages())
    message_id = outbox.put("sms", NUMBER, text)
    row = wait_state(outbox, message_id, "delivered")
    wait_until(lambda: len(kannel.messages()) > before and kannel.messages()[-1] == ("Pratu", NUMBER, text), what=text)
    assert row["sealed"] is None and row["gateway"] == "sms1" and row["ended_at"] >= row["handed_over_at"] > row["created_at"]
    assert len(kannel.messages()) == before + 1
    assert events(vault, message_id)[-1] == ("delivered", None)


def test_what_was_handed_over_is_counted(courier, outbox, kannel):
    before = courier.metric("pratu_courier_hand_overs_total", channel="sms", purpose="code")
    wait_state(outbox, outbox.put("sms", NUMBER, ENGLISH), "delivered")
    assert courier.metric("pratu_courier_hand_overs_total", channel="sms", purpose="code") == before + 1
    assert courier.metric("pratu_courier_gateway_up", gateway="sms1") == 1
    assert courier.metric("pratu_courier_tries_total", gateway="sms1", outcome="sent") > before


def test_a_phone_that_is_away_gets_its_message_later(kannel, courier, outbox):
    """Kannel keeps it ("3: Queued for later delivery"), so it is handed over; delivered comes when the phone has it."""
    kannel.end("phones")
    message_id = outbox.put("sms", NUMBER, "later " + ENGLISH)
    assert wait_state(outbox, message_id, "handed_over", "delivered")["state"] == "handed_over"
    kannel.start_phones()
    wait_state(outbox, message_id, "delivered")
    assert kannel.messages()[-1][2].startswith("later ")


def test_a_number_that_kannel_refuses_has_failed(vault, courier, outbox):
    message_id = outbox.put("sms", "+6681234567", ENGLISH)
    wait_state(outbox, message_id, "handed_over", "delivered")
    for number in ("66812345678", "+66 81 234 5678", "+66812345678\r\nX-Kannel-From: Bank", "", "+0812345678"):
        if not number:
            continue
        message_id = outbox.put("sms", number, ENGLISH)
        assert wait_state(outbox, message_id, "failed")["reason"] == "recipient"
        assert events(vault, message_id) == [("failed", "recipient")]


def test_a_gateway_that_ends_in_the_middle_of_a_request(vault, kannel, courier, outbox):
    """smsbox waits for bearerbox, which is stopped: nobody knows whether the message was accepted. It is not sent again."""
    kannel.signal("bearerbox", signal.SIGSTOP)
    message_id = outbox.put("sms", NUMBER, "perhaps " + ENGLISH)
    wait_until(lambda: outbox.row(message_id)["begun_at"], what="the request")
    kannel.end("smsbox", signal.SIGKILL)
    assert wait_state(outbox, message_id, "unknown")["sealed"] is None
    assert events(vault, message_id)[0][0] == "unknown"
    waiting = outbox.put("sms", NUMBER, "certainly " + ENGLISH)
    wait_until(lambda: outbox.row(waiting)["reason"] == "no_connection", what="a try")
    kannel.signal("bearerbox", signal.SIGCONT)
    kannel.start_smsbox()
    wait_state(outbox, waiting, "delivered")
    assert sum("perhaps" in text for _, _, text in kannel.messages()) <= 1
    assert sum("certainly" in text for _, _, text in kannel.messages()) == 1
    assert outbox.row(message_id)["attempts"] == 1


def test_an_answer_that_is_lost_after_the_message_was_accepted(vault, kannel, courier, outbox):
    """The answer takes longer than the time-out; the phone has the message, and it is not sent twice. Its delivery
    report ends the doubt."""
    kannel.signal("bearerbox", signal.SIGSTOP)
    message_id = outbox.put("sms", NUMBER, "once " + ENGLISH)
    assert wait_state(outbox, message_id, "unknown")["reason"] == "timeout"
    kannel.signal("bearerbox", signal.SIGCONT)
    wait_state(outbox, message_id, "delivered")
    assert [outcome for outcome, _ in events(vault, message_id)] == ["unknown", "delivered"]
    assert sum("once" in text for _, _, text in kannel.messages()) == 1


# ---------------------------------------------------------------- e-mail


def test_an_e_mail_arrives_as_it_was_written(vault, courier, exim, outbox):
    for language, subject, text, name in (("th", "รหัสเข้าสู่ระบบกรม" * 5, THAI, "ประตู"), ("en", "Your code", ENGLISH, "Pratu")):
        before = len(exim.mails())
        message_id = outbox.put("email", "somchai@example.th", text, subject, language=language)
        row = wait_state(outbox, message_id, "handed_over")
        wait_until(lambda: len(exim.mails()) > before, what="the mail")
        mail = exim.mails()[-1]
        assert mail.get_content().replace("\r\n", "\n").rstrip("\n") == text and mail["Subject"] == subject
        assert mail["Message-ID"] == f"<{message_id}@login.example>" and mail["To"] == "somchai@example.th"
        assert mail["From"].addresses[0].display_name == name and mail["Auto-Submitted"] == "auto-generated"
        assert "esmtpsa" in mail["Received"], "TLS and a password"
        assert row["sealed"] is None and row["gateway"] == "smtp"
        assert events(vault, message_id) == [("sent", None)]


def test_a_mailbox_that_is_not_there_has_failed(vault, courier, exim, outbox):
    message_id = outbox.put("email", "nobody-here@example.th", ENGLISH, "x")
    assert wait_state(outbox, message_id, "failed")["reason"] == "refused"
    assert events(vault, message_id) == [("failed", "refused")]


def test_a_mailbox_that_is_busy_is_tried_again(courier, outbox):
    message_id = outbox.put("email", "come-later@example.th", ENGLISH, "x", ttl_s=60)
    wait_until(lambda: outbox.row(message_id)["attempts"] >= 2, what="the second try")
    assert outbox.row(message_id)["reason"] == "busy"


@pytest.mark.parametrize("to", ["a@b.example, c@d.example", "a@b.example\r\nBcc: c@d.example", "<a@b.example>", "a b@c.example"])
def test_an_address_is_one_address(courier, outbox, to):
    assert wait_state(outbox, outbox.put("email", to, "x", "x"), "failed")["reason"] == "recipient"


@pytest.fixture
def apart(instances):
    """An instance without the courier of the others."""
    one = instances("courier_apart")
    one.init()
    one.migrate()
    with one.vault():
        yield one


def test_nothing_is_sent_without_starttls_or_with_a_certificate_that_nobody_vouches_for(apart, tmp_path):
    outbox = Outbox(apart)
    foreign = make_certificate(tmp_path)
    for served, name, starttls in (((apart.certificate, apart.key), "plain", False), (foreign, "foreign", True)):
        with Exim(*served, starttls=starttls) as exim, running(apart, smtp=exim.url, name=name):
            message_id = outbox.put("email", "somchai@example.th", ENGLISH, "x")
            wait_until(lambda: outbox.row(message_id)["attempts"] >= 2, what="two tries")
            assert outbox.row(message_id)["reason"] == "no_tls" and outbox.row(message_id)["begun_at"] is None
            assert not exim.mails()


if os.geteuid() == 0 and not SANITIZED:

    def test_neither_number_nor_code_stays_in_memory(courier, exim, outbox):
        """Of a message that is over: what libcurl, jansson and we ourselves have used is wiped."""
        number, code, to = "+66823456" + str(secrets.randbelow(900) + 100), secrets.token_hex(10), f"{secrets.token_hex(8)}@example.th"
        ids = [outbox.put("sms", number, f"{code} is your code"), outbox.put("email", to, f"{code} คือรหัส", "x")]
        for message_id in ids:
            wait_state(outbox, message_id, "handed_over", "delivered")
        held = wait_until(lambda: memory(courier.process.pid), what="its memory")
        assert b"pratu courier" in held, "this reads the memory of that process"
        for secret in (number, number[4:], code, code[len(code) // 2 :], to):
            assert secret.encode() not in held, secret
