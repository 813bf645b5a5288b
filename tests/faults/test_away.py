# SPDX-License-Identifier: Apache-2.0
"""The database or the vault away: 503 with a plain page or temporarily_unavailable, never a weaker path (I4), and all is
well when it is back, with no process started anew."""
import os
import signal
from urllib.parse import urlencode

import pytest
import requests
from crowd import CLIENT
from lib.citizen import Citizen, Page, sign_in_http
from lib.stack import wait_until

HOW = ["hangs", "is gone"]
CALLBACK = CLIENT["redirect_uris"][0]
WANTED = {
    "client_id": CLIENT["client_id"], "redirect_uri": CALLBACK, "response_type": "code", "scope": "openid", "state": "s",
}


def page_answer(stack):
    return stack.session().get(f"{stack.issuer}/authorize?{urlencode(WANTED)}", timeout=25)


def token_answer(stack):
    return requests.post(
        stack.issuer + "/token",
        data={"grant_type": "authorization_code", "code": "A" * 43, "redirect_uri": CALLBACK},
        auth=(CLIENT["client_id"], CLIENT["client_secret"]), verify=str(stack.ca), timeout=25,
    )


def serves(stack):
    try:
        return page_answer(stack).status_code == 200 and token_answer(stack).status_code == 400
    except requests.RequestException:
        return False


def test_database_away(stack, processes, people):
    web = processes.role("web")
    wait_until(lambda: serves(stack), what="a healthy start")
    processes.cluster("stop")
    try:
        page = page_answer(stack)
        assert page.status_code == 503 and "text/html" in page.headers["Content-Type"]
        assert Page(page.text, page.url).title.strip()
        assert "Retry-After" in page.headers
        token = token_answer(stack)
        assert token.status_code == 503 and token.json()["error"] == "temporarily_unavailable"
    finally:
        processes.start_postgresql()
    wait_until(lambda: serves(stack), what="service once the database is back")
    assert processes.role("web") == web


@pytest.mark.parametrize("how", HOW)
def test_vault_away(stack, processes, people, how):
    one = people[HOW.index(how)]  # a citizen each: nobody waits for the next code to be due
    citizen = Citizen(one["alias"], one["password"], one["totp_secret"])
    start = sign_in_http(stack.session(), page_answer(stack).request.url, citizen, stop_at="password")
    assert start.page is not None
    vault = wait_until(lambda: processes.role("vault"), what="the vault")
    os.kill(vault, signal.SIGSTOP if how == "hangs" else signal.SIGKILL)
    supervisor = processes.supervisor()
    if how == "is gone":
        os.kill(supervisor, signal.SIGSTOP)  # so that nobody starts a new one while we look
    try:
        session = stack.session()
        end = sign_in_http(session, f"{stack.issuer}/authorize?{urlencode(WANTED)}", citizen)
        assert end.response.status_code == 503 and "code" not in end.params
        assert not [c for c in session.cookies if c.name == "__Host-session"]
    finally:
        os.kill(supervisor, signal.SIGCONT)
        if how == "hangs":
            os.kill(vault, signal.SIGCONT)

    def signs_in():
        done = sign_in_http(stack.session(), f"{stack.issuer}/authorize?{urlencode(WANTED)}", citizen)
        return "code" in done.params

    wait_until(signs_in, timeout_s=60, what="a sign-in once the vault is back")
