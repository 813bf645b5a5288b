# SPDX-License-Identifier: Apache-2.0
"""A citizen without a browser: reads Pratu's pages as a plain client and fills their forms in.

    session = new_session(ca="…/ca.pem")
    end = sign_in_http(session, authorize_url, Citizen(login, password, totp_secret))
    end.params["code"]

Any form is found by what its fields are for (autocomplete, type), as a screen reader would, and every hidden
field is sent back as received. Nothing here knows more of the server than its pages say.
"""
import base64
import hashlib
import hmac
import struct
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

import requests

TIMEOUT_S = 30
STEP_S = 30


@dataclass
class Citizen:
    login: str
    password: str
    totp_secret: str = ""
    sandbox_code: str = ""
    last_step: int = 0  # the last TOTP step used: the server takes each once

    def code(self) -> str:
        """The code to type now. With a TOTP secret it may wait for the next step, as a citizen does."""
        if self.sandbox_code:
            return self.sandbox_code
        step = int(time.time()) // STEP_S
        if step <= self.last_step:
            time.sleep((self.last_step + 1) * STEP_S - time.time() + 0.1)
            step = int(time.time()) // STEP_S
        self.last_step = step
        return totp(self.totp_secret, step)


def totp(secret: str, step: int, digits: int = 6) -> str:
    """RFC 6238 with HMAC-SHA-1; secret in base32."""
    key = base64.b32decode(secret.upper() + "=" * (-len(secret) % 8))
    mac = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()
    at = mac[-1] & 15
    number = struct.unpack(">I", mac[at : at + 4])[0] & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def national_id(first12: str) -> str:
    """A Thai national ID with its check digit."""
    total = sum((13 - i) * int(d) for i, d in enumerate(first12))
    return first12 + str((11 - total % 11) % 10)


@dataclass
class Form:
    action: str = ""
    method: str = "get"
    fields: list = field(default_factory=list)  # dicts of attributes, in order
    buttons: list = field(default_factory=list)

    def find(self, **wanted):
        """The first field with these attributes."""
        for one in self.fields:
            if all(one.get(k) == v for k, v in wanted.items()):
                return one
        return None

    def values(self) -> dict:
        """What a browser sends when nothing was typed."""
        out = {}
        for one in self.fields:
            if not one.get("name") or "disabled" in one:
                continue
            if one.get("type") in ("checkbox", "radio") and "checked" not in one:
                continue
            out[one["name"]] = one.get("value", "")
        return out


class Page(HTMLParser):
    """A page as a client sees it: forms, links, language, text."""

    def __init__(self, html: str, url: str):
        super().__init__()
        self.url, self.forms, self.links, self.lang = url, [], [], None
        self.text, self.title, self._in = [], "", []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = {k: (v if v is not None else "") for k, v in attrs}
        if tag == "html":
            self.lang = attrs.get("lang")
        elif tag == "form":
            action = urljoin(self.url, attrs.get("action", self.url))
            self.forms.append(Form(action, attrs.get("method", "get").lower()))
        elif tag in ("input", "select", "textarea") and self.forms:
            kind = "buttons" if attrs.get("type") in ("submit", "image") else "fields"
            getattr(self.forms[-1], kind).append(attrs)
        elif tag == "button" and self.forms:
            self.forms[-1].buttons.append(attrs)
        elif tag == "a" and "href" in attrs:
            self.links.append(urljoin(self.url, attrs["href"]))
        if tag not in ("input", "meta", "link", "br", "img", "hr"):
            self._in.append(tag)

    def handle_endtag(self, tag):
        while self._in and self._in.pop() != tag:
            pass

    def handle_data(self, data):
        if "title" in self._in:
            self.title += data
        elif not {"style", "script"} & set(self._in):
            self.text.append(data)

    def form_with(self, **wanted):
        """The form that has a field with these attributes."""
        return next((f for f in self.forms if f.find(**wanted)), None)

    def form_to(self, path: str):
        """The form whose action is at this path."""
        return next((f for f in self.forms if urlsplit(f.action).path == path), None)

    def form_of_button(self, name: str):
        """The form that has a button of this name."""
        return next((f for f in self.forms if any(b.get("name") == name for b in f.buttons)), None)

    def words(self) -> str:
        return " ".join(" ".join(self.text).split())


@dataclass
class End:
    """Where a sign-in ended: the answer to the agency, or a page of Pratu's own."""

    url: str = ""
    params: dict = field(default_factory=dict)  # what the agency got (query or form_post)
    response: object = None  # of the last page, where no agency was reached
    page: Page | None = None
    steps: list = field(default_factory=list)  # which pages were filled in


class Browser(requests.Session):
    """Sends Secure cookies to a plain loopback address too, as browsers do. There, it stands for a browser and the
    reverse proxy before Pratu: public_origin is what the browser sees."""

    public_origin = None

    def prepare_request(self, request):
        prepared = super().prepare_request(request)
        if prepared.url.startswith("http:"):
            cookies = "; ".join(f"{c.name}={c.value}" for c in self.cookies)
            prepared.headers.pop("Cookie", None)
            if cookies:
                prepared.headers["Cookie"] = cookies
        return prepared


