# SPDX-License-Identifier: Apache-2.0
"""Rows of a whole sign-in, with code, token and userinfo: what it asks of the database, and its CPU."""
import subprocess
import time
from contextlib import contextmanager

import requests

from tests.bench.client import TIMEOUT_S, Client
from tests.bench.counters import Counters
from tests.bench.full import fill
from tests.bench.stack import Stack, ended_children_s, threads
from tests.bench.table import at_most, both
from tests.lib.ports import free_port

WARM = 40
COUNTED = 40
TIMED = 100
SETTLED_S, IDLE_S = 3, 20
IDLE_MS = 2  # of each second; it is within the CPU of a sign-in too, for as long as one takes
ROUNDS, ROUND = 4, 40  # of the row "full"


def statements(bench):
    """statements and commits of a sign-in"""
    counters = Counters(bench.stack)
    with counters.on():
        bench.client.sign_in_many(WARM)
        counts = counters.during(lambda: bench.client.sign_in_many(COUNTED))
    counters.close()
    sent = counts.calls(utility=False, background=False) / COUNTED
    commits = counts.commits / COUNTED
    bench.table.add("statements / commits of a whole sign-in", f"{sent:.2f} / {commits:.2f}",
                    f"{counts.transactions / COUNTED:.2f} transactions", None, both(at_most(sent, 8), at_most(commits, 5)))
    if bench.verbose:
        bench.table.note(f"of {COUNTED} sign-ins, for one:")
        for line in counts.lines(COUNTED):
            bench.table.note(line)


# What a browser asks, with one connection, and then an agency, with one for each request.
BROWSER = ("/authorize", "/signin", "/signin/password", "/signin/second", "/signin/factor")
AGENCY = ("/token", "/userinfo")


def bare_once(base):
    """The requests of one sign-in, with the lengths of Pratu's."""
    with requests.Session() as browser:
        for path in BROWSER:
            if path in ("/signin/password", "/signin/factor"):
                browser.post(base + path, data={"t": "x" * 700, "login": "1" * 13}, timeout=TIMEOUT_S).raise_for_status()
            else:
                browser.get(f"{base}{path}?t={'x' * 500}", timeout=TIMEOUT_S).raise_for_status()
    for path in AGENCY:
        requests.post(base + path, data={"code": "x" * 150}, timeout=TIMEOUT_S).raise_for_status()


@contextmanager
def bare_sign_in(bench):
    """tests/bench/bare_signin.c over the stack's database: the process, its address and those of its backends."""
    port = free_port()
    bare = subprocess.Popen([bench.dir / "bare_signin", str(port), bench.stack.conninfo()], stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, text=True)
    try:
        assert bare.stdout.readline() == "ready\n"
        with bench.stack.cluster.connect("postgres") as db:
            rows = db.execute("SELECT pid FROM pg_stat_activity WHERE application_name = 'bare_signin'").fetchall()
        yield bare, f"http://localhost:{port}", [pid for (pid,) in rows]
    finally:
        if bare.poll() is None:
            bare.stdin.close()
            bare.wait(10)


def bare_ms(bench):
    """CPU of one bare sign-in beyond Argon2id, of the program and of its two backends."""
    with bare_sign_in(bench) as (bare, base, backends):
        def used_s():
            return [sum(t.cpu_s for t in threads(pids)) for pids in ([bare.pid], backends)]

        for _ in range(WARM):
            bare_once(base)
        before = used_s()
        for _ in range(TIMED):
            bare_once(base)
        program_s, backends_s = (after - then for after, then in zip(used_s(), before))
        bare.stdin.close()
        hashed_s = float(bare.stdout.readline()) / 1e6
    return (program_s - hashed_s * TIMED / (TIMED + WARM)) * 1000 / TIMED, backends_s * 1000 / TIMED


def sign_in(bench):
    """CPU of a sign-in beyond Argon2id"""
    bench.client.sign_in_many(WARM)
    spent = bench.client.spent(lambda: bench.client.sign_in_many(TIMED), TIMED)
    hash_ms = bench.client.hash_ms()
    program_ms, backends_ms = bare_ms(bench)
    limit_ms = program_ms + backends_ms
    ms, ratio = spent.beyond_ms(), spent.beyond_ms() / hash_ms
    bench.table.add("CPU of a whole sign-in beyond Argon2id", f"{ms:.2f} ms ({spent.text()})",
                    f"one bare hash {hash_ms:.1f} ms", ratio, both(at_most(ms, 1.5, " ms"), at_most(round(ratio, 2), 0.11)))
    bench.table.add("a bare sign-in, likewise", "", f"{limit_ms:.2f} ms (program {program_ms:.2f}, its backends {backends_ms:.2f})",
                    limit_ms / hash_ms)
    bench.table.note(f"Pratu's takes {ms / limit_ms:.1f} times the bare one's")
    bench.table.note(f"the hashing threads used {spent.hash_ms:.1f} ms a sign-in, which is left out")
    if not 0.7 < spent.hash_ms / hash_ms < 1.5:
        bench.table.note("that is far from one bare hash: the figure above is not to be trusted")


def idle(bench):
    """CPU of a stack that nobody asks for anything"""
    bench.client.sign_in_many(WARM)
    time.sleep(SETTLED_S)
    ended_s = ended_children_s(bench.stack.cluster.pid())
    spent = bench.client.spent(lambda: time.sleep(IDLE_S), IDLE_S)
    ended_ms = (ended_children_s(bench.stack.cluster.pid()) - ended_s) * 1000 / IDLE_S
    ms = spent.beyond_ms()
    bench.table.add("CPU of an idle stack, a second", f"{ms:.2f} ms ({spent.text()})",
                    f"PostgreSQL's own processes among it, {IDLE_S} s", None, at_most(ms, IDLE_MS, " ms"))
    bench.table.note(f"{ended_ms:.2f} ms of it are processes of PostgreSQL that have ended: autovacuum, after what ran before")


def full(bench):
    """CPU of a sign-in with 1 million citizens and 10 million rows of the record, against an empty database"""
    stack = Stack(bench.stack.cluster, bench.dir / "stack", "full", bench.concurrency)
    try:
        stack.start()
        stack.apply(ROUNDS * ROUND + WARM)
        filled = Client(stack, bench.dir, bench.concurrency)
        filled.sign_in_many(WARM)
        fill(stack, bench.citizens, bench.records)
        stack.restart()
        ms = {bench.client: 0.0, filled: 0.0}
        for client in ms:
            client.sign_in_many(WARM)
        for _ in range(ROUNDS):
            for client in ms:
                ms[client] += client.spent(lambda: client.sign_in_many(ROUND), ROUND).beyond_ms() / ROUNDS
    finally:
        stack.stop()
        stack.instance.remove()
    empty_ms, full_ms = ms.values()
    bench.table.add(f"the same with {bench.citizens:,} citizens, {bench.records:,} rows", f"{full_ms:.2f} ms",
                    f"{empty_ms:.2f} ms with an empty database", full_ms / empty_ms, at_most(full_ms / empty_ms, 1.1))
