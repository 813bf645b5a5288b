# SPDX-License-Identifier: Apache-2.0
"""The main job: sign in once, three agencies know you; sign out, and none does any more."""
import json

import pytest
from steps import Trail, allow, at, cancel, give_password, known, sign_in
from lib.stack import DEMO, wait_until

SOMCHAI, SOMYING = "สมชาย ใจดี", "สมหญิง รักไทย"
ADDRESS = "12 ถนนนิมมานเหมินท์ ตำบลสุเทพ อำเภอเมือง เชียงใหม่ 50200"
LOCALES = {"th": "th-TH", "en": "en-GB"}
PURPOSES = {
    client["client_id"]: {lang: client[f"purpose#{lang}"] for lang in LOCALES}
    for client in json.loads((DEMO / "demo.json").read_text())["clients"]
}


def sign_out_at_pratu(stack, page):
    page.goto(stack.issuer + "/")
    page.locator("form[action='/session/end'] button[value=this]").click()
    page.wait_for_load_state()


def asks_for_a_password(page, agency) -> bool:
    """An agency asks Pratu again at most a second after its last look."""
    page.goto(agency + "/")
    page.wait_for_load_state()
    page.locator("#name, input[autocomplete=current-password]").first.wait_for()
    return page.locator("input[autocomplete=current-password]").count() == 1


def person(stack, javascript):
    """(citizen, name, national ID): another without JavaScript, for a TOTP code is good once, and the next is due later."""
    if javascript:
        return stack.citizen("somchai"), SOMCHAI, "1101700203450"
    return stack.sandbox("somying"), SOMYING, "3100501234563"


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without"])
def test_one_sign_in_opens_three_agencies(stack, browser, javascript):
    citizen, name, number = person(stack, javascript)
    page = browser(java_script_enabled=javascript).new_page()
    trail = Trail(page)
    began = stack.records()

    page.goto(stack.revenue + "/")
    at(page, stack.issuer)
    assert "กรมสรรพากร" in page.inner_text("body") and PURPOSES["revenue"]["th"] in page.inner_text(".purpose")
    assert page.locator("ul.claims .value").count() == 0, "whose they are is not known yet"
    sign_in(page, citizen)
    assert known(page, stack.revenue) == name
    assert page.inner_text("#national-id") == number
    assert page.inner_text("#acr") == "urn:pratu:loa:2"
    subs = {page.inner_text("#sub")}

    trail.clear()
    page.goto(stack.excise + "/")
    assert known(page, stack.excise) == name
    assert not trail.asked(stack.issuer), trail.urls
    subs.add(page.inner_text("#sub"))
    page.goto(stack.customs + "/")
    allow(page)
    assert known(page, stack.customs) == name
    assert page.locator("input[type=password]").count() == 0
    subs.add(page.inner_text("#sub"))
    assert len(subs) == 3, "each agency knows the citizen by a name of its own"

    sign_out_at_pratu(stack, page)
    for agency in (stack.excise, stack.revenue):
        wait_until(lambda a=agency: asks_for_a_password(page, a), what="the end of the sign-in")
        at(page, stack.issuer)

    new = [r for r in stack.records() if r not in began]
    done = [(r["kind"], r.get("client_id")) for r in new if r["outcome"] == "ok"]
    assert [k for k, _ in done].count("sign_in") == 1
    for agency in ("revenue", "excise", "customs"):
        for kind in ("code", "token", "userinfo"):
            assert (kind, agency) in done, f"no row of the {kind} for {agency}"
    assert {"password", "factor"} <= {k for k, _ in done}
    assert {"logout", "session_end"} & {k for k, _ in done}


def shown(page) -> dict:
    """What the agency's page says that it received."""
    fields = page.locator("dl").first.locator("dd[id]")
    return {f.get_attribute("id"): f.inner_text() for f in fields.all()}


@pytest.mark.parametrize("lang", PURPOSES["customs"])
def test_each_agency_asks_for_what_it_needs(stack, browser, lang):
    """And gets that alone; the page names the purpose and, where consent is asked for, the citizen's own values."""
    stack.sql("DELETE FROM idp.consent")
    page = browser(locale=LOCALES[lang]).new_page()
    page.goto(stack.revenue + "/")
    sign_in(page, stack.sandbox("somying"))
    known(page, stack.revenue)
    assert shown(page) == {"national-id": "3100501234563", "address": ADDRESS}
    page.goto(stack.excise + "/")
    known(page, stack.excise)
    assert shown(page) == {"email": "somying@example.th"}

    page.goto(stack.customs + "/")
    page.locator("form[action='/signin/consent']").wait_for()
    assert PURPOSES["customs"][lang] in page.inner_text(".purpose")
    assert page.locator("ul.claims .value").all_inner_texts() == [SOMYING, "+66898765432"]
    assert page.locator("details").count() == 0
    allow(page)
    known(page, stack.customs)
    assert shown(page) == {"phone": "+66898765432"}

    page.goto(stack.issuer + "/")
    page.context.clear_cookies()
    for name, agency in (("revenue", stack.revenue), ("excise", stack.excise)):
        page.goto(agency + "/")
        page.locator("input[type=password]").wait_for()
        assert PURPOSES[name][lang] in page.inner_text(".purpose")


def test_sign_out_at_an_agency_ends_it_and_comes_back(stack, browser):
    page = browser().new_page()
    page.goto(stack.revenue + "/")
    sign_in(page, stack.citizen("aminah"))
    assert known(page, stack.revenue) == "อามีนะห์ สาและ"
    page.locator("#sign-out").click()
    page.wait_for_url(stack.revenue + "/signed-out")
    page.goto(stack.customs + "/")
    page.locator("input[autocomplete=current-password]").wait_for()
    at(page, stack.issuer)


def test_national_id_serves_as_name(stack, browser):
    page = browser().new_page()
    page.goto(stack.excise + "/")
    somying = stack.sandbox("somying")
    somying.login = "3100501234563"
    sign_in(page, somying)
    assert known(page, stack.excise) == SOMYING


def test_cancel_tells_the_agency(stack, browser):
    page = browser().new_page()
    page.goto(stack.revenue + "/")
    at(page, stack.issuer)
    cancel(page)
    at(page, stack.revenue)
    assert "access_denied" in page.inner_text("#error")
    rows = [r for r in stack.records() if r["outcome"] == "abandoned" and r["client_id"] == "revenue"]
    assert not [r for r in rows if r["correlation_id"]], "nothing was proven: it is counted by the minute, without a row of its own"


def test_cancel_at_the_code_tells_the_agency(stack, browser):
    page = browser().new_page()
    page.goto(stack.customs + "/")
    give_password(page, stack.citizen("somchai"))
    page.locator("input[autocomplete=one-time-code]").wait_for()
    cancel(page)
    at(page, stack.customs)
    assert "access_denied" in page.inner_text("#error")
