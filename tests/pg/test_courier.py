# SPDX-License-Identifier: Apache-2.0
"""The courier with gateways that do exactly what a test tells them: what is sent again, what never is, and who is asked."""
import json
import signal
import uuid

import pytest
from lib.courier import events, report, running, wait_state
from lib.gateways import PASSWORD, Scripted
from lib.outbox import Outbox, uuid7
from lib.ports import free_port
from lib.stack import wait_until

NUMBER = "+66812345678"
TEXT = "123456 is your code.\n@login.example #123456"
OVER = ("handed_over", "delivered", "failed", "unknown", "expired")


@pytest.fixture(scope="module")
def outbox(vault):
    return Outbox(vault)


@pytest.fixture(autouse=True)
def nothing_left(vault):
    """What a test leaves waiting is not the next one's."""
    yield
    vault.sql("UPDATE courier.message SET state = 'expired', sealed = NULL, lease_until = NULL"
              " WHERE state IN ('waiting', 'claimed')")  # fmt: skip


def lease_runs_out(vault, message_id):
    """Behind the back of the table, which lets nobody touch what has begun."""
    with vault.connect() as db:
        db.execute("SET session_replication_role = replica")
        db.execute("UPDATE courier.message SET lease_until = now() - interval '1 s' WHERE message_id = %s", [message_id])


# ---------------------------------------------------------------- what is handed over, and how


def test_what_a_gateway_is_told(vault, outbox):
    with Scripted("accept") as gateway, running(vault, sms=[gateway.url]) as courier:
        message_id = outbox.put("sms", NUMBER, TEXT)
        wait_state(outbox, message_id, "handed_over")
        ((head, body),) = gateway.requests
        assert body == TEXT and head["x-kannel-to"] == NUMBER and head["x-kannel-coding"] == "0"
        assert head["x-kannel-username"] == "pratu" and head["x-kannel-password"] == PASSWORD
        assert head["idempotency-key"] == str(message_id) and head["x-kannel-dlr-mask"] == "19"
        assert head["x-kannel-dlr-url"].startswith(f"{courier.reports}?id={message_id}&mac=")
        assert head["x-kannel-dlr-url"].endswith("&status=%d") and "expect" not in head
        assert events(vault, message_id) == [("sent", None)]


def test_the_row_tells_who_it_was_about(vault, outbox):
    subject, authentication = uuid.uuid4(), uuid7(1)
    with Scripted("accept") as gateway, running(vault, sms=[gateway.url]):
        message_id = outbox.put("sms", NUMBER, TEXT, subject_id=subject, authentication_id=authentication, client_id="excise",
                                correlation_id="c")  # fmt: skip
        wait_state(outbox, message_id, "handed_over")
    ((*found, detail),) = vault.sql(
        "SELECT subject_id, authentication_id, client_id, correlation_id, writer, detail FROM record.event"
        " WHERE kind = 'message' AND detail->>'message_id' = %s", [str(message_id)])  # fmt: skip
    assert found == [subject, authentication, "excise", "c", "pratu_courier"]
    assert detail == {"message_id": str(message_id), "channel": "sms", "purpose": "code", "gateway": "sms1"}


def test_a_message_is_sent_at_once(vault, outbox):
    """It is told, and need not look: 20 messages one after the other take less time than a single slow look would."""
    with Scripted("accept") as gateway, running(vault, sms=[gateway.url]):
        wait_state(outbox, outbox.put("sms", NUMBER, TEXT), "handed_over")
        rows = [wait_state(outbox, outbox.put("sms", NUMBER, TEXT), "handed_over") for _ in range(20)]
        took = sorted((row["handed_over_at"] - row["created_at"]).total_seconds() for row in rows)
        assert took[10] < 1.0, took


def test_messages_at_once_are_each_sent_once(vault, outbox):
    with Scripted("accept") as gateway:
        ids = [outbox.put("sms", NUMBER, f"{i} {TEXT}") for i in range(40)]
        with running(vault, sms=[gateway.url], name="one"), running(vault, sms=[gateway.url], name="two"):
            for message_id in ids:
                wait_state(outbox, message_id, "handed_over")
        assert sorted(body for _, body in gateway.requests) == sorted(f"{i} {TEXT}" for i in range(40))


# ---------------------------------------------------------------- what is sent again, and what is not


