# SPDX-License-Identifier: Apache-2.0
"""A citizen's sessions: how one begins, what follows a second sign-in in the same browser, and what ends them."""
import pytest
from lib.agency import CITIZENS, Agency, citizen
from lib.citizen import Page, get, new_session, sign_in_http, submit

SESSION, DEVICE = "__Host-session", "__Host-device"


@pytest.fixture(scope="module")
def agencies(stack):
    made = {name: Agency(stack, name) for name in ("basic", "post")}
    stack.apply({"clients": [a.document() for a in made.values()], "citizens": CITIZENS})
    return made


def bare(stack):
    """A browser that was never here."""
    return new_session(str(stack.certificate))


def signed_in(stack, agency, i=0, session=None, **parameters):
    """A browser in which citizen i has just signed in for an agency; and the tokens that this gave it."""
    session = session or bare(stack)
    url = agency.authorize_url(**{"scope": "openid profile", **parameters})
    end = sign_in_http(session, url, citizen(CITIZENS[i]["alias"]))
    assert "code" in end.params, end.page and end.page.words()
    answer = agency.redeem(end.params["code"])
    assert answer.status_code == 200, answer.text
    return session, answer.json()


def row_of(stack, session, columns="session_id, ended_at IS NOT NULL"):
    """The session that this browser's cookie names."""
    [row] = stack.sql(
        f"SELECT {columns} FROM idp.session WHERE token_hash = sha256(%s)",
        [session.cookies[SESSION].encode()],
    )
    return row


def events(stack, session_id, kind):
    return [r[0] for r in stack.sql(
        "SELECT reason FROM record.event WHERE session_id = %s AND kind = %s ORDER BY at", [session_id, kind]
    )]


def home(session, stack):
    answer = get(session, stack.issuer + "/")
    return Page(answer.text, answer.url), answer


def press(session, page, which, nth=0):
    """Press the nth button of the citizen's page that ends something."""
    buttons = [
        (form, button) for form in page.forms for button in form.buttons if button.get("value") == which
    ]
    form, button = buttons[nth]
    return submit(session, page, form, {}, button)


def test_the_vault_and_the_session_agree(stack, agencies):
    session, _ = signed_in(stack, agencies["basic"])
    [(same, address, device)] = stack.sql(
        "SELECT s.authentication_id = e.authentication_id AND s.acr = e.acr, host(s.address),"
        " s.device_hash = sha256(%s) AND encode(s.device_hash, 'hex') <> e.device FROM idp.session s JOIN record.event e USING (session_id)"
        " WHERE e.kind = 'sign_in' AND e.outcome = 'ok' AND s.session_id = %s",
        [session.cookies[DEVICE].encode(), row_of(stack, session)[0]],
    )
    assert same and device and address == "127.0.0.1"


def test_the_device_cookie_is_in_the_record_as_its_hash(stack, agencies):
    session, _ = signed_in(stack, agencies["basic"])
    cookie = session.cookies[DEVICE]
    session.get(agencies["basic"].authorize_url(), allow_redirects=False, timeout=30)
    rows = stack.sql("SELECT device, device = encode(sha256(%s), 'hex') FROM record.event WHERE kind = 'code' AND session_id = %s"
                     " ORDER BY at DESC LIMIT 1", [cookie.encode(), row_of(stack, session)[0]])  # fmt: skip
    assert [same for _, same in rows] == [True], rows
    assert stack.sql("SELECT 1 FROM record.event e WHERE e::text LIKE %s", [f"%{cookie}%"]) == []


def test_a_planted_cookie_is_not_taken_up(stack, agencies):
    """Session fixation: whatever the browser was sent with, a sign-in makes a new cookie."""
    session = bare(stack)
    session.cookies.set(SESSION, "A" * 43, domain="localhost.local", path="/")
    planted = session.cookies[SESSION]
    signed_in(stack, agencies["basic"], session=session)
    values = {c.value for c in session.cookies if c.name == SESSION}
    assert values - {planted}
    assert stack.sql("SELECT count(*) FROM idp.session WHERE token_hash = sha256(%s)", [planted.encode()]) == [(0,)]


def test_signing_in_again_keeps_what_agencies_have(stack, agencies):
    session, first = signed_in(stack, agencies["basic"])
    old_id, old_cookie = row_of(stack, session)[0], session.cookies[SESSION]
    signed_in(stack, agencies["post"], session=session, prompt="login")
    assert session.cookies[SESSION] != old_cookie
    assert stack.sql("SELECT ended_at IS NOT NULL FROM idp.session WHERE session_id = %s", [old_id]) == [(True,)]
    assert events(stack, old_id, "session_end") == ["replaced"]
    assert agencies["basic"].userinfo(first["access_token"]).status_code == 200
    page, _ = home(session, stack)
    press(session, page, "this")
    assert agencies["basic"].userinfo(first["access_token"]).status_code == 401


def test_another_citizen_ends_the_first_ones_session(stack, agencies):
    session, first = signed_in(stack, agencies["basic"])
    old_id = row_of(stack, session)[0]
    _, second = signed_in(stack, agencies["basic"], i=1, session=session, prompt="login")
    assert agencies["basic"].userinfo(first["access_token"]).status_code == 401
    assert agencies["basic"].userinfo(second["access_token"]).status_code == 200
    assert events(stack, old_id, "session_end") == ["replaced"]
    page, _ = home(session, stack)
    assert CITIZENS[1]["name"] in page.words() and CITIZENS[0]["name"] not in page.words()


