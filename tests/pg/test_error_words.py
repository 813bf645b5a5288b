# SPDX-License-Identifier: Apache-2.0
"""Errors explain themselves: what is wrong, what was received, what is registered; and /connect lists every code."""
import pathlib
import re

import pytest
from lib.agency import CITIZENS, Agency, browser_of
from lib.citizen import Page, get, new_session

ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def agency(stack):
    one = Agency(stack, "narrow", "basic", scope="openid email", grant_types=["authorization_code"])
    stack.apply({"clients": [one.document()], "citizens": CITIZENS})
    return one


def codes() -> set:
    """The names of the table that the program answers with."""
    table = (ROOT / "oidc/error.c").read_text()
    return set(re.findall(r'\[ERROR_[A-Z_]+\] = \{"([a-z_]+)"', table))


@pytest.mark.parametrize("lang", ["th", "en"])
def test_connect_lists_every_code_with_cause_and_cure(stack, lang):
    answer = get(new_session(str(stack.certificate), **{"Accept-Language": lang}), stack.issuer + "/connect")
    assert answer.status_code == 200
    listed = re.findall(r"<dt><code>([a-z_]+)</code></dt><dd>([^<]+)</dd>", answer.text)
    assert {name for name, _ in listed} == codes() and len(codes()) >= 18
    assert all(len(text) > 30 for _, text in listed)


def test_connect_tells_how_long_things_live_by_the_settings(instances):
    one = instances("lives", code_ttl_s=45, access_token_ttl_s=120, id_token_ttl_s=600, refresh_token_ttl_s=86400 * 30)
    one.init()
    one.migrate()
    with one.serve():
        session = new_session(str(one.certificate), **{"Accept-Language": "en"})
        answer = get(session, one.issuer + "/connect").text
    for text in ("lives for 45 seconds", "token lives for 2 minutes", "ID token for 10 minutes", "after 30 days",
                 "lives for 60 seconds at most", "differ by 60 seconds", "purpose#th"):  # fmt: skip
        assert text in answer, text


def described(answer, error) -> str:
    assert answer.json()["error"] == error, answer.text
    return answer.json()["error_description"]


def test_the_token_endpoint_says_what_is_registered(stack, agency):
    code = agency.code(browser_of(stack), scope="openid")
    text = described(agency.redeem(code, redirect_uri="https://narrow.example/other"), "invalid_grant")
    assert text == (
        "redirect_uri does not match the authorization request. Received https://narrow.example/other; the request had "
        f"{agency.redirect_uri}."
    )
    text = described(agency.refresh("x" * 43), "unauthorized_client")
    assert text == (
        "grant_type is not registered for this client. Received refresh_token; registered in grant_types: authorization_code."
    )
    text = described(agency.post("/token", {"grant_type": "password"}), "unsupported_grant_type")
    assert text == "grant_type is not supported. Expected authorization_code or refresh_token; received password."
    text = described(agency.post("/token", {"client_id": "nobody", "code": "x", "grant_type": "authorization_code",
                                            "redirect_uri": "x"}, proof=False), "invalid_client")  # fmt: skip
    assert text == "client_id does not match a registered client. Received nobody."


def test_the_authorization_endpoint_says_what_is_registered(agency):
    session = new_session(str(agency.instance.certificate))
    answer = get(session, agency.authorize_url(scope="openid phone"))
    assert "Received%20phone%3B%20registered%3A%20openid%20email." in answer.headers["Location"]
    page = get(session, agency.authorize_url(redirect_uri="https://narrow.example/callback/"))
    words = Page(page.text, page.url).words()
    assert "redirect_uri does not match a registered value. Received https://narrow.example/callback/;" in words
    assert f"registered: {agency.redirect_uri}." in words


@pytest.mark.parametrize("path", ["//token", "/.well-known//openid-configuration"])
def test_two_slashes_are_told_in_words(agency, path):
    answer = agency.http.get(agency.instance.issuer + path, timeout=30)
    assert answer.status_code == 400
    text = described(answer, "invalid_request")
    assert text.startswith("The path has two slashes in a row") and text.endswith("Expected one slash.")


def test_every_refusal_of_the_adapter_has_a_sentence():
    adapter = "".join(path.read_text() for path in (ROOT / "idp/io").glob("http*.c"))
    reasons = set(re.findall(r'\bbad\("([a-z_]+)"\)', adapter))
    told = set(re.findall(r'\{"([a-z_]+)",', (ROOT / "idp/page/request_fault.c").read_text()))
    assert len(reasons) > 10 and reasons <= told, reasons - told
