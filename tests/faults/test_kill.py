# SPDX-License-Identifier: Apache-2.0
"""kill -9 at random moments of 200 sign-ins: what was acknowledged stands in the record, once (I1, I2, I3), and the service
comes back by itself."""
import base64
import json
import queue
import random
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

import psycopg
import requests
from crowd import CLIENT
from lib.citizen import Citizen, sign_in_http
from lib.flavour import SANITIZED
from lib.stack import wait_until

PARALLEL = 4
DEADLINE_S = 900
STRIKES = 10 if SANITIZED else 32
CALLBACK = CLIENT["redirect_uris"][0]


@dataclass
class Acknowledged:
    """What clients were told: by citizen, codes and tokens that really arrived."""

    tokens: dict = field(default_factory=dict)
    codes: list = field(default_factory=list)
    failures: int = 0


def url(stack):
    wanted = {
        "client_id": CLIENT["client_id"], "redirect_uri": CALLBACK, "response_type": "code",
        "scope": "openid profile", "state": "s",
    }
    return f"{stack.issuer}/authorize?{urlencode(wanted)}"


def redeem(stack, code):
    answer = requests.post(
        stack.issuer + "/token",
        data={"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK},
        auth=(CLIENT["client_id"], CLIENT["client_secret"]),
        verify=str(stack.ca),
        timeout=20,
    )
    return answer.json() if answer.status_code == 200 else None


def try_once(stack, citizen, acknowledged) -> bool:
    """One sign-in from the first page to the tokens. What arrives is noted at once."""
    try:
        end = sign_in_http(stack.session(), url(stack), citizen)
        code = end.params.get("code")
        if not code:
            return False
        acknowledged.codes.append(code)
        tokens = redeem(stack, code)
    except (requests.RequestException, AssertionError):
        return False
    if tokens:
        acknowledged.tokens[citizen.login] = tokens
    return tokens is not None


def work(stack, waiting, acknowledged, stop):
    """Take citizens until all are in; one that failed goes to the end of the line, where its next code will be due."""
    while not stop.is_set():
        try:
            citizen = waiting.get_nowait()
        except queue.Empty:
            return
        if not try_once(stack, citizen, acknowledged):
            acknowledged.failures += 1
            time.sleep(0.2)
            waiting.put(citizen)


def hit(processes, chance, what) -> bool:
    """Kill one; False where it is away just now."""
    if what == "backend":
        return processes.kill_backend(chance.choice)
    if what == "postmaster":
        return processes.kill_postmaster()
    return processes.kill_role(what)


def revive(processes):
    """PostgreSQL gives up for good when its recovery itself is killed: some seconds later, while its children end."""
    if processes.postmaster() is None:
        processes.start_postgresql()


def strike(processes, chance, stop, struck):
    """Kill one process after another, at random moments; the first four strikes are one of each."""
    kinds = ["web", "vault", "backend", "postmaster"]
    plan = chance.sample(kinds, 4) + chance.choices(kinds, [3, 3, 2, 1], k=STRIKES - 4)
    for what in plan:
        if stop.wait(chance.uniform(0.3, 2.0)) and len(struck) == len(kinds):
            return
        while not hit(processes, chance, what) and not stop.wait(0.05):
            pass
        struck[what] = struck.get(what, 0) + 1
        revive(processes)
    while not stop.wait(1):
        revive(processes)


def storm(stack, processes, people, seed):
    acknowledged, struck, stop, calm = Acknowledged(), {}, threading.Event(), threading.Event()
    waiting = queue.Queue()
    for one in people:
        waiting.put(Citizen(one["alias"], one["password"], one["totp_secret"]))
    workers = [threading.Thread(target=work, args=(stack, waiting, acknowledged, stop)) for _ in range(PARALLEL)]
    killer = threading.Thread(target=strike, args=(processes, random.Random(seed), calm, struck))
    killer.start()
    for one in workers:
        one.start()
    end = time.monotonic() + DEADLINE_S
    for one in workers:
        one.join(max(1, end - time.monotonic()))
    stop.set()
    calm.set()
    killer.join()
    return acknowledged, struck


def claims(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def database_answers(stack, processes) -> bool:
    """Not while it recovers from the last strike."""
    revive(processes)
    try:
        return stack.sql("SELECT true") == [(True,)]
    except psycopg.OperationalError:
        return False


def rows_of(stack, grant_id):
    """How many sign-ins and token answers the record holds for the authentication behind a grant."""
    return stack.sql(
        """SELECT count(*) FILTER (WHERE kind = 'sign_in' AND outcome = 'ok'),
                  count(*) FILTER (WHERE kind = 'token' AND outcome = 'ok')
           FROM record.event WHERE authentication_id =
               (SELECT authentication_id FROM idp.authz_grant WHERE grant_id = %s)""",
        (grant_id,),
    )[0]


def test_every_acknowledged_sign_in_stands_in_the_record_once(stack, processes, people):
    seed = random.randrange(2**32)
    supervisor = processes.supervisor()
    acknowledged, struck = storm(stack, processes, people, seed)
    print(f"seed {seed}; killed {struck}; {acknowledged.failures} tries failed on the way")

    wait_until(lambda: database_answers(stack, processes), what="the end of PostgreSQL's recovery")
    assert len(acknowledged.tokens) == len(people), f"{len(people) - len(acknowledged.tokens)} never got in"
    assert set(struck) == {"web", "vault", "backend", "postmaster"}, struck
    for login, tokens in acknowledged.tokens.items():
        grant = claims(tokens["access_token"])["grant_id"]
        assert rows_of(stack, grant) == (1, 1), login

    missing = stack.sql(
        """SELECT count(*) FROM unnest(%s::text[]) AS acknowledged(code)
           WHERE (SELECT count(*) FROM idp.code c JOIN idp.authz_grant g USING (grant_id)
                  JOIN record.event e ON e.authentication_id = g.authentication_id
                  WHERE c.code_hash = sha256(convert_to(acknowledged.code, 'UTF8'))
                    AND e.kind = 'sign_in' AND e.outcome = 'ok') <> 1""",
        (acknowledged.codes,),
    )
    assert missing == [(0,)], "codes that arrived, and their sign-in is not in the record exactly once"
    twice = stack.sql(
        """SELECT authentication_id FROM record.event WHERE kind = 'sign_in' AND outcome = 'ok'
           GROUP BY authentication_id HAVING count(*) > 1"""
    )
    assert twice == []
    assert processes.supervisor() == supervisor and processes.role("web") and processes.role("vault")


def ready(stack):
    try:
        return requests.get(stack.issuer + "/health/ready", verify=str(stack.ca), timeout=5).status_code == 200
    except requests.RequestException:
        return False


def test_the_service_comes_back_by_itself(stack, processes):
    for name in ("web", "vault"):
        before = wait_until(lambda n=name: processes.role(n), what=name)
        assert processes.kill_role(name)
        wait_until(lambda n=name, b=before: processes.role(n) not in (None, b), what=f"a new {name}")
        wait_until(lambda: ready(stack), what=f"an answer after {name} was killed")