def test_signing_out_ends_all_but_offline_access(stack, agencies):
    session, lasting = signed_in(stack, agencies["basic"], scope="openid profile offline_access")
    passing = agencies["post"].tokens(session)
    assert "refresh_token" in lasting and "refresh_token" not in passing
    session_id = row_of(stack, session)[0]
    page, _ = home(session, stack)
    answer = press(session, page, "this")
    assert answer.status_code == 200
    assert "Max-Age=0" in answer.headers["Set-Cookie"] and SESSION not in session.cookies
    assert events(stack, session_id, "session_end") == ["sign_out"]
    assert agencies["basic"].refresh(lasting["refresh_token"]).status_code == 200
    assert agencies["post"].userinfo(passing["access_token"]).status_code == 401
    assert events(stack, session_id, "revoke") == ["sign_out"]
    _, again = home(session, stack)
    assert again.status_code == 303 and "/signin?t=" in again.headers["Location"]


def test_one_other_device_and_then_all_others(stack, agencies):
    stack.sql("UPDATE idp.session SET ended_at = now(), ticket = '' WHERE ended_at IS NULL")
    here, _ = signed_in(stack, agencies["basic"], i=1)
    there = [signed_in(stack, agencies["post"], i=1)[0] for _ in range(3)]
    page, _ = home(here, stack)
    assert "post" in page.words()
    answer = press(here, page, "one")
    assert answer.status_code == 303 and answer.headers["Location"] == "/?ended=1"
    assert sum(row_of(stack, one)[1] for one in there) == 1
    press(here, page, "others")
    assert all(row_of(stack, one)[1] for one in there) and not row_of(stack, here)[1]
    page, _ = home(here, stack)
    assert not [b for f in page.forms for b in f.buttons if b.get("value") == "others"]


def test_nobody_ends_a_strangers_session(stack, agencies):
    mine, _ = signed_in(stack, agencies["basic"], i=0)
    theirs, _ = signed_in(stack, agencies["basic"], i=1)
    same_site = {"Origin": stack.issuer, "Sec-Fetch-Site": "same-origin"}
    for which, target in (("one", row_of(stack, theirs)[0]), ("one", "not-a-uuid"), ("one", "-" * 36),
                          ("everything", ""), ("one", "")):
        answer = mine.post(
            stack.issuer + "/session/end", data={"which": which, "session_id": target},
            headers=same_site, allow_redirects=False, timeout=30,
        )  # fmt: skip
        assert (answer.status_code, answer.headers["Location"]) == (303, "/?ended=0")
    assert not row_of(stack, theirs)[1] and not row_of(stack, mine)[1]


@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Referer": "https://evil.example/"},
     {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://localhost:1"}],
    ids=str,
)  # fmt: skip
def test_another_sites_form_ends_nothing(stack, agencies, headers):
    session, _ = signed_in(stack, agencies["basic"])
    answer = session.post(
        stack.issuer + "/session/end", data={"which": "this"}, headers=headers,
        allow_redirects=False, timeout=30,
    )  # fmt: skip
    assert answer.status_code == 403
    assert not row_of(stack, session)[1]


def test_idle_locked_and_old_sessions_are_none(stack, agencies):
    session, _ = signed_in(stack, agencies["basic"])
    session_id, citizen_id = row_of(stack, session, "session_id, subject_id")
    for broken, mended in (
        ("UPDATE idp.session SET last_seen_at = now() - interval '31 minutes' WHERE session_id = %s",
         "UPDATE idp.session SET last_seen_at = now() WHERE session_id = %s"),
        ("UPDATE idp.session SET expires_at = now() WHERE session_id = %s",
         "UPDATE idp.session SET expires_at = now() + interval '1 hour' WHERE session_id = %s"),
    ):  # fmt: skip
        assert home(session, stack)[1].status_code == 200
        stack.sql(broken, [session_id])
        assert home(session, stack)[1].status_code == 303
        stack.sql(mended, [session_id])
    stack.sql("UPDATE idp.citizen SET locked = true WHERE citizen_id = %s", [citizen_id])
    assert home(session, stack)[1].status_code == 303
    stack.sql("UPDATE idp.citizen SET locked = false WHERE citizen_id = %s", [citizen_id])
    assert home(session, stack)[1].status_code == 200


def test_use_is_noted_once_a_minute(stack, agencies):
    session, _ = signed_in(stack, agencies["basic"])
    session_id = row_of(stack, session)[0]

    def seen():
        return stack.sql("SELECT last_seen_at FROM idp.session WHERE session_id = %s", [session_id])

    before = seen()
    home(session, stack)
    assert seen() == before
    stack.sql("UPDATE idp.session SET last_seen_at = now() - interval '2 minutes' WHERE session_id = %s", [session_id])
    home(session, stack)
    assert seen() > before


@pytest.mark.parametrize(
    "back",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "/a\r\nSet-Cookie: x=y", "", "evil", "/ก"],
)
def test_the_language_switch_leads_nowhere_else(stack, back):
    answer = bare(stack).get(
        stack.issuer + "/language", params={"to": "en", "return_to": back}, allow_redirects=False, timeout=30
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert answer.headers["Set-Cookie"].startswith("__Host-lang=en; Path=/; Secure; HttpOnly; SameSite=Lax")


def test_only_our_languages_are_remembered(stack):
    for to in ("de", "en; Domain=example", "", "EN"):
        answer = bare(stack).get(
            stack.issuer + "/language", params={"to": to, "return_to": "/signin?t=x"},
            allow_redirects=False, timeout=30,
        )  # fmt: skip
        assert answer.headers["Location"] == "/signin?t=x" and "Set-Cookie" not in answer.headers
