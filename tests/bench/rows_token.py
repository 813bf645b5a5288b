# SPDX-License-Identifier: Apache-2.0
"""Rows of the quick lane: authorize with a live session, code redemption, userinfo, tokens during a sign-in storm."""
import time

from tests.bench.client import CHALLENGE, quote
from tests.bench.load import wrk, wrk_read, wrk_start
from tests.bench.table import at_least, at_most
from tests.lib.citizen import new_session, sign_in_http

ROUNDS = 3
CODES = 12000


def middle(rounds: list):
    return sorted(rounds, key=lambda r: r[0])[len(rounds) // 2]


def limits(bare: list, work: str, service: float, more="") -> str:
    """The bare loop, which the ratio is to, and what a client gets of the same work over HTTP, wrk's share of the CPU included."""
    return f"{bare[0]:,.0f}/s {work}; {more}over bare HTTP {service:,.0f}/s"


def authorize(bench):
    """authorize with a live session"""
    rounds = []
    for _ in range(ROUNDS):
        bare, service = bench.client.bare_database("issue", bench.seconds), bench.client.bare_service("issue", bench.seconds)
        ours = bench.client.codes(10**9, seconds=bench.seconds)
        assert ours.bad(302, 303) == 0, ours.counts
        rounds.append((ours.rate / bare[0], ours, bare, service))
    ratio, ours, bare, service = middle(rounds)
    bench.table.add(f"authorize with a live session, {bench.concurrency} conn.", ours.text(),
                    limits(bare, "committed INSERT of one row", service), ratio, at_least(ours.rate, 6000, "/s"))


def redemption(bench):
    """code redemption, two ES256 signatures"""
    client, rounds = bench.client, []
    for _ in range(ROUNDS):
        client.codes(CODES)
        bodies, headers = client.redeem_bodies(), client.basic()
        bare, service = client.bare_database("redeem", bench.seconds), client.bare_service("redeem", bench.seconds)
        before = bench.stack.cpu_s()
        ours = wrk("post.lua", bench.stack.base + "/token", headers, bodies, connections=bench.concurrency,
                   seconds=bench.seconds)
        after, total = bench.stack.cpu_s(), sum(ours.counts.values())
        # The last answers after the file's end are second uses of the first codes.
        assert ours.bad(200) <= max(0, total - len(bodies.read_text().split())), ours.counts
        each = {k: (after[k] - before[k]) * 1e6 / total for k in ("web", "vault", "postgres")}
        rounds.append((ours.rate / bare[0], ours, bare, service, each))
    ratio, ours, bare, service, each = middle(rounds)
    bench.table.add(f"code redemption, 2 ES256 signatures, {bench.concurrency} conn.", ours.text(),
                    limits(bare, "UPDATE + 2 signatures", service), ratio, at_least(ratio, 0.6))
    bench.table.note("CPU of one redemption: " + ", ".join(f"{k} {us:.0f} us" for k, us in each.items()))


def userinfo(bench):
    """userinfo with an access token"""
    headers = bench.client.lines("bearer", [f"Authorization: Bearer {bench.client.tokens()['access_token']}"])
    rounds = []
    for _ in range(ROUNDS):
        bare, service = bench.client.bare_database("look", bench.seconds), bench.client.bare_service("disclose", bench.seconds)
        ours = wrk("get.lua", bench.stack.base + "/userinfo", headers, connections=bench.concurrency, seconds=bench.seconds)
        assert ours.bad(200) == 0, ours.counts
        rounds.append((ours.rate / bare[0], ours, bare, service))
    ratio, ours, bare, service = middle(rounds)
    bench.table.add(f"userinfo, {bench.concurrency} connections", ours.text(), limits(bare, "SELECT + 1 verification", service, "with a committed INSERT "), ratio,
                    at_least(ours.rate, 12000, "/s"))


# ---- tokens while the slow lane is full of sign-ins


def storm_files(bench):
    """Wrong passwords of nobody's names, from one browser: the address, the headers, the bodies."""
    session = new_session(public_origin=bench.stack.issuer)
    end = sign_in_http(session, bench.stack.base + bench.stack.authorize_path(CHALLENGE), None, stop_at="password")
    form = end.page.form_with(type="password")
    login = form.find(autocomplete="username")["name"]
    secret = form.find(type="password")["name"]
    fixed = "&".join(f"{quote(k)}={quote(v)}" for k, v in form.values().items() if k not in (login, secret))
    guesses = bench.client.lines("guesses", [f"{fixed}&{login}=nobody{{n}}&{secret}=wrong+password+{{n}}"])
    headers = bench.client.lines("storm", [
        "Cookie: " + "; ".join(f"{c.name}={c.value}" for c in session.cookies),
        f"Origin: {bench.stack.issuer}", "Sec-Fetch-Site: same-origin"])
    return form.action, headers, guesses


def wait_for_hashing(stack):
    """Until the vault is at work on the storm's passwords."""
    before, end = stack.hash_s(), time.monotonic() + 10
    while stack.hash_s() < before + 0.1:
        if time.monotonic() > end:
            raise SystemExit("bench: the storm's passwords are not hashed")
        time.sleep(0.05)


def storm(bench):
    """token p99 in a sign-in storm"""
    refresh = bench.client.tokens(scope="openid offline_access", prompt="consent")["refresh_token"]
    bodies = bench.client.lines("refresh", [f"grant_type=refresh_token&refresh_token={refresh}"])
    headers, files, rounds = bench.client.basic(), storm_files(bench), []

    def tokens():
        load = wrk("post.lua", bench.stack.base + "/token", headers, bodies, "again", connections=2, seconds=bench.seconds)
        assert load.bad(200) == 0, load.counts
        return load

    tokens()  # connections and plans are warm
    for _ in range(ROUNDS):
        idle = tokens()
        stormy = wrk_start("post.lua", *files, "again", connections=64, seconds=bench.seconds + 3)
        wait_for_hashing(bench.stack)
        busy = tokens()
        tries = wrk_read(stormy.communicate(timeout=60)[0])
        if not tries.good(200, 303, 503):
            raise SystemExit(f"bench: the storm was not answered: {tries.counts}")
        rounds.append((busy.p99_us / idle.p99_us, busy, idle, tries))
    ratio, busy, idle, tries = middle(rounds)
    bench.table.add("token p99 in a sign-in storm", f"{busy.p99_us / 1000:.1f} ms (p50 {busy.p50_us / 1000:.1f})",
                    f"idle {idle.p99_us / 1000:.1f} ms (p50 {idle.p50_us / 1000:.1f})", ratio, at_most(ratio, 2, "x"))
    bench.table.note(f"the storm: {tries.rate:,.0f} sign-in tries/s, {tries.counts}")
