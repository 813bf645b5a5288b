# SPDX-License-Identifier: Apache-2.0
"""What the rows share: the loads' input files, sign-ins, codes and tokens, and CPU for one of n."""
import base64
import hashlib
import subprocess
from dataclasses import dataclass
from urllib.parse import quote as percent

import requests

from tests.bench.load import wrk
from tests.bench.stack import REDIRECT, SECRET
from tests.lib.citizen import new_session, sign_in_http
from tests.lib.ports import free_port

VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
TIMEOUT_S = 20


def quote(text):
    return percent(text, safe="")


BASIC = "Basic " + base64.b64encode(f"bench:{quote(SECRET)}".encode()).decode()


def redeem_form(code: str) -> dict:
    return {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": VERIFIER}


@dataclass
class Spent:
    """CPU milliseconds for one of n: each role's, the passwords' hashes taken out of the vault's."""

    each: dict
    hash_ms: float

    def beyond_ms(self) -> float:
        return sum(self.each.values())

    def text(self) -> str:
        return ", ".join(f"{k} {self.each[k]:.2f}" for k in ("web", "vault", "postgres"))


class Client:
    """Requests to one stack."""

    def __init__(self, stack, directory, concurrency: int):
        self.stack, self.dir, self.concurrency = stack, directory, concurrency
        self.sessions = []

    def lines(self, name, lines):
        """A load's input file."""
        path = self.dir / f"{self.stack.instance.name}-{name}"
        path.write_text("\n".join(lines) + "\n")
        return path

    def basic(self):
        return self.lines("basic", [f"Authorization: {BASIC}"])

    def bare(self, name, *arguments) -> list:
        """The figures that a program of tests/bench/bare_*.c prints."""
        return [float(word) for word in subprocess.run(
            [self.dir / name, *map(str, arguments)], check=True, text=True, capture_output=True).stdout.split()]

    def bare_database(self, work: str, seconds: int) -> list:
        """Rate, p50 and p99 (microseconds) of one of the bare loops over this database."""
        return self.bare("bare_database", work, self.stack.conninfo(), self.concurrency, seconds)

    def bare_service(self, work: str, seconds: int) -> float:
        """Rate of the same work for each request to libmicrohttpd alone, loaded as Pratu is."""
        port = free_port()
        with subprocess.Popen([self.dir / "bare_database", "http", work, self.stack.conninfo(), str(self.concurrency), str(port)],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE) as bare:
            bare.stdout.readline()
            load = wrk("get.lua", f"http://localhost:{port}/", connections=self.concurrency, seconds=seconds)
            bare.stdin.close()
        assert load.bad(200) == 0, load.counts
        return load.rate

    # ---- sign-ins

    def browse(self, one, **more):
        """Sign a citizen in with a new browser; the browser, and where it ended."""
        session = new_session(public_origin=self.stack.issuer)
        end = sign_in_http(session, self.stack.base + self.stack.authorize_path(CHALLENGE, **more), one)
        if "code" not in end.params:
            raise SystemExit(f"bench: no code at the end of a sign-in but {end.url}: "
                             f"{end.page.words()[:300] if end.page else end.params}")
        return session, end

    def redeem(self, code: str) -> dict:
        answer = requests.post(self.stack.base + "/token", headers={"Authorization": BASIC}, timeout=TIMEOUT_S,
                               data=redeem_form(code))
        answer.raise_for_status()
        return answer.json()

    def tokens(self, **more) -> dict:
        return self.redeem(self.browse(self.stack.people.one(), **more)[1].params["code"])

    def sign_in(self, one):
        """A whole sign-in: authorize, password, one-time code, code, token, userinfo."""
        token = self.redeem(self.browse(one)[1].params["code"])["access_token"]
        requests.get(self.stack.base + "/userinfo", timeout=TIMEOUT_S,
                     headers={"Authorization": "Bearer " + token}).raise_for_status()

    def sign_in_many(self, n: int):
        for one in self.stack.people.take(n):
            self.sign_in(one)

    # ---- loads

    def open_sessions(self, n: int):
        """n citizens' sessions: each a line PATH TAB COOKIES for the authorize load."""
        path = self.stack.authorize_path(CHALLENGE)
        for one in self.stack.people.take(n):
            cookies = self.browse(one)[0].cookies
            self.sessions.append(f"{path}\t{'; '.join(f'{c.name}={c.value}' for c in cookies)}")

    def codes(self, wanted: int, seconds=12):
        """Authorize with live sessions until so many codes are in a file; the load's figures."""
        return wrk("authorize.lua", self.stack.base, self.lines("sessions", self.sessions), self.dir / "codes", wanted,
                   connections=self.concurrency, seconds=seconds)

    def redeem_bodies(self):
        """The codes of that file as bodies of token requests."""
        return self.lines("bodies", [
            "&".join(f"{k}={quote(v)}" for k, v in redeem_form(c).items()) for c in (self.dir / "codes").read_text().split()])

    # ---- CPU

    def spent(self, work, n: int) -> Spent:
        """CPU that all processes and PostgreSQL used for one of n while work() ran."""
        before, hashed = self.stack.cpu_s(), self.stack.hash_s()
        work()
        after, hash_s = self.stack.cpu_s(), self.stack.hash_s() - hashed
        each = {k: (after[k] - before[k]) * 1000 / n for k in after}
        each["vault"] -= hash_s * 1000 / n
        return Spent(each, hash_s * 1000 / n)

    def hash_ms(self, n=60) -> float:
        """CPU milliseconds of one bare Argon2id of the production setting."""
        return self.bare("bare_hash", n, 19456, 2)[0] / 1000
