# SPDX-License-Identifier: Apache-2.0
"""The second step as a citizen's browser meets it: the choice of a way, codes that are sent, and more for an agency that asks for more."""
import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from lib.agency import Agency, claims_of
from lib.citizen import cancel, switch_language
from lib.codes import mailbox, messages, number, time_passes, wrong
from lib.someone import Someone
from lib.stack import wait_until
from lib.vault import SEED, await_quiet_step, code_now

LOA1, LOA2 = "urn:pratu:loa:1", "urn:pratu:loa:2"


@pytest.fixture(scope="module")
def roles(instance):
    """Without the courier: what is sent stays in the outbox."""
    with instance.vault(), instance.run("web"):
        yield instance


@pytest.fixture(scope="module")
def agency(roles):
    one = Agency(roles, "excise", "basic", **{"client_name#en": "Excise Department", "client_name#th": "กรมสรรพสามิต"})
    roles.apply({"clients": [one.document()], "citizens": []})
    return one


def options(page):
    return [b["value"] for b in page.form_to("/signin/choose").buttons]


def id_token(agency, end):
    return claims_of(agency.redeem(end.params["code"]).json()["id_token"])


def essential(*values):
    return json.dumps({"id_token": {"acr": {"essential": True, "values": list(values)}}})


def test_the_only_way_by_sms_sends_a_code_at_once(roles, agency):
    somchai = Someone(roles, sms_number="081 555 0001")
    end = somchai.begin(agency.authorize_url(state="s"))
    assert "•••• 0001" in end.page.words() and "The message is being sent" in end.page.words()
    field = end.page.form_to("/signin/factor").find(name="code")
    assert (field["autocomplete"], field["inputmode"]) == ("one-time-code", "numeric")
    assert len(messages(roles, somchai)) == 1
    somchai.open(end.page.url)
    somchai.open(end.page.url)
    assert len(messages(roles, somchai)) == 1, "a GET sends nothing"
    end = somchai.type(end.page, somchai.code())
    assert end.params["state"] == "s" and id_token(agency, end)["acr"] == LOA2


def test_the_text_is_in_the_language_of_the_page(roles, agency):
    somchai = Someone(roles, sms_number=number())
    page = somchai.open(agency.authorize_url()).page
    assert page.lang == "en"
    page = somchai.go(switch_language(somchai.browser, page)).page
    assert page.lang == "th"
    somchai.password(page)
    (message,) = messages(roles, somchai)
    assert message["language"] == "th" and "กรมสรรพสามิต" in message["body"]


def test_one_way_with_an_app_is_asked_for_as_ever(roles, agency):
    somchai = Someone(roles, totp_secret=SEED, sandbox_code="111111")
    end = somchai.begin(agency.authorize_url())
    assert end.page.form_to("/signin/choose") is None and "authenticator app" in end.page.words()
    assert not any("step=choose" in link for link in end.page.links)
    assert id_token(agency, somchai.type(end.page, "111111"))["acr"] == LOA2
    assert messages(roles, somchai) == []


def test_several_ways_are_offered_the_last_used_first(roles, agency):
    somchai = Someone(roles, sms_number=number(), code_email=mailbox(), totp_secret=SEED)
    url = agency.authorize_url(prompt="login")
    page = somchai.begin(url).page
    assert options(page) == ["app", "sms", "email"], "those never used: the app first"
    assert messages(roles, somchai) == [], "nothing is sent before it is asked for"
    end = somchai.choose(page, "sms")
    assert end.page.form_to("/signin/factor") and len(messages(roles, somchai)) == 1
    assert "code" in somchai.type(end.page, somchai.code()).params
    assert options(somchai.begin(url).page) == ["sms", "app", "email"]


