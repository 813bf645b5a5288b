# SPDX-License-Identifier: Apache-2.0
"""Rows of what the web role answers by itself: static documents, GET /authorize without a session, the first page."""
import re
import socket
import subprocess
from contextlib import contextmanager
from urllib.parse import urljoin, urlsplit

import requests

from tests.bench.client import CHALLENGE, TIMEOUT_S
from tests.bench.counters import Counters
from tests.bench.load import wrk
from tests.bench.table import at_least, at_most, both
from tests.lib.ports import free_port

CONNECTIONS = 64
ROUNDS = 3


@contextmanager
def bare_http(bench, size: int):
    """The address of libmicrohttpd alone, which answers with so many bytes."""
    port = free_port()
    bare = subprocess.Popen([bench.dir / "bare_http", str(port), str(size)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    bare.stdout.readline()
    try:
        yield f"http://localhost:{port}/"
    finally:
        bare.stdin.close()
        bare.wait(10)


def beside_bare(bench, path: str, size: int, status: int):
    """Ours and the limit, a few times one after the other; the round of the middle ratio."""
    rounds = []
    with bare_http(bench, size) as limit_url:
        for _ in range(ROUNDS):
            limit = wrk("get.lua", limit_url, connections=CONNECTIONS, seconds=bench.seconds)
            ours = wrk("get.lua", bench.stack.base + path, connections=CONNECTIONS, seconds=bench.seconds)
            assert ours.bad(status) == 0, ours.counts
            rounds.append((ours.rate / limit.rate, ours, limit))
    return sorted(rounds, key=lambda r: r[0])[ROUNDS // 2]


def static(bench):
    """discovery and JWKS"""
    for name, path in (("discovery", "/.well-known/openid-configuration"), ("jwks", "/jwks")):
        size = len(requests.get(bench.stack.base + path, timeout=TIMEOUT_S).content)
        ratio, ours, limit = beside_bare(bench, path, size, 200)
        bench.table.add(f"{name}, {CONNECTIONS} connections", ours.text(), f"{limit.rate:,.0f}/s bare libmicrohttpd", ratio,
                        at_least(ratio, 0.6))


def authorize_new(bench):
    """GET /authorize without a session"""
    path = bench.stack.authorize_path(CHALLENGE)
    answer = requests.get(bench.stack.base + path, timeout=TIMEOUT_S, allow_redirects=False)
    assert answer.status_code in (302, 303), answer.text
    size = sum(len(k) + len(v) + 4 for k, v in answer.headers.items()) + len(answer.content)
    ratio, ours, limit = beside_bare(bench, path, size, answer.status_code)
    counters, asked = Counters(bench.stack), []
    with counters.on():
        counts = counters.quick(lambda: asked.append(
            wrk("get.lua", bench.stack.base + path, connections=CONNECTIONS, seconds=1).good(answer.status_code)))
    counters.close()
    statements = counts.calls(utility=False, background=False)
    bench.table.add(f"GET /authorize without a session, {CONNECTIONS} conn.", ours.text(),
                    f"{limit.rate:,.0f}/s bare libmicrohttpd", ratio,
                    both(at_least(ours.rate, 20000, "/s"), ("0 statements", statements == 0)))
    bench.table.note(f"{statements:,} statements and {counts.commits:,} commits in {asked[0]:,} requests")
    if bench.verbose:
        for line in counts.lines(asked[0]):
            bench.table.note(line)


# ---- the first page as a browser gets it

FETCHED = re.compile(
    r"<link\b[^>]*\brel=[\"']?(?:stylesheet|icon|preload|manifest)\b[^>]*>|<(?:script|img|iframe|source)\b[^>]*\bsrc=[^>]*>"
    r"|url\([^)]*\)|@import[^;]*;", re.I)
ADDRESS = re.compile(r"(?:href|src)=[\"']?([^\"' >]+)|url\([\"']?([^\"')]+)|@import\s+[\"']([^\"']+)", re.I)


def fetch(base: str, path: str, cookies: str) -> tuple:
    """GET as Chromium would; the answer's head, its body, and how many bytes were sent."""
    with socket.create_connection((urlsplit(base).hostname, urlsplit(base).port), TIMEOUT_S) as one:
        cookie = f"Cookie: {cookies}\r\n" if cookies else ""
        one.sendall(f"GET {path} HTTP/1.1\r\nHost: {urlsplit(base).netloc}\r\nAccept-Encoding: gzip, deflate, br\r\n"
                    f"Accept-Language: th\r\n{cookie}Connection: close\r\n\r\n".encode())
        sent = b""
        while part := one.recv(65536):
            sent += part
    head, _, body = sent.partition(b"\r\n\r\n")
    return head.decode("latin-1"), body, len(sent)


def header(head: str, name: str) -> str | None:
    return next((l.split(": ", 1)[1] for l in head.split("\r\n")[1:] if l.lower().startswith(name.lower() + ": ")), None)


def linked(text: str) -> list:
    """The addresses that a page or a style sheet makes a browser fetch."""
    found = (ADDRESS.search(tag) for tag in FETCHED.findall(text))
    addresses = [next(filter(None, m.groups())) for m in found if m]
    return [a for a in dict.fromkeys(addresses) if not a.startswith("data:")]


def page(bench):
    """the first page of a sign-in, as sent"""
    base, path, cookies = bench.stack.base, bench.stack.authorize_path(CHALLENGE), ""
    head, body, size = fetch(base, path, cookies)
    while header(head, "Location"):
        jar = [l.split(": ", 1)[1].split(";")[0] for l in head.split("\r\n") if l.lower().startswith("set-cookie: ")]
        cookies = "; ".join(filter(None, [cookies, *jar]))
        path = header(head, "Location").removeprefix(bench.stack.issuer)
        head, body, size = fetch(base, path, cookies)
    assert " 200 " in head.split("\r\n")[0] + " ", head
    parts, more = [(path, len(body), size)], [urljoin(path, a) for a in linked(body.decode())]
    for address in more:
        head, body, size = fetch(base, address, cookies)
        parts.append((address, len(body), size))
        if "text/css" in (header(head, "Content-Type") or "") and not header(head, "Content-Encoding"):
            more += [urljoin(address, a) for a in linked(body.decode()) if urljoin(address, a) not in more]
    total = sum(size for _, _, size in parts)
    bench.table.add("sign-in page on the wire, a first visit", f"{total / 1000:.1f} KB, {len(parts)} requests",
                    f"{sum(n for _, n, _ in parts) / 1000:.1f} KB without headers", None, at_most(total / 1000, 8, " KB"))
    for address, body_len, size in parts:
        bench.table.note(f"{address[:60]}: body {body_len:,} bytes, with headers {size:,}")
