# SPDX-License-Identifier: Apache-2.0
"""Clients that go on asking while something is done to the service: sign-ins to the last token, agencies' requests and
pages, over connections that are kept, also idle for a while. Every request is counted, and each that was lost."""
import itertools
import random
import threading
import time
from urllib.parse import urlencode

import requests
from crowd import CLIENT
from lib.citizen import Browser, Citizen, fill_code, follow, origin, sign_in_http

SIGNING_IN, ASKING, LOOKING = 3, 2, 3  # clients of each kind
CALLBACK = CLIENT["redirect_uris"][0]
IDLE_MOST_S = 3.0


class Counted(Browser):
    """Sends nothing twice: what fails is lost."""

    load = None

    def send(self, request, **options):
        what = f"{request.method} {request.url.split('?')[0]}"
        try:
            answer = super().send(request, **options)
        except requests.RequestException as fault:
            self.load.note(what, repr(fault))
            raise
        self.load.note(what, None if answer.status_code < 500 else f"{answer.status_code} {answer.headers} {answer.text[:300]}")
        return answer


class Load:
    def __init__(self, issuer, ca, people):
        self.issuer, self.ca = issuer, str(ca)
        self.people = [Citizen(p["alias"], p["password"], p["totp_secret"]) for p in people]
        self.waiting = iter(self.people)
        self.lock, self.stop = threading.Lock(), threading.Event()
        self.answered, self.lost, self.signed_in, self.slowest_s, self.faults = 0, [], 0, 0.0, []
        kinds = [self.sign_in] * SIGNING_IN + [self.ask] * ASKING + [self.look] * LOOKING
        self.threads = [threading.Thread(target=self.work, args=(kind, n)) for n, kind in enumerate(kinds)]

    def __enter__(self):
        for one in self.threads:
            one.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for one in self.threads:
            one.join(120)

    def note(self, what, fault):
        with self.lock:
            self.answered += fault is None
            if fault:
                self.lost.append(f"{time.strftime('%H:%M:%S')} {what}: {fault}")

    def await_more(self, n, sign_ins=0, timeout_s=120):
        """Until n more requests were answered, and so many more citizens are signed in."""
        until, wanted, people = time.monotonic() + timeout_s, self.answered + n, self.signed_in + sign_ins
        while self.answered < wanted or self.signed_in < people:
            assert not self.lost, self.lost
            assert time.monotonic() < until, f"{wanted - self.answered} requests and {people - self.signed_in} sign-ins are missing"
            time.sleep(0.02)

    def session(self):
        one = Counted()
        one.load, one.verify, one.trust_env = self, self.ca, False
        return one

    def authorize_url(self):
        return f"{self.issuer}/authorize?" + urlencode({"client_id": CLIENT["client_id"], "redirect_uri": CALLBACK,
                                                        "response_type": "code", "scope": "openid profile", "state": "s"})  # fmt: skip

    def work(self, kind, n):
        session, chance = self.session(), random.Random(n)
        while not self.stop.is_set():
            began = time.monotonic()
            try:
                kind(session, chance)
            except requests.RequestException:
                pass  # noted
            except Exception as fault:
                self.faults.append(repr(fault))
                return
            self.slowest_s = max(self.slowest_s, time.monotonic() - began)

    def token(self, session, code):
        return session.post(self.issuer + "/token", auth=(CLIENT["client_id"], CLIENT["client_secret"]), timeout=30,
                            data={"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK})  # fmt: skip

    def begin(self):
        """A sign-in up to its second factor: what goes on with it."""
        with self.lock:
            citizen = next(self.waiting)
        session = self.session()
        end = sign_in_http(session, self.authorize_url(), citizen, stop_at="factor")
        assert end.steps == ["password"], end
        return session, end.page, citizen

    def finish(self, begun):
        session, page, citizen = begun
        end = follow(session, fill_code(session, page, citizen), origin(self.issuer))
        tokens = self.token(session, end.params["code"]).json()
        known = session.get(self.issuer + "/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"}, timeout=30)
        assert known.status_code == 200
        with self.lock:
            self.signed_in += 1

    def sign_in(self, _session, chance):
        try:
            begun = self.begin()
        except StopIteration:  # all are signed in
            self.stop.wait()
            return
        self.stop.wait(chance.uniform(0, 0.5))  # typing the code
        self.finish(begun)

    def ask(self, session, chance):
        """An agency that presents a code that is none."""
        assert self.token(session, "A" * 43).status_code in (400, 503)
        self.stop.wait(chance.uniform(0, 0.05))

    def look(self, session, chance):
        """Often, then seldom: the connection is idle for longer and longer, and begins anew."""
        for n in itertools.islice(itertools.count(), 20):
            assert session.get(self.issuer + chance.choice(["/connect", "/jwks", "/help"]), timeout=30).status_code in (200, 502, 503)
            if self.stop.wait(chance.uniform(0, 0.02) if n else chance.uniform(0, IDLE_MOST_S)):
                return