def test_another_way_is_taken_from_the_page_of_a_code(roles, agency):
    somchai = Someone(roles, sms_number=number(), totp_secret=SEED)
    page = somchai.choose(somchai.begin(agency.authorize_url()).page, "sms").page
    page = somchai.open(somchai.link(page, step="choose")).page
    assert set(options(page)) == {"sms", "app"}
    page = somchai.choose(page, "app").page
    assert "authenticator app" in page.words() and any("step=choose" in link for link in page.links)
    await_quiet_step()
    assert "code" in somchai.type(page, code_now()).params
    assert len(messages(roles, somchai)) == 1


def test_a_way_that_the_citizen_has_not_is_none(roles, agency):
    somchai = Someone(roles, sms_number=number(), totp_secret=SEED)
    page = somchai.begin(agency.authorize_url()).page
    for kind in ("email", "sandbox_code", "totp", "", "x" * 300):
        end = somchai.post(page, "/signin/choose", way=kind)
        assert set(options(end.page)) == {"sms", "app"}
    assert messages(roles, somchai) == []


def test_no_code_is_sent_before_the_password(roles, agency):
    somchai = Someone(roles, sms_number=number())
    page = somchai.open(agency.authorize_url()).page
    for path in ("/signin/choose", "/signin/level", "/signin/factor"):
        assert somchai.post(page, path, way="sms", code="123456").page.form_with(type="password")
    assert messages(roles, somchai) == []


# ------------------------------------------------------------------ what is told


def test_what_became_of_the_message_is_told(roles, agency):
    somchai = Someone(roles, sms_number=number())
    page = somchai.begin(agency.authorize_url()).page
    for state, words in (("claimed", "is being sent"), ("handed_over", "has been sent"), ("delivered", "has arrived")):
        roles.sql("UPDATE courier.message SET state = %(s)s, sealed = CASE WHEN %(s)s = 'claimed' THEN sealed END, lease_until ="
                  " CASE WHEN %(s)s = 'claimed' THEN now() + interval '10 s' END WHERE subject_id = %(who)s",
                  {"s": state, "who": somchai.citizen_id})  # fmt: skip
        page = somchai.open(next(link for link in page.links if re.search(r"/signin\?t=[^&]+$", link))).page
        assert words in page.words()


def test_a_wrong_code_is_told_and_the_third_wants_another(roles, agency):
    somchai = Someone(roles, sms_number=number())
    page = somchai.begin(agency.authorize_url()).page
    code = somchai.code()
    for _ in range(2):
        page = somchai.type(page, wrong(code)).page
        assert "The code is not correct" in page.words()
        assert page.form_to("/signin/factor").find(name="code")["aria-invalid"] == "true"
    page = somchai.type(page, "").page
    assert "Enter the 6‑digit code" in page.words()
    page = somchai.type(page, wrong(code)).page
    assert "can no longer be used" in page.words() and page.form_to("/signin/factor") is None
    time_passes(roles, 30)
    page = somchai.choose(page, "sms").page
    assert "code" in somchai.type(page, somchai.code()).params


def test_a_code_that_is_too_old_is_told(roles, agency):
    somchai = Someone(roles, sms_number=number())
    page = somchai.begin(agency.authorize_url()).page
    code = somchai.code()
    time_passes(roles, 301)
    page = somchai.type(page, code).page
    assert "can no longer be used" in page.words()
    page = somchai.choose(page, "sms").page
    assert "code" in somchai.type(page, somchai.code()).params


def test_another_code_too_soon_is_told_and_the_first_still_works(roles, agency):
    somchai = Someone(roles, sms_number=number())
    page = somchai.begin(agency.authorize_url()).page
    assert re.search(r'href="/wait.css\?s=([12]?\d|30)"', somchai.html), "never more than thirty seconds"
    page = somchai.choose(page, "sms").page
    assert "sent a moment ago" in page.words() and len(messages(roles, somchai)) == 1
    time_passes(roles, 30)
    page = somchai.open(page.url).page
    assert "wait.css" not in somchai.html
    assert "code" in somchai.type(page, somchai.code()).params