@pytest.mark.parametrize("act,reason", [("busy", "busy"), ("login", "login")])
def test_what_was_not_accepted_is_tried_again(vault, outbox, act, reason):
    with Scripted(act, act, "accept") as gateway, running(vault, sms=[gateway.url]) as courier:
        message_id = outbox.put("sms", NUMBER, TEXT)
        row = wait_state(outbox, message_id, *OVER)
        assert row["state"] == "handed_over" and row["attempts"] == 3 and len(gateway.requests) == 3
        assert courier.metric("pratu_courier_tries_total", gateway="sms1", outcome="again") == 2
        assert events(vault, message_id) == [("sent", None)]


@pytest.mark.parametrize("act,state,reason", [("refuse", "failed", "refused"), ("drop", "unknown", "lost"),
                                              ("hang", "unknown", "timeout"), ("fault", "unknown", "lost")])  # fmt: skip
def test_what_may_have_been_accepted_is_never_sent_again(vault, outbox, act, state, reason):
    """Not by the other gateway either."""
    with Scripted(act) as first, Scripted("accept") as second, running(vault, sms=[first.url, second.url]):
        message_id = outbox.put("sms", NUMBER, TEXT)
        row = wait_state(outbox, message_id, *OVER)
        assert (row["state"], row["reason"], row["sealed"]) == (state, reason, None)
        other = outbox.put("sms", NUMBER, "other")
        wait_state(outbox, other, *OVER)
        assert [body for _, body in first.requests + second.requests].count(TEXT) == 1
        assert events(vault, message_id) == [(state, reason)]


def test_a_connection_is_not_used_again(vault, outbox):
    """libcurl would send a request once more whose connection, used before, ended under it."""
    with Scripted("keep", "drop", "accept") as gateway, running(vault, sms=[gateway.url], courier_threads=1):
        wait_state(outbox, outbox.put("sms", NUMBER, "first"), "handed_over")
        assert wait_state(outbox, outbox.put("sms", NUMBER, TEXT), *OVER)["state"] == "unknown"
        assert [body for _, body in gateway.requests] == ["first", TEXT] and gateway.connections == 2


def test_a_message_whose_time_is_over_is_not_sent(vault, outbox):
    late = outbox.put("sms", NUMBER, "late", ttl_s=5, age_s=10)
    with Scripted("accept") as gateway, running(vault, sms=[gateway.url]) as courier:
        row = wait_state(outbox, late, *OVER)
        assert row["state"] == "expired" and row["sealed"] is None and not gateway.requests
        assert events(vault, late) == [("failed", "expired")]
        assert courier.metric("pratu_courier_messages_total", channel="sms", state="expired") == 1


def test_tries_end_with_the_life_of_the_code(vault, outbox):
    with Scripted("busy") as gateway, running(vault, sms=[gateway.url]):
        message_id = outbox.put("sms", NUMBER, TEXT, ttl_s=4)
        row = wait_state(outbox, message_id, *OVER)
        assert (row["state"], row["reason"], row["sealed"]) == ("expired", "busy", None)
        assert events(vault, message_id) == [("failed", "busy")]


def test_what_the_vault_takes_back_while_the_gateway_is_reached_is_not_sent(vault, outbox):
    """The gateway's port takes the connection and no more, so the message is claimed and has not begun."""
    with Scripted(deaf=True) as gateway, running(vault, sms=[gateway.url], gateway_timeout_s=30) as courier:
        message_id = outbox.put("sms", NUMBER, TEXT)
        wait_until(lambda: gateway.connections, what="the connection")
        vault.sql("UPDATE courier.message SET state = 'expired', sealed = NULL, lease_until = NULL WHERE message_id = %s",
                  [message_id], user="pratu_vault")  # fmt: skip
        assert outbox.row(message_id)["begun_at"] is None
    assert outbox.row(message_id)["state"] == "expired" and courier.process.returncode == 0


def test_begin_is_refused_to_who_has_lost_the_claim(vault, outbox):
    """Two couriers: the first is stopped with a message claimed, the lease runs out, the second sends it. The first goes
    on, and must not send it too."""
    tls = (vault.certificate, vault.key)
    port = free_port()
    with Scripted(deaf=True, port=port) as deaf:
        with running(vault, sms=[deaf.url], name="first", gateway_timeout_s=30) as first:
            message_id = outbox.put("sms", NUMBER, TEXT)
            wait_until(lambda: deaf.connections, what="the connection")
            first.process.send_signal(signal.SIGSTOP)
            lease_runs_out(vault, message_id)
            with Scripted("accept", tls=tls) as gateway, running(vault, sms=[gateway.url], name="second"):
                wait_state(outbox, message_id, "handed_over")
                connection = deaf.held.pop(0)
                first.process.send_signal(signal.SIGCONT)
                deaf.tls = tls
                deaf.script = ["accept"]
                deaf.answer(connection)
                assert not deaf.requests, "the connection ended without a request"
                assert len(gateway.requests) == 1 and outbox.row(message_id)["attempts"] == 2


