# SPDX-License-Identifier: Apache-2.0
"""Citizens sign in at two web processes, from the authorization request to the tokens, while `pratu keys rotate --now`
runs: at the moment a token is received, both publish the key that it names."""
import threading
from types import SimpleNamespace

import pytest
from lib.agency import CITIZENS, Agency, header_of
from lib.citizen import Citizen, new_session, sign_in_http
from lib.ports import free_port
from lib.stack import wait_until

ALGS = {"es": "ES256", "rs": "RS256", "ps": "PS256"}
SOMCHAI = Citizen("somchai", CITIZENS[0]["password"], sandbox_code=CITIZENS[0]["sandbox_code"])


@pytest.fixture(scope="module")
def origins(stack):
    """The addresses of both."""
    made = [Agency(stack, name, "basic", id_token_signed_response_alg=alg) for name, alg in ALGS.items()]
    stack.apply({"clients": [a.document() for a in made], "citizens": CITIZENS})
    port = free_port()
    conf = stack.write_settings(stack.dir / "second.conf", listen=f"127.0.0.1:{port}")
    with stack.run("web", conf=conf):
        yield [stack.issuer, f"https://localhost:{port}"]


def sign_in(stack, origin, name):
    """A whole sign-in at one web process; the kids of its tokens."""
    at = SimpleNamespace(issuer=origin, certificate=stack.certificate)
    agency = Agency(at, name, "basic")
    browser = new_session(str(stack.certificate), public_origin=stack.issuer)
    end = sign_in_http(browser, agency.authorize_url(), SOMCHAI)
    assert end.steps == ["password", "factor"], end
    answer = agency.redeem(end.params["code"])
    assert answer.status_code == 200, answer.text
    tokens = answer.json()
    assert header_of(tokens["id_token"])["alg"] == ALGS[name]
    return {header_of(tokens[which])["kid"] for which in ("id_token", "access_token")}


class Citizens(threading.Thread):
    """Signs in at one web process again and again; each kid is looked for at both at once."""

    def __init__(self, stack, origins, origin):
        super().__init__()
        self.stack, self.origins, self.origin = stack, origins, origin
        self.seen, self.rounds, self.faults, self.stop = set(), 0, [], threading.Event()
        self.http = new_session(str(stack.certificate))

    def published(self, address):
        answer = self.http.get(address + "/jwks", timeout=10)
        assert answer.status_code == 200, answer.text
        return {key["kid"] for key in answer.json()["keys"]}

    def round(self):
        for name in ALGS:
            kids = sign_in(self.stack, self.origin, name)
            for address in self.origins:
                lacking = kids - self.published(address)
                assert not lacking, f"a token of {self.origin} names {lacking}, which {address} does not publish"
            self.seen |= kids
        self.rounds += 1

    def run(self):
        try:
            while not self.stop.is_set():
                self.round()
        except BaseException as fault:
            self.faults.append(fault)
            raise

    def has(self, true):
        """For wait_until; a fault ends the waiting."""
        return lambda: self.faults or true()


def kids(stack):
    return {key["kid"] for key in stack.json("keys", "list")}


def a_round_of_each(citizens, when):
    for one in citizens:
        n = one.rounds
        wait_until(one.has(lambda one=one, n=n: one.rounds > n), timeout_s=120, what=f"a sign-in {when}")


def test_each_key_is_published_by_both_before_a_citizen_gets_a_token_of_it(stack, origins):
    citizens = [Citizens(stack, origins, origin) for origin in origins]
    for one in citizens:
        one.start()
    try:
        a_round_of_each(citizens, "before the rotation")
        former = kids(stack)
        stack.pratu("keys", "rotate", "--now")
        made = kids(stack) - former
        assert len(made) == len(ALGS)
        for one in citizens:
            wait_until(one.has(lambda one=one: made <= one.seen), timeout_s=120, what="tokens of the new keys")
        a_round_of_each(citizens, "after it")
    finally:
        for one in citizens:
            one.stop.set()
        for one in citizens:
            one.join()
    assert not [fault for one in citizens for fault in one.faults]
