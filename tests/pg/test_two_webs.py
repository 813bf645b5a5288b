# SPDX-License-Identifier: Apache-2.0
"""Two web processes on one database: what one has seen, the other knows."""
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from lib.citizen import STEP_S, Citizen, follow, get, national_id, new_session, sign_in_http, submit, totp
from lib.ports import free_port

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
PASSWORD = "one origin, two processes"
ROUNDS = 3


@pytest.fixture(scope="module")
def origins(stack):
    """The addresses of both."""
    people = [{"national_id": national_id(f"11017002{n:04d}"), "alias": f"twin{n}", "password": PASSWORD,
               "totp_secret": SECRET} for n in range(ROUNDS + 2)]
    stack.apply({"citizens": people})
    port = free_port()
    conf = stack.write_settings(stack.dir / "second.conf", listen=f"127.0.0.1:{port}")
    with stack.run("web", conf=conf):
        yield [stack.issuer, f"https://localhost:{port}"]


def browser(stack):
    """As behind a proxy: whichever process answers, the browser sees the issuer's address."""
    return new_session(str(stack.certificate), public_origin=stack.issuer)


def wait_for_fresh_step():
    """A code that is typed now stays good for the test's few seconds."""
    left = STEP_S - time.time() % STEP_S
    if left < 8:
        time.sleep(left)


@pytest.mark.parametrize("number", range(ROUNDS))
def test_a_totp_code_works_once_across_both(stack, origins, number):
    twins = [browser(stack) for _ in origins]
    ends = [sign_in_http(s, origin + "/", Citizen(f"twin{number}", PASSWORD), stop_at="factor")
            for s, origin in zip(twins, origins)]
    assert [end.steps for end in ends] == [["password"]] * 2
    wait_for_fresh_step()
    code, start = totp(SECRET, int(time.time()) // STEP_S), threading.Barrier(2)

    def type_it(session, end):
        form = end.page.form_with(autocomplete="one-time-code")
        field = form.find(autocomplete="one-time-code")["name"]
        start.wait()
        return submit(session, end.page, form, {field: code})

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(type_it, twins, ends))
    signed_in = [s for s in twins if "__Host-session" in {c.name for c in s.cookies}]
    assert len(signed_in) == 1
    rows = stack.records("--citizen", f"twin{number}", "--kind", "sign_in")
    assert [row["outcome"] for row in rows] == ["ok"]


def sit_out_the_delay(stack):
    left_s, = stack.sql("SELECT extract(epoch FROM max(next_at) - clock_timestamp())::float8 FROM vault.throttle")[0]
    time.sleep(max(0, left_s))


def test_a_delay_earned_at_one_holds_at_the_other(stack, origins):
    name = f"twin{ROUNDS}"
    for n in range(4):
        if n:
            sit_out_the_delay(stack)
        sign_in_http(browser(stack), origins[0] + "/", Citizen(name, "a wrong password"), stop_at="factor")
    end = sign_in_http(browser(stack), origins[1] + "/", Citizen(name, PASSWORD), stop_at="factor")
    assert end.page.form_with(autocomplete="one-time-code") is None
    reasons = [row["reason"] for row in stack.records("--citizen", name, "--kind", "password")]
    assert reasons == ["wrong_password"] * 4, "a wait is counted, not a row of its own"


def test_a_session_begun_at_one_is_known_at_the_other(stack, origins):
    session = browser(stack)
    sign_in_http(session, origins[0] + "/", Citizen(f"twin{ROUNDS + 1}", PASSWORD, SECRET))
    end = follow(session, get(session, origins[1] + "/"), origins[1])
    assert end.page.form_with(type="password") is None and end.response.status_code == 200
