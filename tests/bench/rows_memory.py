# SPDX-License-Identifier: Apache-2.0
"""Rows of memory: proportional set sizes of the roles."""
import socket
import ssl
import time
from concurrent.futures import ThreadPoolExecutor

from tests.bench.table import at_most

CONNECTIONS = 1000
WEB_MIB = 24


def add(bench, what, now=None, highest=None, aim=None):
    """A row of what is used now; judged by the highest that was seen."""
    now = now or bench.stack.memory_mib()
    web = max(highest or 0, now["web"])
    peak = f", at most {web:.1f}" if highest else ""
    bench.table.add(f"memory, {what}", f"web {now['web']:.1f} MiB{peak} (vault {now['vault']:.1f}, serve {now['serve']:.1f})",
                    f"PostgreSQL {now['postgres']:.0f} MiB", None, aim or at_most(web, WEB_MIB, " MiB"))


def is_open(connection) -> bool:
    connection.setblocking(False)
    try:
        while connection.recv(4096):
            pass  # the rest of an answer
        return False
    except (BlockingIOError, ssl.SSLWantReadError):
        return True
    except OSError:
        return False


def begin_request(bench, trust) -> socket.socket:
    """A new connection on which all of a request but its last two bytes was sent."""
    plain = socket.create_connection(("localhost", bench.stack.port), 30)
    one = trust.wrap_socket(plain) if bench.stack.tls else plain
    one.sendall(f"GET /health/live HTTP/1.1\r\nHost: localhost:{bench.stack.port}\r\n".encode())
    return one


def finish_request(connection) -> bool:
    try:
        connection.sendall(b"\r\n")
        return connection.recv(4096).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def many_connections(bench, what):
    """All at once in the middle of a request, then answered, then what the server keeps of them."""
    trust = ssl.create_default_context()
    trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    with ThreadPoolExecutor(4) as some:
        sockets = list(some.map(lambda _: begin_request(bench, trust), range(CONNECTIONS)))
    try:
        begun, n_begun = bench.stack.memory_mib()["web"], sum(map(is_open, sockets))
        for s in sockets:
            s.settimeout(30)
        answered = sum(map(finish_request, sockets))
        used = bench.stack.memory_mib()["web"]
        time.sleep(1)
        kept = bench.stack.memory_mib()
        add(bench, what, kept, max(begun, used), None if answered == CONNECTIONS else ("all are answered", False))
        bench.table.note(f"web {begun:.1f} MiB with {n_begun:,} requests under way, {used:.1f} when {answered:,} had been answered, "
                         f"{kept['web']:.1f} with the {sum(map(is_open, sockets)):,} that it keeps")
    finally:
        for s in sockets:
            s.close()


def many_sessions(bench, n):
    """Copies of a real row, as so many citizens would leave them."""
    bench.stack.instance.sql(f"""
        INSERT INTO idp.session SELECT (jsonb_populate_record(NULL::idp.session, to_jsonb(s) || jsonb_build_object(
            'session_id', gen_random_uuid(), 'token_hash', '\\x' || encode(sha256(g::text::bytea), 'hex')))).*
        FROM (SELECT * FROM idp.session WHERE ended_at IS NULL LIMIT 1) s, generate_series(1, {n}) g""")


def memory(bench):
    """memory on plain HTTP"""
    add(bench, "after the rows above")
    bench.stack.restart()
    add(bench, "idle")
    many_connections(bench, f"{CONNECTIONS:,} connections at once")
    many_sessions(bench, 100_000)
    bench.client.codes(2000, seconds=20)
    add(bench, "100,000 sessions, and 2,000 authorizations")


def memory_tls(bench):
    """memory with 1,000 TLS connections"""
    bench.stack.restart(tls=True)
    try:
        many_connections(bench, f"{CONNECTIONS:,} TLS connections at once")
    finally:
        bench.stack.restart()