# ---------------------------------------------------------------- kill -9


def test_killed_with_the_request_under_way(vault, outbox):
    """Begun: nobody knows whether it was accepted. It becomes unknown when the lease runs out, and is not sent again."""
    with Scripted("hang", "accept") as gateway:
        with running(vault, sms=[gateway.url], gateway_timeout_s=30) as courier:
            message_id = outbox.put("sms", NUMBER, TEXT)
            gateway.wait(1)
            assert outbox.row(message_id)["begun_at"] is not None
            courier.process.kill()
            courier.process.wait()
        lease_runs_out(vault, message_id)
        with running(vault, sms=[gateway.url]):
            row = wait_state(outbox, message_id, *OVER)
            wait_state(outbox, outbox.put("sms", NUMBER, "other"), "handed_over")
        assert (row["state"], row["reason"], row["sealed"]) == ("unknown", "interrupted", None)
        assert [body for _, body in gateway.requests] == [TEXT, "other"]
        assert events(vault, message_id) == [("unknown", "interrupted")]


def test_killed_before_a_byte_has_left(vault, outbox):
    """Claimed and not begun: it is sent once the lease has run out."""
    port = free_port()
    with Scripted(deaf=True, port=port) as deaf:
        with running(vault, sms=[deaf.url], gateway_timeout_s=30) as courier:
            message_id = outbox.put("sms", NUMBER, TEXT)
            wait_until(lambda: deaf.connections, what="the connection")
            row = outbox.row(message_id)
            assert row["state"] == "claimed" and row["begun_at"] is None
            courier.process.kill()
            courier.process.wait()
    lease_runs_out(vault, message_id)
    with Scripted("accept", port=port, tls=(vault.certificate, vault.key)) as gateway, running(vault, sms=[gateway.url]):
        assert wait_state(outbox, message_id, *OVER)["state"] == "handed_over"
        assert len(gateway.requests) == 1


def test_a_stop_gives_up_what_has_not_begun(vault, outbox):
    """And another courier need not wait for the lease."""
    with Scripted(deaf=True) as deaf:
        with running(vault, sms=[deaf.url], gateway_timeout_s=30):
            message_id = outbox.put("sms", NUMBER, TEXT)
            wait_until(lambda: deaf.connections, what="the connection")
        assert outbox.row(message_id)["state"] == "waiting"


def test_a_stop_waits_for_what_has_begun(vault, outbox):
    with Scripted("hang") as gateway:
        with running(vault, sms=[gateway.url], gateway_timeout_s=2) as courier:
            message_id = outbox.put("sms", NUMBER, TEXT)
            gateway.wait(1)
        assert courier.process.returncode == 0
        assert outbox.row(message_id)["state"] == "unknown"


def test_nothing_is_sent_from_a_database_that_was_restored(vault, outbox):
    """What waits in a copy may have been sent since. `pratu recover` takes it back."""
    message_id = outbox.put("sms", NUMBER, TEXT)
    ((here,),) = vault.sql("SELECT database_oid FROM idp.instance")
    vault.sql("UPDATE idp.instance SET database_oid = 1")
    try:
        with Scripted("accept") as gateway, running(vault, sms=[gateway.url]) as courier:
            refused = courier.metric("pratu_database_calls_total", query="connect", outcome="lost")
            wait_until(lambda: courier.metric("pratu_database_calls_total", query="connect", outcome="lost") > refused,
                       what="a connection that is refused")
            assert not gateway.requests and outbox.row(message_id)["state"] == "waiting"
            vault.sql("SELECT * FROM idp.recover(NULL)")
            assert outbox.row(message_id)["state"] == "expired" and outbox.row(message_id)["sealed"] is None
    finally:
        vault.sql("UPDATE idp.instance SET database_oid = %s", [here])


