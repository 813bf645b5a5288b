# SPDX-License-Identifier: Apache-2.0
"""The second step as a citizen's browser meets it: the choice of a way, codes that are sent, and more for an agency that asks for more."""
import json
from urllib.parse import parse_qsl, urlsplit

import pytest
from lib.agency import Agency
from lib.citizen import Page, fill_password, follow, get, national_id, new_session, origin, submit, totp
from lib.citizen import Citizen
from lib.codes import code_of, messages, number, time_passes, wrong
from lib.vault import SEED, await_quiet_step, code_now

PASSWORD = "correct horse battery"
LOA1, LOA2, LOA3 = ("urn:pratu:loa:%d" % n for n in (1, 2, 3))


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


class Someone:
    """A citizen with factors as `pratu apply` has them, in a browser of their own."""

    count = 0

    def __init__(self, instance, **factors):
        Someone.count += 1
        self.instance, self.alias = instance, f"someone{Someone.count}"
        document = {"national_id": national_id(f"1{Someone.count:011d}"), "alias": self.alias, "password": PASSWORD, **factors}
        instance.apply({"clients": [], "citizens": [document]})
        ((self.citizen_id,),) = instance.sql("SELECT citizen_id FROM idp.citizen ORDER BY created_at DESC LIMIT 1")
        self.browser = self.new_browser()

    def new_browser(self):
        return new_session(str(self.instance.certificate), **{"Accept-Language": "en"})

    def open(self, url):
        return follow(self.browser, get(self.browser, url), origin(self.instance.issuer))

    def begin(self, url):
        """Up to the page after the password."""
        page = self.open(url).page
        return self.go(fill_password(self.browser, page, Citizen(self.alias, PASSWORD)))

    def go(self, response):
        return follow(self.browser, response, origin(self.instance.issuer))

    def choose(self, page, kind):
        form = page.form_to("/signin/choose")
        return self.go(submit(self.browser, page, form, {}, next(b for b in form.buttons if b["value"] == kind)))

    def type(self, page, code):
        return self.go(submit(self.browser, page, page.form_to("/signin/factor"), {"code": code}))

    def press(self, page, path):
        return self.go(submit(self.browser, page, page.form_to(path), {}))

    def code(self):
        return code_of(messages(self.instance, self)[-1])

    def link(self, page, **wanted):
        return next(one for one in page.links if wanted.items() <= dict(parse_qsl(urlsplit(one).query)).items())


def options(page):
    return [b["value"] for b in page.form_to("/signin/choose").buttons]


def acr_of(agency, end):
    from lib.agency import claims_of
    return claims_of(agency.redeem(end.params["code"]).json()["id_token"])


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
    assert end.params["state"] == "s" and acr_of(agency, end)["acr"] == LOA2
