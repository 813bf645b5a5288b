# SPDX-License-Identifier: Apache-2.0
"""Those who take their time, and those who come in crowds: the others are served meanwhile."""
import json
import os
import pathlib
import resource
import select
import socket
import statistics
import subprocess
import threading
import time

import pytest

from lib.flavour import SANITIZED, SLACK
from raw import ECHO, Wire, limit_files, wait_until

LATE_S = 6  # of a limit of 1 s; without one, the shortest of these tests takes 10 s

PARTIAL = {
    "nothing": b"",
    "half_a_line": b"GET /echo HT",
    "half_a_head": b"GET /echo HTTP/1.1\r\nHost: a\r\nX-A: b",
    "half_a_body": b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc",
}


def drip(wire, data, pause_s):
    """Byte by byte until the server has had enough; True if it has."""
    for byte in data:
        try:
            wire.send(bytes([byte]))
        except OSError:
            return True
        if select.select([wire.socket], [], [], pause_s)[0]:
            return True
    return False


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("name", PARTIAL)
def test_a_request_that_stops_midway(start, name, tls):
    server = start(tls=tls, timeout_s=1)
    began = time.monotonic()
    with Wire(server) as wire:
        wire.send(PARTIAL[name])
        answer = wire.answer()
        taken = time.monotonic() - began
        assert wire.is_closed()
    assert 0.9 <= taken <= LATE_S
    if name == "nothing":
        assert answer is None
    else:
        assert answer.status == 408 and len(answer.headers["correlation-id"]) == 22


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("head", [b"", b"GET /echo HTTP/1.1\r\nX-A: ",
                                  b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\n"])
def test_dripping_does_not_lengthen_the_time(start, head, tls):
    server = start(tls=tls, timeout_s=1)
    began = time.monotonic()
    with Wire(server) as wire:
        wire.send(head)
        assert drip(wire, b"G" * 100, 0.1)
        answer = wire.answer()
        assert answer is not None and answer.status == 408
    assert 0.9 <= time.monotonic() - began <= LATE_S


@pytest.mark.parametrize("hello", [b"", b"\x16\x03\x01\x02\x00\x01"])
def test_a_handshake_that_stalls(start, hello):
    server = start(tls=True, timeout_s=1)
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as stalled:
        stalled.sendall(hello)
        assert stalled.recv(1) == b""


@pytest.mark.parametrize("tls", [False, True])
def test_an_idle_connection_is_kept_but_not_its_next_slow_request(start, tls):
    server = start(tls=tls, timeout_s=1)
    with Wire(server) as wire:
        wire.send(b"GET /inline HTTP/1.1\r\nHost: a\r\n\r\n")
        assert wire.answer().status == 200
        assert select.select([wire.socket], [], [], 2.5)[0] == []
        wire.send(b"GET /inline HTTP/1.1\r\nHost: a\r\n\r\n")
        assert wire.answer().status == 200
        began = time.monotonic()
        wire.send(b"GET /inline HT")
        assert wire.answer().status == 408
        assert 0.9 <= time.monotonic() - began <= LATE_S


def latencies(server, n):
    taken = []
    for _ in range(n):
        began = time.monotonic()
        assert server.get().status == 200
        taken.append(time.monotonic() - began)
    return taken


@pytest.mark.alone
@pytest.mark.parametrize("tls", [False, True])
def test_two_thousand_slow_ones(start, tls):
    server = start(tls=tls, timeout_s=5, max=4096)
    slow = []
    try:
        for i in range(2000):
            slow.append(Wire(server, timeout=30) if not tls else raw_socket(server))
            feed(slow[-1], i)
        taken = latencies(server, 50)
        assert statistics.median(taken) < 0.1 * SLACK and max(taken) < SLACK
        assert wait_until(lambda: all(ended(s) for s in slow), 20)
        assert SANITIZED or server.memory_kib() < 160 * 1024
    finally:
        for one in slow:
            (one.socket if isinstance(one, Wire) else one).close()


def raw_socket(server):
    """For TLS: a handshake each would be slow for the test's own sake, and stalling in it is as good."""
    return socket.create_connection(("127.0.0.1", server.port), timeout=30)


def feed(one, i):
    if isinstance(one, Wire):
        one.send(list(PARTIAL.values())[i % len(PARTIAL)])
    else:
        one.sendall([b"", b"\x16\x03\x01\x02\x00\x01"][i % 2])


def ended(one):
    """Closed, or an answer (which here can only be 408)."""
    sock = one.socket if isinstance(one, Wire) else one
    poller = select.poll()
    poller.register(sock, select.POLLIN)
    return bool(poller.poll(0))


@pytest.mark.parametrize("tls", [False, True])
def test_a_crowd_of_idle_ones_makes_room(start, tls):
    """More than max_connections: the oldest idle ones of each loop go, the newest are served."""
    server = start(tls=tls, timeout_s=5, max=64)
    crowd = []
    try:
        for _ in range(200):
            crowd.append(Wire(server))
            crowd[-1].send(b"GET /inline HTTP/1.1\r\nHost: a\r\n\r\n")
            assert crowd[-1].answer().body == b"inline"
        assert wait_until(lambda: sum(ended(wire) for wire in crowd) >= 200 - 64)
        crowd[-1].send(b"GET /inline HTTP/1.1\r\nHost: a\r\n\r\n")
        assert crowd[-1].answer().body == b"inline"
    finally:
        for wire in crowd:
            wire.socket.close()


def test_a_crowd_of_slow_ones_makes_room(start):
    """More than max_connections, all within their time: those that had two seconds give way."""
    server = start(timeout_s=30, max=64)
    crowd = []
    try:
        for _ in range(64):
            crowd.append(raw_socket(server))
            crowd[-1].sendall(b"GET /e")
        began = time.monotonic()
        assert server.get().status == 200
        assert time.monotonic() - began < 15
    finally:
        for one in crowd:
            one.close()


def test_without_a_descriptor_the_loops_rest(start):
    """Who waits to be accepted keeps the listening socket readable: the loops look again by their tick, and do not spin."""
    server = start()
    pid = server.process.pid
    soft, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    with Wire(server) as before:
        before.send(b"GET /echo HTTP/1.1\r\nHost: a\r\n\r\n")
        assert before.answer().status == 200
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (server.files(), hard))
        with Wire(server) as wire:
            wire.send(b"GET /echo HTTP/1.1\r\nHost: a\r\n\r\n")
            spent_s = cpu_s(pid)
            assert not select.select([wire.socket], [], [], 2)[0], "nothing can be accepted"
            spent_s = cpu_s(pid) - spent_s
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (soft, hard))
            assert wire.answer().status == 200
    assert spent_s < 0.5, "two loops that spin take up to 4 s"