def test_settings_that_are_read_again_disturb_nothing(vault, outbox):
    with Scripted("accept") as gateway, running(vault, sms=[gateway.url]) as courier:
        wait_state(outbox, outbox.put("sms", NUMBER, TEXT), "handed_over")
        before = len(vault.log_lines("reload.done"))
        courier.process.send_signal(signal.SIGHUP)
        wait_until(lambda: len(vault.log_lines("reload.done")) > before, what="the reload")
        wait_state(outbox, outbox.put("sms", NUMBER, TEXT), "handed_over")
        assert report(courier, "x", "x") == 400


# ---------------------------------------------------------------- two gateways


def test_the_second_gateway_takes_what_the_first_does_not(vault, outbox):
    absent = f"http://127.0.0.1:{free_port()}/cgi-bin/sendsms"
    with Scripted("accept") as second, running(vault, sms=[absent, second.url]):
        row = wait_state(outbox, outbox.put("sms", NUMBER, TEXT), *OVER)
        assert row["state"] == "handed_over" and row["gateway"] == "sms2" and row["attempts"] == 2


def test_a_gateway_that_fails_is_left_alone(vault, outbox):
    with Scripted("busy") as first, Scripted("accept") as second, running(vault, sms=[first.url, second.url]) as courier:
        for _ in range(12):
            assert wait_state(outbox, outbox.put("sms", NUMBER, TEXT), *OVER)["gateway"] == "sms2"
        assert 5 <= len(first.requests) < 12 and len(second.requests) == 12
        assert courier.metric("pratu_courier_gateway_up", gateway="sms1") == 0
        assert courier.metric("pratu_courier_gateway_up", gateway="sms2") == 1
        first.script = ["accept"]
        wait_until(lambda: courier.metric("pratu_courier_gateway_up", gateway="sms1") == 1, what="the end of its rest")
        assert wait_state(outbox, outbox.put("sms", NUMBER, TEXT), *OVER)["gateway"] == "sms1"


def test_with_all_gateways_away_messages_wait(vault, outbox):
    port = free_port()
    with running(vault, sms=[f"http://localhost:{port}/cgi-bin/sendsms"]) as courier:
        ids = [outbox.put("sms", NUMBER, TEXT) for _ in range(6)]
        wait_until(lambda: courier.metric("pratu_courier_gateway_up", gateway="sms1") == 0, what="the breaker")
        wait_until(lambda: courier.metric("pratu_courier_waiting_messages", channel="sms") == 6, what="the figure")
        with Scripted("accept", port=port) as gateway:
            for message_id in ids:
                assert wait_state(outbox, message_id, *OVER)["state"] == "handed_over"
            assert len(gateway.requests) == 6


# ---------------------------------------------------------------- secrets


def test_no_number_and_no_code_in_log_metrics_or_rows(vault, outbox):
    number, code = "+66899999123", "739182"
    with Scripted("accept", "busy", "accept", "drop", "refuse") as gateway:
        with running(vault, sms=[gateway.url], log_level="debug") as courier:
            for _ in range(4):
                wait_state(outbox, outbox.put("sms", number, f"{code} is your code"), *OVER)
            shown = courier.metrics()
    assert any(code in body for _, body in gateway.requests), "it was sent"
    rows = json.dumps(vault.sql("SELECT to_jsonb(m)::text FROM courier.message m") + vault.sql("SELECT to_jsonb(e)::text FROM record.event e"))
    for secret in (number, number[4:], code, PASSWORD):
        assert secret not in vault.log.read_text() and secret not in shown and secret not in rows


@pytest.mark.parametrize("mode,text", [(0o644, f"pratu {PASSWORD}\n"), (0o600, "pratu\n"), (0o600, ""), (0o600, "a b\nc d\n")])
def test_a_file_of_credentials_is_the_couriers_alone(vault, mode, text):
    with Scripted("accept") as gateway:
        path = vault.dir / "bad.auth"
        path.write_text(text)
        path.chmod(mode)
        with running(vault, sms=[gateway.url], sms_auth_file=path, ready=False) as courier:
            assert courier.process.wait(60) == 1
        assert vault.log_lines("courier.auth_file")[-1]["file"] == str(path)


def test_the_courier_waits_for_the_vault(instances):
    one = instances("courier_alone")
    one.init()
    one.migrate()
    with Scripted("accept") as gateway, running(one, sms=[gateway.url]):
        with one.vault():
            outbox = Outbox(one)
            assert wait_state(outbox, outbox.put("sms", NUMBER, TEXT), *OVER)["state"] == "handed_over"