def new_session(ca: str | None = None, public_origin: str | None = None, **headers) -> Browser:
    """Cookies and trust of one browser. ca: PEM file; None for plain HTTP on a loopback address."""
    session = Browser()
    session.public_origin = public_origin
    session.verify = ca or True
    session.trust_env = False
    session.headers.update(headers)
    return session


def origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def get(session, url, **kwargs):
    return session.get(url, allow_redirects=False, timeout=TIMEOUT_S, **kwargs)


def submit(session, page: Page, form: Form, typed: dict, button: dict | None = None):
    """Send a form as a browser would: hidden fields as received, Origin and Referer set."""
    data = {**form.values(), **typed}
    if button and button.get("name"):
        data[button["name"]] = button.get("value", "")
    headers = {"Origin": getattr(session, "public_origin", None) or origin(page.url), "Referer": page.url, "Sec-Fetch-Site": "same-origin"}
    return session.post(
        form.action, data=data, headers=headers, allow_redirects=False, timeout=TIMEOUT_S
    )


def follow(session, response, home: str) -> End:
    """Follow redirects while they stay at Pratu; stop where they leave it, or at a page."""
    for _ in range(12):
        if response.is_redirect:
            url = urljoin(response.url, response.headers["Location"])
            if origin(url) != home:
                return End(url=url, params=dict(parse_qsl(urlsplit(url).query)))
            response = get(session, url)
            continue
        page = Page(response.text, response.url)
        away = next((f for f in page.forms if origin(f.action) != home), None)
        if away and away.method == "post" and response.status_code == 200:
            return End(url=away.action, params=away.values(), page=page)
        return End(url=response.url, response=response, page=page)
    raise AssertionError("redirected in a circle: " + response.url)


def open_page(session, url, home):
    """The page of Pratu that an address leads to."""
    end = follow(session, get(session, url), home)
    assert end.page is not None, end
    return end.page


def press(session, page, path, choice):
    """Press one of the buttons of a form."""
    form = page.form_to(path)
    button = next((b for b in form.buttons if b.get("value") == choice), {"name": "choice", "value": choice})
    return submit(session, page, form, {}, button)


def params_of(answer):
    """What a redirect carries in its query."""
    assert answer.status_code == 303, answer.text
    return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))


def fill_password(session, page, citizen):
    form = page.form_with(type="password")
    login = form.find(autocomplete="username")
    secret = form.find(type="password")
    return submit(session, page, form, {login["name"]: citizen.login, secret["name"]: citizen.password})


def fill_code(session, page, citizen):
    form = page.form_with(autocomplete="one-time-code")
    name = form.find(autocomplete="one-time-code")["name"]
    return submit(session, page, form, {name: citizen.code()})


def switch_language(session, page):
    """By the button in the page's head: a form without fields, sent to the page's own address."""
    form = page.form_of_button("to")
    return submit(session, page, form, {}, form.buttons[0])


def cancel(session, page):
    """By the link that the page has for it."""
    return get(session, link_with(page, "cancel"))


def link_with(page, name):
    """The page's one link with a parameter of that name."""
    [link] = [one for one in page.links if name in dict(parse_qsl(urlsplit(one).query))]
    return link


def fill_consent(session, page, _citizen):
    form = page.form_to("/signin/consent")
    return submit(session, page, form, {}, form.buttons[0] if form.buttons else None)


def fill_notice(session, page, _citizen):
    return submit(session, page, page.form_to("/signin/notice"), {})


def fill_account(session, page, _citizen):
    form = page.form_to("/signin/account")
    return submit(session, page, form, {}, form.buttons[0] if form.buttons else None)


def step_of(page: Page) -> str | None:
    """Which step of a sign-in a page asks for."""
    if page.form_with(type="password"):
        return "password"
    if page.form_with(autocomplete="one-time-code"):
        return "factor"
    if page.form_to("/signin/notice"):
        return "notice"
    if page.form_to("/signin/consent"):
        return "consent"
    if page.form_to("/signin/account"):
        return "account"
    return None


FILL = {
    "password": fill_password, "factor": fill_code, "notice": fill_notice, "consent": fill_consent,
    "account": fill_account,
}  # fmt: skip


def sign_in_http(session, url: str, citizen: Citizen, *, stop_at: str | None = None, data=None) -> End:
    """Open url (an authorization request, or Pratu's "/") and go through every page that Pratu shows.

    Ends where the browser is sent to the agency (End.params), where a page asks for nothing more, where the step
    named by stop_at is due, or where the same step is asked a second time (a refusal: End.page tells).
    data: send the request by POST with this form.
    """
    home = origin(url)
    if data is None:
        first = get(session, url)
    else:
        first = session.post(url, data=data, allow_redirects=False, timeout=TIMEOUT_S)
    end = follow(session, first, home)
    steps = []
    while end.page is not None and not end.params:
        step = step_of(end.page)
        if step is None or step == stop_at or step in steps:
            break
        steps.append(step)
        end = follow(session, FILL[step](session, end.page, citizen), home)
    end.steps = steps
    return end
