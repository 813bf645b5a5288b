# SPDX-License-Identifier: Apache-2.0
"""Sign-in transactions as browsers carry them: whose, how long, what they hold, and what they leave in the database."""
import json
import time
from urllib.parse import parse_qsl, urlsplit

import pytest
from lib.agency import CITIZENS, Agency, browser_of, citizen, refusals
from lib.citizen import Citizen, Page, cancel, follow, get, new_session, open_page, params_of, press, sign_in_http, submit, switch_language
from lib.transaction import sealer_of


@pytest.fixture(scope="module")
def agencies(stack):
    made = {name: Agency(stack, name, "basic") for name in ("basic", "second")}
    stack.apply({"clients": [a.document() for a in made.values()], "citizens": CITIZENS})
    return made


@pytest.fixture
def basic(agencies):
    return agencies["basic"]


@pytest.fixture
def stranger(stack, agencies):
    return new_session(str(stack.certificate))


@pytest.fixture
def browser(stack, agencies):
    """A browser of its own in which somchai is signed in."""
    return browser_of(stack)


def test_a_transaction_belongs_to_its_browser(basic, browser, stack):
    mine = open_page(browser, basic.authorize_url(prompt="login"), stack.issuer)
    thief = new_session(str(stack.certificate))
    answer = get(thief, mine.url)
    assert answer.status_code == 400 and not Page(answer.text, mine.url).form_with(type="password")
    page = Page(get(browser, mine.url).text, mine.url)
    stolen = submit(thief, page, page.form_with(type="password"), {"login": "a", "password": "b" * 9})
    assert stolen.status_code == 400
    for odd in ("", "?t=", "?t=x", "?t=" + "A" * 43, "?t=" + "%00" * 3):
        assert get(browser, stack.issuer + "/signin" + odd).status_code == 400, odd


def test_an_expired_transaction_starts_anew(basic, stranger, stack):
    page = open_page(stranger, basic.authorize_url(state="late"), stack.issuer)
    form = page.form_with(type="password")
    old = sealer_of(stack.dir / "key", stranger).aged(form.find(name="t")["value"], 3600)
    form.find(name="t")["value"] = old
    late = submit(stranger, page, form, {"login": "somchai", "password": CITIZENS[0]["password"]})
    assert late.status_code == 410
    link = next(u for u in Page(late.text, late.url).links if "again" in u)
    end = sign_in_http(stranger, link, citizen())
    assert end.params["state"] == "late" and "code" in end.params


def test_what_was_typed_is_shown_again_and_stands_nowhere_in_clear(basic, stranger, stack):
    typed = "3100600445635"
    page = open_page(stranger, basic.authorize_url(), stack.issuer)
    refused = submit(stranger, page, page.form_with(type="password"), {"login": typed, "password": "not this one"})
    t = dict(parse_qsl(urlsplit(refused.headers["Location"]).query))["t"]
    held = sealer_of(stack.dir / "key", stranger).open(t)
    assert held["s"]["login"] == typed and "not this one" not in json.dumps(held)
    again = follow(stranger, refused, stack.issuer).page
    assert again.form_with(type="password").find(autocomplete="username")["value"] == typed
    switched = follow(stranger, switch_language(stranger, again), stack.issuer).page
    assert switched.lang != again.lang
    assert switched.form_with(type="password").find(autocomplete="username")["value"] == typed
    stack.sql("DELETE FROM vault.throttle")


def test_a_login_name_is_judged_whole(basic, stranger, stack):
    """64 characters of four bytes are a name; a longer text is nobody's, whatever it begins with."""
    name = "\U00020000" * 63 + "a"
    one = {**CITIZENS[0], "national_id": "1101700230708", "alias": name, "name": "Long", "sandbox_code": "246813"}
    stack.apply({"citizens": [one]})
    end = sign_in_http(stranger, basic.authorize_url(), Citizen(name, one["password"], sandbox_code="246813"))
    assert "code" in end.params
    for longer in (name + "b", name + " " * 2000 + "b", "somchai" + "\x00"[:0] + "x" * 2000):
        other = new_session(str(stack.certificate))
        end = sign_in_http(other, basic.authorize_url(), Citizen(longer, one["password"]), stop_at="factor")
        assert end.steps == ["password"] and end.page.form_with(type="password"), "not known"
    stack.sql("DELETE FROM vault.throttle")


def test_a_login_name_that_takes_more_space_than_it_has_bytes(basic, stranger, stack):
    """Beside the largest request that is taken, a name of control characters would not fit into an address."""
    claims = json.dumps({"id_token": {"email": {"values": ["v" * 2000]}}})
    page = open_page(stranger, basic.authorize_url(state="s" * 1024, nonce="n" * 1024, login_hint="h" * 1024, claims=claims), stack.issuer)
    form = page.form_with(type="password")
    for login in ("\x01" * 512, '"' * 512, "\\" * 512):
        answer = submit(stranger, page, form, {"login": login, "password": "not the password"})
        assert answer.status_code == 303, f"{login[0]!r}: {answer.status_code}"


