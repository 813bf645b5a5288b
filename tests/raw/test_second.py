# SPDX-License-Identifier: Apache-2.0
"""A second role that answers with HTML, in a folder of its own (tests/raw/second): what it takes of the first is
idp/page, linked from the same library."""
import http.client
import json
import os
import subprocess

import pytest
from lib import logs
from lib.flavour import BUILD
from lib.instance import Ready
from lib.ports import free_port

SECOND = BUILD / "tests/raw/second/second"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
OURS = {**FORM, "Origin": "https://second.example"}


class Site:
    def __init__(self, directory):
        self.port = free_port()
        self.log = directory / "log"
        logs.watch(self.log)
        ready = Ready(directory / "ready")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([SECOND, str(self.port)], stderr=log,
                                            env={**os.environ, "NOTIFY_SOCKET": ready.path})  # fmt: skip
        ready.wait(self.process)
        ready.close()

    def ask(self, method, path, headers=(), body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        answer.text = answer.read().decode()
        connection.close()
        return answer

    def events(self):
        return [json.loads(line)["what"] for line in self.log.read_text().splitlines()]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    made = Site(tmp_path_factory.mktemp("second"))
    yield made
    made.process.terminate()
    assert made.process.wait(30) == 0
    events = made.events()
    assert events[0] == "second.started" and events[-1] == "second.stopping"


@pytest.mark.parametrize("language, title, service, shared", [
    ("th", "เว็บไซต์ที่สอง", "ระบบที่สอง", "เว็บไซต์ที่ถูกต้องคือ"),
    ("en", "A second site", "The second service", "second.example"),
])  # fmt: skip
def test_its_page_speaks_both_languages_in_the_shared_layout(site, language, title, service, shared):
    answer = site.ask("GET", "/", {"Accept-Language": language})
    assert answer.status == 200 and answer.headers["Content-Language"] == language
    for text in (f"<h1>{title}</h1>", service, shared, "<strong>second.example</strong>", '<link rel="stylesheet"'):
        assert text in answer.text
    assert "form-action 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_it_has_its_own_cookie(site):
    assert "This browser is new here." in site.ask("GET", "/", {"Accept-Language": "en"}).text
    answer = site.ask("POST", "/", OURS)
    cookie, *rest = answer.headers["Set-Cookie"].split("; ")
    assert answer.status == 303 and answer.headers["Location"] == "/"
    assert cookie.startswith("__Host-second=") and {"Secure", "HttpOnly", "Path=/"} <= set(rest)
    known = site.ask("GET", "/", {"Accept-Language": "en", "Cookie": cookie})
    assert "This browser was here before." in known.text


def test_the_language_switch_and_the_style_are_there(site):
    answer = site.ask("GET", "/language?to=en&return_to=%2F")
    assert answer.status == 303 and answer.headers["Location"] == "/"
    assert answer.headers["Set-Cookie"].startswith("__Host-lang=en")
    assert site.ask("GET", "/style.css").headers["Content-Type"].startswith("text/css")


def test_the_dispatcher_refuses_for_it_as_for_the_web_role(site):
    assert site.ask("GET", "/authorize").status == 404, "a route of the web role"
    assert site.ask("POST", "/figures", OURS).status == 405
    for origin in ("https://web.example", "https://evil.example"):
        assert site.ask("POST", "/", {**FORM, "Origin": origin}).status == 403
    assert site.ask("GET", "/%00").status == 400


def test_its_hooks_frame_each_request(site):
    begun, ended, server = site.ask("GET", "/figures").text.split()
    later, _, _ = site.ask("GET", "/figures").text.split()
    assert server == "server" and int(begun) - int(ended) >= 1 and int(later) > int(begun)
