# SPDX-License-Identifier: Apache-2.0
"""Delivery reports: what a gateway says of a message, and that nobody else says it."""
import base64
import hashlib
import hmac
import uuid

import pytest
from lib.courier import events, report, running, wait_state
from lib.gateways import Scripted
from lib.outbox import Outbox, uuid7
from lib.stack import wait_until

NUMBER = "+66812345678"
TEXT = "123456 is your code.\n@login.example #123456"


@pytest.fixture(scope="module")
def outbox(vault):
    return Outbox(vault)


def mac_of(outbox, message_id):
    made = hmac.new(outbox.report_key, f"report|1|{message_id}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


@pytest.fixture
def reported(vault, outbox):
    with Scripted("accept") as gateway, running(vault, sms=[gateway.url], name="reported") as courier:
        courier.gateway = gateway
        yield courier


@pytest.mark.parametrize("status,state,reason", [("1", "delivered", None), ("2", "failed", "not_delivered"), ("16", "failed", "rejected"),
                                                 ("4", "handed_over", None), ("8", "handed_over", None)])  # fmt: skip
def test_what_a_report_says(vault, outbox, reported, status, state, reason):
    message_id = outbox.put("sms", NUMBER, TEXT)
    wait_state(outbox, message_id, "handed_over")
    given = reported.gateway.requests[-1][0]["x-kannel-dlr-url"]
    assert given == f"{reported.reports}?id={message_id}&mac={mac_of(outbox, message_id)}&status=%d"
    assert report(reported, message_id, mac_of(outbox, message_id), status) == 200
    row = outbox.row(message_id)
    assert (row["state"], row["reason"]) == (state, reason)
    assert events(vault, message_id) == [("sent", None)] + ([(state, reason)] if state != "handed_over" else [])


def test_nobody_forges_a_report(vault, outbox, reported):
    message_id, other = outbox.put("sms", NUMBER, TEXT), outbox.put("sms", NUMBER, TEXT)
    for one in (message_id, other):
        wait_state(outbox, one, "handed_over")
    right = mac_of(outbox, message_id)
    for mac in ("", "A" * 43, right[:-1], right + "A", mac_of(outbox, other), right.swapcase()):
        assert report(reported, message_id, mac) == 403
    for bad in ("x", "", str(uuid.uuid4()), str(message_id).upper()):
        assert report(reported, bad, right) == 400
    assert report(reported, message_id, f"{right}&mac={right}") == 400
    assert outbox.row(message_id)["state"] == "handed_over"
    assert report(reported, message_id, right) == 200


def test_a_second_report_changes_nothing(vault, outbox, reported):
    message_id = outbox.put("sms", NUMBER, TEXT)
    wait_state(outbox, message_id, "handed_over")
    for status in ("1", "1", "2"):
        assert report(reported, message_id, mac_of(outbox, message_id), status) == 200
    assert outbox.row(message_id)["state"] == "delivered"
    assert events(vault, message_id) == [("sent", None), ("delivered", None)]
    unknown = uuid7(1)
    assert report(reported, unknown, mac_of(outbox, unknown)) == 200, "as for any other"


def test_a_report_may_be_faster_than_the_answer(vault, outbox):
    with Scripted("hang") as gateway, running(vault, sms=[gateway.url]) as courier:
        message_id = outbox.put("sms", NUMBER, TEXT)
        gateway.wait(1)
        assert report(courier, message_id, mac_of(outbox, message_id)) == 200
        row = outbox.row(message_id)
        assert row["state"] == "delivered" and row["sealed"] is None and row["handed_over_at"] == row["begun_at"]
        wait_until(lambda: courier.metric("pratu_courier_tries_total", gateway="sms1", outcome="unknown") == 1, what="its end")
        assert outbox.row(message_id)["state"] == "delivered"
        assert events(vault, message_id) == [("delivered", None)]


def test_without_a_listener_no_report_is_asked_for(vault, outbox):
    with Scripted("accept") as gateway, running(vault, sms=[gateway.url], reports_listen=None, reports_url=None):
        wait_state(outbox, outbox.put("sms", NUMBER, TEXT), "handed_over")
        assert not any("dlr" in name for name in gateway.requests[0][0])