def test_a_browser_that_had_no_code_waits_and_may_go_another_way(roles, agency):
    number_of_both = number()
    first, second = Someone(roles, sms_number=number_of_both), Someone(roles, sms_number=number_of_both, totp_secret=SEED)
    first.begin(agency.authorize_url())
    end = second.choose(second.begin(agency.authorize_url()).page, "sms")
    assert end.response.status_code == 429 and 25 <= int(end.response.headers["Retry-After"]) <= 30
    assert messages(roles, second) == []
    page = second.open(second.link(end.page, step="choose")).page
    await_quiet_step()
    assert "code" in second.type(second.choose(page, "app").page, code_now()).params


def test_five_codes_an_hour_then_a_wait(roles, agency):
    somchai = Someone(roles, sms_number=number())
    page = somchai.begin(agency.authorize_url()).page
    for _ in range(4):
        time_passes(roles, 60)
        page = somchai.choose(page, "sms").page
    time_passes(roles, 60)
    page = somchai.choose(page, "sms").page
    assert "Too many codes" in page.words() and page.form_to("/signin/factor"), "the last one still works"
    time_passes(roles, 300)
    assert somchai.choose(page, "sms").response.status_code == 429
    assert len(messages(roles, somchai)) == 5


def test_a_number_that_gets_none_is_told_of_another_way(roles, agency):
    roles.sql("UPDATE vault.code_count SET sent = 1000000 WHERE scope = 'hour'")
    try:
        alone, both = Someone(roles, sms_number=number()), Someone(roles, sms_number=number(), totp_secret=SEED)
        page = alone.begin(agency.authorize_url()).page
        assert "A code cannot be sent now" in page.words() and page.form_to("/signin/choose")
        page = both.choose(both.begin(agency.authorize_url()).page, "sms").page
        assert "cannot be sent this way now" in page.words() and set(options(page)) == {"sms", "app"}
        await_quiet_step()
        assert "code" in both.type(both.choose(page, "app").page, code_now()).params
    finally:
        roles.sql("UPDATE vault.code_count SET sent = 0 WHERE scope = 'hour'")


def test_a_blocked_factor_is_told(roles, agency):
    alone, both = Someone(roles, sms_number=number()), Someone(roles, sms_number=number(), totp_secret=SEED)
    for one in (alone, both):
        page = one.begin(agency.authorize_url()).page
        page = one.choose(page, "sms").page if one is both else page
        roles.sql("UPDATE vault.factor SET blocked_at = now() WHERE citizen_id = %s AND kind = 'sms'", [one.citizen_id])
        page = one.type(page, one.code()).page
        assert ("have been blocked" if one is alone else "Use another way") in page.words()
    assert set(options(page)) == {"sms", "app"}


def test_delays_after_wrong_codes_are_told(roles, agency):
    somchai = Someone(roles, sms_number=number())
    page = somchai.begin(agency.authorize_url()).page
    roles.sql("INSERT INTO vault.factor_failure (citizen_id, kind, device_hash, known, failures) VALUES (%s, 'sms', 'x', false, 9)",
              [somchai.citizen_id])  # fmt: skip
    end = somchai.type(page, somchai.code())
    assert end.response.status_code == 429 and "send another" in end.page.words()


def test_cancel_leads_back(roles, agency):
    somchai = Someone(roles, sms_number=number(), totp_secret=SEED)
    page = somchai.begin(agency.authorize_url(state="c")).page
    assert somchai.go(cancel(somchai.browser, page)).params["error"] == "access_denied"
    page = somchai.choose(page, "sms").page
    assert somchai.go(cancel(somchai.browser, page)).params["error"] == "access_denied"


def test_another_browser_gets_nowhere_with_the_code(roles, agency):
    somchai = Someone(roles, sms_number=number())
    page = somchai.begin(agency.authorize_url()).page
    thief = somchai.new_browser()
    thief.get(agency.authorize_url())
    form = page.form_to("/signin/factor")
    answer = thief.post(form.action, data={**form.values(), "code": somchai.code()}, headers={"Origin": roles.issuer}, allow_redirects=False)
    assert answer.status_code == 400
    assert "code" in somchai.type(page, somchai.code()).params


