# SPDX-License-Identifier: Apache-2.0
"""Codes that are sent, in a browser: through the courier and Debian's Kannel and Exim to a phone and a mailbox, and what a citizen sees on
the way, in both languages, at 360 and 1280 px, with and without scripts."""
import json
import re
from contextlib import ExitStack
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from conftest import CHECK, launch
from judge import LANGUAGES, judge
from lib.citizen import national_id
from lib.codes import mailbox, number, time_passes
from lib.courier import running
from lib.gateways import Exim, Kannel
from lib.instance import Cluster, Instance
from lib.stack import wait_until
from lib.vault import PASSWORD as SECRET
from lib.vault import SEED, await_quiet_step, code_now
from steps import CODE, PASSWORD, USERNAME, submit

CALLBACK = "https://excise.example/callback"
LOA1, LOA2 = "urn:pratu:loa:1", "urn:pratu:loa:2"
WAY = "form[action='/signin/choose'] button[value={}]"


class Place:
    """An instance with everything that sends, and an agency."""

    count = 0

    def __init__(self, instance, kannel, exim):
        self.instance, self.kannel, self.exim = instance, kannel, exim
        instance.apply({"citizens": [], "clients": [{
            "client_id": "excise", "client_name": "Excise Department", "client_name#en": "Excise Department",
            "client_name#th": "กรมสรรพสามิต", "redirect_uris": [CALLBACK], "require_consent": False, "scope": "openid",
            "token_endpoint_auth_method": "client_secret_basic", "client_secret": "0123456789abcdef0123456789abcdef"}]})  # fmt: skip

    def citizen(self, **factors):
        Place.count += 1
        alias = f"citizen{Place.count}"
        self.instance.apply({"clients": [], "citizens": [
            {"national_id": national_id(f"3{Place.count:011d}"), "alias": alias, "password": SECRET, **factors}]})  # fmt: skip
        return alias

    def url(self, **more):
        wanted = {"client_id": "excise", "redirect_uri": CALLBACK, "response_type": "code", "scope": "openid", "state": "s", **more}
        return f"{self.instance.issuer}/authorize?{urlencode(wanted)}"

    def sms(self, to):
        """The text of the last message to a number, once there is one."""
        def last():
            return next((text for _, at, text in reversed(self.kannel.messages()) if at == to), None)

        return wait_until(last, what=f"an SMS to {to}")

    def mail(self, to):
        def last():
            return next((one for one in reversed(self.exim.mails()) if one["To"].strip("<>") == to), None)

        return wait_until(last, what=f"a mail to {to}")


@pytest.fixture(scope="module")
def place():
    with ExitStack() as opened:
        cluster = Cluster(CHECK / "sent-pg")
        opened.callback(cluster.remove)
        instance = Instance(cluster, CHECK / "sent", "sent")
        opened.callback(instance.remove)
        instance.init()
        instance.migrate()
        opened.enter_context(instance.vault())
        opened.enter_context(instance.run("web"))
        kannel = opened.enter_context(Kannel())
        exim = opened.enter_context(Exim(instance.certificate, instance.key))
        opened.enter_context(running(instance, sms=[kannel.url], smtp=exim.url))
        yield Place(instance, kannel, exim)


@pytest.fixture(scope="module")
def chromium(playwright, tmp_path_factory):
    """One that needs no demo."""
    one = launch(playwright, tmp_path_factory.mktemp("home"))
    yield one
    one.close()


@pytest.fixture
def visit(browser):
    """A fresh browser; the agency's answer to a code is a page of its own."""

    def make(lang="en", width=360, **options):
        context = browser(width=width, locale=LANGUAGES[lang], ignore_https_errors=True, **options)
        context.route(CALLBACK + "*", lambda route: route.fulfill(body="back at the agency"))
        return context.new_page()

    return make


def give_password(page, alias):
    page.locator(USERNAME).fill(alias)
    page.locator(PASSWORD).fill(SECRET)
    submit(page, PASSWORD)


def type_code(page, code):
    page.locator(CODE).fill(code)
    submit(page, CODE)