def test_strangers_leave_no_row_and_run_no_statement(basic, stranger, stack):
    open_page(stranger, basic.authorize_url(), stack.issuer)  # the client is in memory from here on
    # What was counted makes one row a minute and reason, which belongs to no request.
    tables = ("idp.session", "idp.authz_grant", "idp.code", "idp.consent", "record.event WHERE correlation_id IS NOT NULL")
    count = " UNION ALL ".join(f"SELECT count(*) FROM {t}" for t in tables)
    before = stack.sql(count)
    writes = "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::int FROM pg_stat_all_tables WHERE schemaname = 'idp'"
    with stack.connect() as db:
        db.execute("SELECT pg_stat_clear_snapshot()")
        [written] = db.execute(writes).fetchone()
    for i in range(20):
        session = new_session(str(stack.certificate))
        page = open_page(session, basic.authorize_url(state=str(i)), stack.issuer)
        assert switch_language(session, page).headers["Location"] == page.url.removeprefix(stack.issuer) + "&switched=1"
        assert params_of(cancel(session, page))["error"] == "access_denied"
        assert params_of(get(session, basic.authorize_url(prompt="none")))["error"] == "login_required"
        assert get(session, basic.authorize_url(redirect_uri="https://evil.example/")).status_code == 400
    assert stack.sql(count) == before
    with stack.connect() as db:
        assert db.execute(writes).fetchone() == (written,)


def test_a_cancel_that_is_sent_again_and_again_leaves_no_row(basic, stranger, stack):
    """Also after a right password: it proves that once, whose row is the password's own."""
    end = sign_in_http(stranger, basic.authorize_url(), citizen(), stop_at="factor")
    [(before,)] = stack.sql("SELECT count(*) FROM record.event")
    counted = refusals(stack, kind="sign_in", outcome="abandoned", reason="cancel_after_password")
    for _ in range(3):
        assert params_of(cancel(stranger, end.page))["error"] == "access_denied"
    assert refusals(stack, kind="sign_in", outcome="abandoned", reason="cancel_after_password") == counted + 3
    assert stack.sql("SELECT count(*) FROM record.event WHERE correlation_id IS NOT NULL OR n IS NULL") == [(before,)]


def test_the_device_is_a_new_one_after_each_sign_in(basic, agencies, stranger, stack):
    page = open_page(stranger, agencies["second"].authorize_url(state="tab"), stack.issuer)
    before = stranger.cookies["__Host-device"]
    assert "code" in sign_in_http(stranger, basic.authorize_url(), citizen()).params
    assert stranger.cookies["__Host-device"] != before
    assert stranger.cookies["__Host-device-was"] == before
    end = sign_in_http(stranger, page.url, citizen("malee"))
    assert end.params["state"] == "tab", "what another tab has open still works"


def register(stack, agency, uri, status):
    """Another redirect_uri; until the web role has heard of it, which answers the registered one with this status."""
    stack.sql(
        "UPDATE idp.client SET metadata = jsonb_set(metadata, '{redirect_uris}', %s::jsonb) WHERE client_id = %s",
        [json.dumps([uri]), agency.client_id],
    )
    until = time.monotonic() + 60
    while get(new_session(str(stack.certificate)), agency.authorize_url()).status_code != status:
        assert time.monotonic() < until, "the web role did not hear of it"


def test_a_redirect_uri_that_is_withdrawn_gets_no_code(basic, stranger, stack):
    end = sign_in_http(stranger, basic.authorize_url(), citizen(), stop_at="factor")
    form = end.page.form_with(autocomplete="one-time-code")
    register(stack, basic, "https://new.example/", 400)
    try:
        for late in (
            lambda: submit(stranger, end.page, form, {"code": citizen().code()}),
            lambda: get(stranger, end.page.url),
            lambda: get(stranger, end.page.url + "&again=1"),
            lambda: cancel(stranger, end.page),
        ):
            answer = late()
            assert answer.status_code == 400 and "Location" not in answer.headers
    finally:
        register(stack, basic, basic.redirect_uri, 303)
    assert "code" in follow(stranger, submit(stranger, end.page, form, {"code": citizen().code()}), stack.issuer).params


def test_a_client_that_changes_unheard_of_gets_no_code_by_what_was_read(basic, browser, stack):
    """The statement that issues compares the version: NOTIFY only makes it rare that it finds another."""
    assert "code" in params_of(get(browser, basic.authorize_url()))
    with stack.connect() as db, db.transaction():
        db.execute("ALTER TABLE idp.client DISABLE TRIGGER client_changed")
        db.execute("UPDATE idp.client SET disabled = true, version = version + 1000 WHERE client_id = 'basic'")
        db.execute("ALTER TABLE idp.client ENABLE TRIGGER client_changed")
    try:
        answer = get(browser, basic.authorize_url())
        assert answer.status_code == 400 and "Location" not in answer.headers
    finally:
        stack.sql("UPDATE idp.client SET disabled = false WHERE client_id = 'basic'")
    register(stack, basic, basic.redirect_uri, 303)