def test_two_tabs_have_codes_of_their_own(roles, agency):
    somchai = Someone(roles, sms_number=number())
    first = somchai.begin(agency.authorize_url(state="1")).page
    code = somchai.code()
    time_passes(roles, 30)
    second = somchai.begin(agency.authorize_url(state="2")).page
    other = somchai.code()
    if code != other:
        assert "code" not in somchai.type(second, code).params and "code" not in somchai.type(first, other).params
    assert somchai.type(first, code).params["state"] == "1"


# ------------------------------------------------------------------ more than the session has


def sessions(instance, someone):
    return instance.sql("SELECT acr, ended_at IS NULL, extract(epoch FROM expires_at)::int FROM idp.session WHERE subject_id = %s"
                        " ORDER BY created_at", [someone.citizen_id])  # fmt: skip


@pytest.fixture
def low(roles, agency):
    """Signed in by e-mail, with an app as well."""
    one = Someone(roles, code_email=mailbox(), totp_secret=SEED)
    page = one.choose(one.begin(agency.authorize_url()).page, "email").page
    one.first = id_token(agency, one.type(page, one.code()))
    assert one.first["acr"] == LOA1
    return one


@pytest.mark.parametrize("wish", [{"acr_values": LOA2}, {"claims": essential(LOA2)}])
def test_a_session_steps_up_without_its_password(roles, agency, low, wish):
    page = low.open(agency.authorize_url(**wish)).page
    assert "stronger proof" in page.words() and not page.form_with(type="password")
    page = low.press(page, "/signin/level").page
    assert "authenticator app" in page.words() and not any("step=choose" in link for link in page.links)
    await_quiet_step()
    token = id_token(agency, low.type(page, code_now()))
    assert token["acr"] == LOA2 and token["auth_time"] == low.first["auth_time"] and token["sub"] == low.first["sub"]
    (one, other) = sessions(roles, low)
    assert one[:2] == (LOA1, False) and other[:2] == (LOA2, True), "in its place"
    assert abs(one[2] - other[2]) <= 2, "and lives no longer"
    kinds = roles.sql("SELECT kind, acr FROM record.event WHERE subject_id = %s AND kind IN ('sign_in', 'password') ORDER BY at", [low.citizen_id])
    assert kinds == [("password", None), ("sign_in", LOA1), ("sign_in", LOA2)]
    assert "code" in low.open(agency.authorize_url(**wish)).params, "once"


def test_with_prompt_none_the_agency_is_told(agency, low):
    assert low.open(agency.authorize_url(claims=essential(LOA2), prompt="none")).params["error"] == "login_required"


def test_who_must_sign_in_anew_does_not_step_up(agency, low):
    assert low.open(agency.authorize_url(acr_values=LOA2, prompt="login")).page.form_with(type="password")


def test_while_stepping_up_another_account_can_be_used(roles, agency, low):
    other = Someone(roles, totp_secret=SEED)
    page = low.open(agency.authorize_url(claims=essential(LOA2))).page
    page = low.open(low.link(page, step="password")).page
    low.alias = other.alias
    page = low.password(page).page
    await_quiet_step()
    token = id_token(agency, low.type(page, code_now()))
    assert token["acr"] == LOA2 and token["sub"] != low.first["sub"]


def test_a_step_up_ends_with_its_session(roles, agency, low):
    """Signed out in another tab, the citizen proves all anew."""
    page = low.open(agency.authorize_url(claims=essential(LOA2))).page
    page = low.press(page, "/signin/level").page
    roles.sql("SELECT idp.end_access('subject', %s, NULL, NULL, NULL, false, 'test', NULL)", [low.citizen_id])
    await_quiet_step()
    end = low.type(page, code_now())
    assert "code" not in end.params and end.page.form_with(type="password")
    assert [lives for _, lives, _ in sessions(roles, low)] == [False]