def back(page):
    """What the agency got."""
    page.wait_for_url(CALLBACK + "*")
    return dict(parse_qsl(urlsplit(page.url).query))


def code_in(text):
    return re.match(r"\d{6}\b", text).group()


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_citizen_with_only_a_phone_signs_in_without_scripts(place, visit, lang, width):
    to = number()
    alias = place.citizen(sms_number=to)
    page = visit(lang, width, java_script_enabled=False)
    page.goto(place.url())
    give_password(page, alias)
    page.locator(CODE).wait_for()
    text = place.sms(to)
    host = place.instance.issuer.split("//")[1].split(":")[0]
    assert ("กรมสรรพสามิต" if lang == "th" else "Excise Department") in text and text.endswith(f"\n@{host} #{code_in(text)}")
    assert page.locator(f"text=•••• {to[-4:]}").count() == 1
    assert page.locator("button.later").count() == 1, "another only after thirty seconds"
    arrived = "ข้อความถึงปลายทางแล้ว" if lang == "th" else "The message has arrived"
    wait_until(lambda: arrived in page.inner_text(".state") or page.locator(".state a").click(), what=arrived)
    assert page.locator(".state a").count() == 0, "there is nothing more to check"
    type_code(page, code_in(text))
    assert "code" in back(page)


def test_a_citizen_chooses_mail_and_then_proves_more(place, visit):
    to = mailbox()
    alias = place.citizen(code_email=to, totp_secret=SEED)
    page = visit(width=1280)
    page.goto(place.url())
    give_password(page, alias)
    assert [one.get_attribute("value") for one in page.locator("button[name=way]").all()] == ["app", "email"], "the stronger first"
    page.locator(WAY.format("email")).click()
    page.locator(CODE).wait_for()
    mail = place.mail(to)
    assert mail["Subject"] == "Your code to sign in to Excise Department"
    type_code(page, code_in(mail.get_content()))
    assert "code" in back(page)
    page.goto(place.url(claims=json.dumps({"id_token": {"acr": {"essential": True, "value": LOA2}}})))
    assert page.locator(PASSWORD).count() == 0
    page.locator("form[action='/signin/level'] button").click()
    await_quiet_step()
    type_code(page, code_now())
    assert "code" in back(page)
    assert place.instance.sql("SELECT acr FROM idp.session WHERE ended_at IS NULL AND subject_id = (SELECT citizen_id FROM idp.citizen"
                              " ORDER BY created_at DESC LIMIT 1)") == [(LOA2,)]  # fmt: skip


def test_one_code_goes_to_phone_and_mailbox_at_once(place, visit):
    phone, mail = number(), mailbox()
    alias = place.citizen(sms_and_email=f"{phone} {mail}")
    page = visit("th")
    page.goto(place.url())
    give_password(page, alias)
    page.locator(CODE).wait_for()
    code = code_in(place.sms(phone))
    assert code_in(place.mail(mail).get_content()) == code
    type_code(page, code)
    assert "code" in back(page)


def test_another_code_can_be_sent_when_the_time_is_up(place, visit):
    to = number()
    alias = place.citizen(sms_number=to, totp_secret=SEED)
    page = visit()
    page.goto(place.url())
    give_password(page, alias)
    page.locator(WAY.format("sms")).click()
    page.locator(CODE).wait_for()
    assert page.locator(WAY.format("sms")).is_hidden() and page.locator(".soon").is_visible()
    first = code_in(place.sms(to))
    time_passes(place.instance, 30)
    page.reload()
    assert page.locator(".soon").count() == 0
    page.locator(WAY.format("sms")).click()
    wait_until(lambda: code_in(place.sms(to)) != first, what="another SMS")
    type_code(page, first)
    page.locator("[role=alert]").wait_for()
    type_code(page, code_in(place.sms(to)))
    assert "code" in back(page)