def cpu_s(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")



@pytest.mark.parametrize("tls", [False, True])
def test_silent_ones_beyond_the_files_keep_nobody_out(start, tls):
    """64 descriptors, and 200 connections that say nothing: those make room, and accept never fails."""
    server = start(tls=tls, files=64, timeout_s=30, log=1)
    crowd = []
    try:
        crowd = [raw_socket(server) for _ in range(200)]
        began = time.monotonic()
        with Wire(server, timeout=30) as wire:
            wire.send(b"GET /echo HTTP/1.1\r\nHost: a\r\n\r\n")
            assert wire.answer().status == 200
        assert time.monotonic() - began < 15
        assert server.files() <= 64
    finally:
        for one in crowd:
            one.close()
    lines = [json.loads(line) for line in server.log_lines()]
    fewer = [line for line in lines if line["what"] == "http.connections"]
    assert [(line["max_connections"], line["wanted_open_files"]) for line in fewer] == [(4096, 4386)]
    assert 4 <= int(fewer[0]["allowed"]) < 64
    full = [line for line in lines if line["what"] == "http.connections_full"]
    assert 1 <= len(full) <= 10


def test_too_few_files_stop_the_start():
    done = subprocess.run([ECHO, "port=1"], capture_output=True, timeout=60, preexec_fn=lambda: limit_files(34))
    assert done.returncode == 1 and b'"allowed"' in done.stderr and b"ready" not in done.stdout


@pytest.mark.parametrize("tls", [False, True])
def test_a_connection_takes_no_more_memory_than_doctor_reckons_with(start, tls):
    """Each with the largest head and the largest body but one byte: HTTP_SIZE_CONNECTION_KIB."""
    server, n = start(tls=tls, timeout_s=12), 200
    head = b"POST /echo HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 15000 + b"\r\nContent-Length: 65536\r\n\r\n"
    before, crowd = server.own_memory_kib(), []
    try:
        for _ in range(n):
            crowd.append(Wire(server))
            crowd[-1].send(head + b"a" * 65535)
        assert wait_until(lambda: server.own_memory_kib() - before > n * 64)
        assert SANITIZED or server.own_memory_kib() - before < n * 128
    finally:
        for wire in crowd:
            wire.socket.close()
    # The library may miss an end that comes with the last bytes: then time ends them.
    assert wait_until(lambda: server.files() <= server.files_at_start, 60)


def test_a_thousand_tls_connections_and_what_they_leave(start):
    """Each used once: few of them are kept idle, and the memory of the others is given back."""
    server = start(tls=True, timeout_s=600)
    crowd = []
    try:
        for _ in range(1000):
            crowd.append(Wire(server))
        for wire in crowd:
            wire.send(b"GET /inline HTTP/1.1\r\nHost: a\r\n\r\n")
        for wire in crowd:
            assert wire.answer().body == b"inline"
        assert SANITIZED or wait_until(lambda: server.own_memory_kib() < 20 * 1024)
        crowd[-1].send(b"GET /inline HTTP/1.1\r\nHost: a\r\n\r\n")
        assert crowd[-1].answer().body == b"inline"
    finally:
        for wire in crowd:
            wire.socket.close()
    assert SANITIZED or wait_until(lambda: server.own_memory_kib() < 6 * 1024)


@pytest.mark.alone
def test_a_slow_reader_holds_up_nobody(start):
    server = start(timeout_s=1)
    with socket.socket() as reader:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        reader.connect(("127.0.0.1", server.port))
        reader.sendall(b"GET /big HTTP/1.1\r\nHost: a\r\n\r\n")
        began = time.monotonic()
        while time.monotonic() - began < 1.5:
            assert reader.recv(512) != b""
            assert max(latencies(server, 2)) < 0.5 * SLACK
        # six times the request's time, and it is over, though it reads on
        end_s = 12 * SLACK
        end = began + end_s
        while time.monotonic() < end and reader_goes_on(reader):
            pass
        assert 5 <= time.monotonic() - began < end_s


def reader_goes_on(reader):
    time.sleep(0.02)
    try:
        return reader.recv(512) != b""
    except ConnectionError:
        return False


@pytest.mark.alone
def test_a_full_lane_says_so_at_once(start):
    server = start(queue=2, log=1)
    statuses, lock = [], threading.Lock()

    def one():
        began = time.monotonic()
        answer = server.get("/slow")
        with lock:
            statuses.append((answer.status, answer.headers.get("retry-after"), time.monotonic() - began))

    threads = [threading.Thread(target=one) for _ in range(20)]
    for thread in threads:
        thread.start()
    assert max(latencies(server, 5)) < 0.3 * SLACK
    for thread in threads:
        thread.join()
    full = [s for s in statuses if s[0] == 503]
    assert len(full) >= 10
    assert all(retry and taken < 0.3 * SLACK for _, retry, taken in full)
    assert len([s for s in statuses if s[0] == 200]) >= 4
    assert len(full) + len([s for s in statuses if s[0] == 200]) == 20
    printed = [json.loads(line) for line in server.log_lines(requests=20) if b"http.lane_full" in line]
    assert [line["lane"] for line in printed] == ["slow"]  # one line, not one for each


def test_many_requests_pipelined_without_reading(start):
    """Answers wait in the socket, not in memory."""
    server = start(timeout_s=2)
    request = b"GET /echo?" + b"a" * 1000 + b" HTTP/1.1\r\nHost: a\r\n\r\n"
    with Wire(server, timeout=1) as wire:
        before = server.memory_kib()
        try:
            for _ in range(40000):
                wire.send(request)
        except (TimeoutError, OSError):
            pass
        assert SANITIZED or server.memory_kib() < before + 8192


@pytest.mark.parametrize("tls", [False, True])
def test_stop_finishes_what_is_in_flight(start, tls):
    server = start(tls=tls)
    with Wire(server) as idle, Wire(server) as busy:
        idle.send(b"GET /inline HTTP/1.1\r\nHost: a\r\n\r\n")
        assert idle.answer().status == 200
        busy.send(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
        assert wait_until(lambda: threads_sleeping(server))
        began = time.monotonic()
        server.process.terminate()
        assert idle.is_closed()
        answer = busy.answer()
        assert answer.status == 200 and answer.headers["connection"] == "close"
        assert server.process.wait(timeout=30) == 0
        assert time.monotonic() - began < 8
    server.is_well = lambda: True  # it has been stopped on purpose


def threads_sleeping(server):
    """A worker is in the slow handler: its stack says so only to root, its wait channel to nobody; so ask the clock."""
    time.sleep(0.1)
    return server.process.poll() is None


def test_forwarded_for_is_believed_from_proxies_only(start):
    forwarded = b"X-Forwarded-For: 203.0.113.9, 198.51.100.7\r\nX-Forwarded-For: 192.0.2.1\r\n"
    assert start().get(extra=forwarded).fields["address"] == "127.0.0.1"
    trusting = start(proxies="127.0.0.1 192.0.2.1")
    assert trusting.get(extra=forwarded).fields["address"] == "198.51.100.7"
    assert trusting.get(extra=b"X-Forwarded-For: nonsense\r\n").fields["address"] == "127.0.0.1"
