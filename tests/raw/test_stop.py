# SPDX-License-Identifier: Apache-2.0
"""The stop: what was sent is answered, on connections that are idle, new or silent, and each answer is the last of its connection."""
import time

import pytest
from raw import Wire

GET = b"GET /inline HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.fixture(params=[False, True], ids=["plain", "tls"])
def server(start, request):
    one = start(tls=request.param)
    yield one
    one.is_well = lambda: True  # it has been stopped on purpose


def stop(server):
    """SIGTERM; returns when it is noticed: an answer closes its connection. Who connects is still accepted then."""
    server.process.terminate()
    for _ in range(1000):
        with Wire(server) as new:
            new.send(GET)
            answer = new.answer()
        assert answer.status == 200
        if answer.headers.get("connection") == "close":
            return
    raise AssertionError("it does not stop")


def test_an_idle_connection_has_one_more_request(server):
    with Wire(server) as idle:
        idle.send(GET)
        assert idle.answer().headers.get("connection") != "close"
        stop(server)
        idle.send(GET)
        answer = idle.answer()
        assert (answer.status, answer.headers["connection"]) == (200, "close")
        assert idle.is_closed()
    assert server.process.wait(30) == 0


def test_a_connection_that_is_new_and_silent_has_its_request(server):
    with Wire(server) as silent:
        stop(server)
        silent.send(GET)
        answer = silent.answer()
        assert (answer.status, answer.headers["connection"]) == (200, "close")
    assert server.process.wait(30) == 0


def test_half_a_request_is_received_whole(server):
    with Wire(server) as slow:
        slow.send(GET[:20])
        stop(server)
        slow.send(GET[20:])
        assert slow.answer().status == 200
    assert server.process.wait(30) == 0


def test_who_sends_nothing_holds_up_no_end(server):
    with Wire(server) as idle, Wire(server) as silent:
        idle.send(GET)
        assert idle.answer().status == 200
        began = time.monotonic()
        stop(server)
        assert silent.is_closed() and idle.is_closed()
        assert server.process.wait(30) == 0
        assert time.monotonic() - began < 10


@pytest.mark.alone
def test_without_connections_it_ends_at_once(server):
    began = time.monotonic()
    server.process.terminate()
    assert server.process.wait(30) == 0
    assert time.monotonic() - began < 2.5, "it waits for nobody"