def test_a_step_up_ends_with_its_session_also_while_the_code_is_looked_at(roles, agency, low):
    page = low.open(agency.authorize_url(claims=essential(LOA2))).page
    page = low.press(page, "/signin/level").page
    await_quiet_step()
    with ThreadPoolExecutor(1) as pool:
        with roles.connect() as holder:
            holder.autocommit = False
            holder.execute("SELECT citizen_id FROM idp.citizen WHERE citizen_id = %s FOR UPDATE", [low.citizen_id])
            typed = pool.submit(low.type, page, code_now())
            wait_until(lambda: roles.sql("SELECT pid FROM pg_stat_activity WHERE usename = 'pratu_web' AND wait_event_type = 'Lock'"
                                         " AND datname = current_database()"), 20, what="the new session that waits")  # fmt: skip
            roles.sql("SELECT idp.end_access('subject', %s, NULL, NULL, NULL, false, 'test', NULL)", [low.citizen_id])
            holder.rollback()
        end = typed.result(60)
    assert "code" not in end.params and end.page.form_with(type="password")
    assert [lives for _, lives, _ in sessions(roles, low)] == [False, False]


def test_a_ticket_that_counts_no_more_wants_the_password(roles, agency, low):
    page = low.open(agency.authorize_url(claims=essential(LOA2))).page
    roles.sql("UPDATE idp.citizen SET credentials_at = clock_timestamp() WHERE citizen_id = %s", [low.citizen_id])
    assert low.press(page, "/signin/level").page.form_with(type="password")


@pytest.mark.parametrize("signed_in", [True, False])
def test_without_a_factor_of_that_level_the_citizen_and_then_the_agency_are_told(roles, agency, signed_in):
    somchai = Someone(roles, code_email=mailbox())
    url = agency.authorize_url(claims=essential(LOA2), state="n")
    if signed_in:
        end = somchai.begin(agency.authorize_url())
        somchai.type(end.page, somchai.code())
        page = somchai.press(somchai.open(url).page, "/signin/level").page
    else:
        page = somchai.begin(url).page
    assert "needs a stronger proof" in page.words() and page.form_to("/signin/factor") is None
    sent = len(messages(roles, somchai))
    end = somchai.press(page, "/signin/level")
    assert (end.params["error"], end.params["state"]) == ("unmet_authentication_requirements", "n")
    assert len(messages(roles, somchai)) == sent


def test_a_wish_that_cannot_be_fulfilled_keeps_nobody_out(roles, agency):
    somchai = Someone(roles, code_email=mailbox())
    end = somchai.begin(agency.authorize_url(acr_values=LOA2))
    assert id_token(agency, somchai.type(end.page, somchai.code()))["acr"] == LOA1
    end = somchai.press(somchai.open(agency.authorize_url(acr_values=LOA2)).page, "/signin/level")
    assert id_token(agency, end)["acr"] == LOA1


def test_only_ways_that_are_enough_are_offered(roles, agency):
    somchai = Someone(roles, sms_number=number(), code_email=mailbox(), totp_secret=SEED)
    assert set(options(somchai.begin(agency.authorize_url(claims=essential(LOA2))).page)) == {"sms", "app"}
    assert "by e-mail" in somchai.begin(agency.authorize_url(claims=essential(LOA1))).page.words()
    assert [m["channel"] for m in messages(roles, somchai)] == ["email"]


def test_a_step_up_sends_a_code_where_that_is_the_way(roles, agency):
    somchai = Someone(roles, sms_number=number(), code_email=mailbox())
    page = somchai.choose(somchai.begin(agency.authorize_url()).page, "email").page
    somchai.type(page, somchai.code())
    page = somchai.open(agency.authorize_url(acr_values=LOA2)).page
    assert [m["channel"] for m in messages(roles, somchai)] == ["email"], "a GET sends nothing"
    page = somchai.press(page, "/signin/level").page
    assert [m["channel"] for m in messages(roles, somchai)] == ["email", "sms"]
    token = id_token(agency, somchai.type(page, somchai.code()))
    assert token["acr"] == LOA2 and token["amr"] == ["pwd", "otp", "mfa", "sms"]
