# SPDX-License-Identifier: Apache-2.0
"""A citizen with any factors, in a browser of their own, who walks through the second step by hand.

    somchai = Someone(instance, sms_number="081 555 0001")
    end = somchai.begin(agency.authorize_url())
    end = somchai.type(end.page, somchai.code())
"""
from urllib.parse import parse_qsl, urlsplit

from .citizen import Citizen, Form, fill_password, follow, get, national_id, new_session, origin, submit
from .codes import code_of, messages
from .vault import PASSWORD


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
        return self.go(get(self.browser, url))

    def go(self, response):
        """Where an answer leads to; the last page's source is kept in html."""
        end = follow(self.browser, response, origin(self.instance.issuer))
        self.html = end.response.text if end.response is not None else ""
        return end

    def password(self, page):
        return self.go(fill_password(self.browser, page, Citizen(self.alias, PASSWORD)))

    def begin(self, url):
        """Up to the page after the password."""
        return self.password(self.open(url).page)

    def choose(self, page, kind):
        form = page.form_to("/signin/choose")
        return self.go(submit(self.browser, page, form, {}, next(b for b in form.buttons if b["value"] == kind)))

    def type(self, page, code):
        return self.go(submit(self.browser, page, page.form_to("/signin/factor"), {"code": code}))

    def press(self, page, path):
        return self.go(submit(self.browser, page, page.form_to(path), {}))

    def post(self, page, path, **fields):
        """A form that the page does not have."""
        form = Form(origin(page.url) + path, "post", [{"name": "t", "value": self.handle(page)}])
        return self.go(submit(self.browser, page, form, fields))

    def handle(self, page):
        return dict(parse_qsl(urlsplit(page.url).query))["t"]

    def code(self):
        """Of the last message."""
        return code_of(messages(self.instance, self)[-1])

    def link(self, page, **wanted):
        return next(one for one in page.links if wanted.items() <= dict(parse_qsl(urlsplit(one).query)).items())