@pytest.mark.parametrize("alias", ["malee", "prasert"])
def test_in_the_demo_a_newcomer_reads_the_code_on_its_page(stack, visit, alias):
    page = visit("th", 1280)
    citizen = stack.citizen(alias)
    page.goto(stack.excise + "/")
    page.locator(USERNAME).fill(citizen.login)
    page.locator(PASSWORD).fill(citizen.password)
    submit(page, PASSWORD)
    page.locator(CODE).wait_for()
    reader = page.context.new_page()

    def shown():
        reader.goto(stack.revenue + "/messages")
        return re.search(r"\b(\d{6}) คือรหัส", reader.inner_text("body"))

    type_code(page, wait_until(shown, every_s=0.5, what="the message on the demo's page").group(1))
    page.wait_for_url(stack.excise + "/**")
    assert page.locator("#name").inner_text()


# ------------------------------------------------------------------ every page


class Walk:
    def __init__(self, place, page):
        self.place, self.page = place, page

    def begin(self, more=None, **factors):
        alias = self.place.citizen(**factors)
        self.page.goto(self.place.url(**(more or {})))
        give_password(self.page, alias)
        self.page.wait_for_load_state()

    def choose(self):
        self.begin(sms_number=number(), code_email=mailbox(), totp_secret=SEED)

    def choose_failed(self):
        self.choose()
        self.place.instance.sql("UPDATE vault.factor SET blocked_at = now() WHERE kind = 'sms' AND citizen_id ="
                                " (SELECT citizen_id FROM idp.citizen ORDER BY created_at DESC LIMIT 1)")  # fmt: skip
        self.page.locator(WAY.format("sms")).click()
        self.page.locator("[role=alert]").wait_for()

    def code(self):
        self.choose()
        self.page.locator(WAY.format("sms")).click()
        self.page.locator(CODE).wait_for()

    def code_both(self):
        self.begin(sms_and_email=f"{number()} {mailbox()}")

    def code_wrong(self):
        self.code()
        type_code(self.page, "000000")
        self.page.locator("[role=alert]").wait_for()

    def code_soon(self):
        self.code()
        self.page.locator(WAY.format("sms")).evaluate("button => button.classList.remove('later')")
        self.page.locator(WAY.format("sms")).click()
        self.page.locator("[role=alert]").wait_for()

    def code_failed(self):
        self.begin(code_email=mailbox())
        failed = ("UPDATE courier.message SET state = 'failed' WHERE state = 'handed_over' AND message_id ="
                  " (SELECT messages[1] FROM vault.challenge ORDER BY created_at DESC LIMIT 1) RETURNING 1")  # fmt: skip
        wait_until(lambda: self.place.instance.sql(failed), what="a message that was handed over")
        self.page.reload()
        self.page.locator(".state.bad").wait_for()
        assert self.page.locator(".state a").count() == 0

    def code_late(self):
        self.code()
        time_passes(self.place.instance, 301)
        type_code(self.page, "000000")
        self.page.locator("[role=alert]").wait_for()

    def wait(self):
        shared = number()
        self.begin(sms_number=shared)
        self.page.context.clear_cookies()
        self.begin(sms_number=shared)
        self.page.locator(".count").wait_for()

    def sent_blocked(self):
        self.begin(sms_number=number())
        self.place.instance.sql("UPDATE vault.factor SET blocked_at = now() WHERE kind = 'sms' AND citizen_id ="
                                " (SELECT citizen_id FROM idp.citizen ORDER BY created_at DESC LIMIT 1)")  # fmt: skip
        type_code(self.page, "000000")
        self.page.wait_for_load_state()

    def level_none(self):
        self.begin({"claims": json.dumps({"id_token": {"acr": {"essential": True, "value": LOA2}}})}, code_email=mailbox())

    def level(self):
        to = mailbox()
        self.begin(code_email=to)
        type_code(self.page, code_in(self.place.mail(to).get_content()))
        back(self.page)
        self.page.goto(self.place.url(acr_values=LOA2))


PAGES = ("choose", "choose_failed", "code", "code_both", "code_wrong", "code_soon", "code_late", "code_failed", "wait", "sent_blocked", "level_none", "level")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_page(place, visit, lang, name):
    page = visit(lang)
    troubles = []
    page.on("console", lambda m: m.type == "error" and troubles.append(m.text))
    getattr(Walk(place, page), name)()
    judge(page, f"sent_{name}", lang)
    assert [t for t in troubles if "Content Security Policy" in t] == []
