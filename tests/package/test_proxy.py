# SPDX-License-Identifier: Apache-2.0
"""Pratu installed from its package behind Debian's nginx with the settings of the package: a sign-in, and what the proxy adds."""
import ctypes
import json
import os
import pathlib
import re
import secrets
import socket
import ssl
import subprocess
import sys
from contextlib import contextmanager
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from conftest import run
from lib.agency import basic, challenge, claims_of
from lib.citizen import Citizen, national_id, new_session, sign_in_http
from lib.isolated import CAN_INSTALL
from lib.processes import children
from lib.stack import wait_until

NAME = "signin.example.go.th"
ISSUER = f"https://{NAME}"
MACHINE = pathlib.Path(__file__).parent / "machine.py"
NET = 0x40000000  # CLONE_NEWNET
SECRET = secrets.token_urlsafe(32)
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PEOPLE = [Citizen(f"citizen{n}", "river-market-lantern-41", SEED) for n in range(2)]


def enter_network(pid):
    """This thread's sockets are of that process's network from now on."""
    descriptor = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
    try:
        if ctypes.CDLL(None, use_errno=True).setns(descriptor, NET) != 0:
            raise OSError(ctypes.get_errno(), "setns")
    finally:
        os.close(descriptor)


class Machine:
    def __init__(self, process, pid):
        self.process, self.pid = process, pid
        self.root = pathlib.Path(f"/proc/{pid}/root")
        self.ca = self.root / "etc/ssl/pratu/chain.pem"

    def run(self, *words, stdin=""):
        done = subprocess.run(["nsenter", f"--target={self.pid}", "--mount", "--net", "--pid", "--root", "--wd", *words],
                              input=stdin, capture_output=True, text=True)  # fmt: skip
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    def start(self, unit):
        """Anew, after its process has ended; returns when it is ready."""
        self.tell(f"start {unit}")

    def close(self, unit):
        """Its listening socket."""
        self.tell(f"close {unit}")

    def tell(self, what):
        self.process.stdin.write(what + "\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "ready\n"

    def log(self):
        return [json.loads(line) for line in (self.root / "var/log/nginx/pratu.log").read_text().splitlines()]

    def logged(self, answer):
        """The proxy's line for an answer. It is written after the answer was sent."""
        shown = answer.headers["Correlation-Id"]
        (line,) = wait_until(lambda: [one for one in self.log() if one["correlation_id"] == shown], what=f"a line of {shown}")
        return line

    def browser(self):
        return new_session(str(self.ca))


if CAN_INSTALL:

    @pytest.fixture(scope="module")
    def machine(deb):
        """Started, with an agency and citizens; this thread's network is the machine's."""
        process = subprocess.Popen(["unshare", "-m", "-n", "-p", "--fork", "--kill-child", sys.executable, MACHINE, deb],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # fmt: skip
        if process.stdout.readline() != "ready\n":
            pytest.fail(f"the machine did not start:\n{process.communicate()[1]}")
        one = Machine(process, children(process.pid)[0])
        citizens = [{"national_id": national_id(f"1101700{n:05d}"), "alias": p.login, "password": p.password, "totp_secret": SEED,
                     "name": f"Citizen {n}"} for n, p in enumerate(PEOPLE)]  # fmt: skip
        client = {"client_id": "agency", "client_name": "Agency", "client_secret": SECRET, "scope": "openid profile",
                  "redirect_uris": ["https://agency.example/callback"]}  # fmt: skip
        one.run("pratu", "apply", "-", stdin=json.dumps({"clients": [client], "citizens": citizens}))
        mine = os.open("/proc/self/ns/net", os.O_RDONLY)
        resolve = socket.getaddrinfo
        socket.getaddrinfo = lambda host, *rest, **more: resolve("127.0.0.1" if host == NAME else host, *rest, **more)
        enter_network(one.pid)
        yield one
        socket.getaddrinfo = resolve
        ctypes.CDLL(None).setns(mine, NET)
        os.close(mine)
        process.kill()
        process.communicate()

    def authorize_url(verifier="v" * 43, **more):
        return f"{ISSUER}/authorize?" + urlencode({
            "response_type": "code", "client_id": "agency", "redirect_uri": "https://agency.example/callback", "scope": "openid profile",
            "state": "s", "nonce": "n", "code_challenge": challenge(verifier), "code_challenge_method": "S256", **more})  # fmt: skip

    def raw(host, port=443, sni=NAME, request=None):
        """What the proxy answers to a host name, b"" if it closes without a word."""
        with socket.create_connection(("127.0.0.1", port), timeout=10) as one:
            if port == 443:
                context = ssl.create_default_context()
                context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
                one = context.wrap_socket(one, server_hostname=sni)
            one.sendall(request or f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            answer = b""
            while part := one.recv(65536):
                answer += part
            return answer

    def test_a_citizen_signs_in_through_nginx_installed_from_the_package(machine):
        session = machine.browser()
        end = sign_in_http(session, authorize_url(), PEOPLE[0])
        assert end.steps[:2] == ["password", "factor"], end
        given = requests.post(f"{ISSUER}/token", verify=str(machine.ca), headers={"Authorization": basic("agency", SECRET)},
                              data={"grant_type": "authorization_code", "code": end.params["code"], "code_verifier": "v" * 43,
                                    "redirect_uri": "https://agency.example/callback"}).json()  # fmt: skip
        assert claims_of(given["id_token"])["iss"] == ISSUER
        known = requests.get(f"{ISSUER}/userinfo", verify=str(machine.ca), headers={"Authorization": f"Bearer {given['access_token']}"})
        assert known.json()["name"] == "Citizen 0"
        rows = [json.loads(r) for r in machine.run("pratu", "records", "list", "--json", "--kind", "sign_in").splitlines()]
        assert [r["address"] for r in rows] == ["127.0.0.1"]

    def test_the_log_has_correlation_ids_and_no_transaction(machine):
        session = machine.browser()
        page = session.get(authorize_url(login_hint="secret-hint"))
        sealed = parse_qs(urlsplit(page.url).query)["t"][0]
        nowhere = requests.get(f"{ISSUER}/nowhere?t={sealed}", verify=str(machine.ca), headers={"Referer": page.url})
        for answer, path, status in ((page, "/signin", 200), (nowhere, "/nowhere", 404)):
            line = machine.logged(answer)
            assert (line["path"], line["status"]) == (path, status)
        for name in ("pratu.log", "pratu-error.log", "error.log"):
            path = machine.root / "var/log/nginx" / name
            text = path.read_text() if path.exists() else ""
            for hidden in (sealed[:40], "secret-hint", "t=", "code_challenge"):
                assert hidden not in text, name

    def test_strangers_hosts_get_no_answer(machine):
        assert b"303 See Other" in raw(NAME)
        assert raw("other.example") == b"", "another name inside a connection that named the right one"
        for answer in (raw("other.example", port=80), raw("127.0.0.1", port=80), raw("", port=80)):
            assert answer == b"" or answer.startswith(b"HTTP/1.1 400")
        with pytest.raises(ssl.SSLError):
            raw("other.example", sni="other.example")
        with pytest.raises(ssl.SSLError):
            raw(NAME, sni=None)
        assert b"301" in raw(NAME, port=80) and f"Location: {ISSUER}/".encode() in raw(NAME, port=80)

    def test_no_answer_tells_a_version(machine):
        bad = [b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", b"FROB / HTTP/9\r\n\r\n", f"PUT / HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n\r\n".encode()]
        for answer in [raw(NAME), raw(NAME, port=80), *(raw(NAME, request=one) for one in bad), *(raw(NAME, 80, request=one) for one in bad)]:
            assert not re.search(rb"(?i)nginx/\d|libmicrohttpd", answer)

    def test_a_shared_address_survives_and_one_browser_is_limited(machine):
        """Many citizens of one mobile carrier: 120 tries of as many browsers at once; then one browser that does not stop."""
        def attempt(device):
            answers.append(requests.post(f"{ISSUER}/signin/password?t=x", data={"login": "a", "password": "b"}, verify=str(machine.ca),
                                         cookies={"__Host-device": device}, headers={"Origin": ISSUER}, allow_redirects=False))  # fmt: skip
            return answers[-1].status_code
        def tries(device):
            """How many until the first that is refused."""
            return next((n for n in range(200) if attempt(device) == 429), 200)
        answers = []
        assert 429 not in {attempt(secrets.token_urlsafe(32)) for _ in range(120)}
        assert 20 <= tries(secrets.token_urlsafe(32)) < 200
        assert attempt(secrets.token_urlsafe(32)) != 429, "the others of that address go on"
        assert 20 <= tries("") < 200, "no cookie: told apart by address"
        assert {machine.logged(one)["limited"] for one in answers if one.status_code == 429} == {"REJECTED"}

    @contextmanager
    def stricter(machine, zone, rate, burst):
        """The same settings with another number in one of the limits, so that a test need not send thousands of requests."""
        site = machine.root / "etc/nginx/sites-enabled/pratu"
        before = site.read_text()
        text, rates = re.subn(rf"(zone={zone}:\d+m rate=)\d+r/s", rf"\g<1>{rate}", before)
        text, bursts = re.subn(rf"(limit_req zone={zone} burst=)\d+", rf"\g<1>{burst}", text)
        assert (rates, bursts) == (1, 1)
        restart = "nginx -s stop; while [ -e /run/nginx.pid ]; do sleep 0.05; done; nginx"
        try:
            site.write_text(text)
            machine.run("sh", "-c", restart)
            yield
        finally:
            site.write_text(before)
            machine.run("sh", "-c", restart)

    def test_an_agency_is_limited_by_its_credentials(machine):
        def ask(client_id):
            return requests.post(f"{ISSUER}/token", verify=str(machine.ca), headers={"Authorization": basic(client_id, "x" * 43)},
                                 data={"grant_type": "authorization_code"})  # fmt: skip
        with stricter(machine, "pratu_agency", "1r/m", 3):
            told = [ask("agency") for _ in range(6)]
            assert [one.status_code for one in told] == [told[0].status_code] * 4 + [429] * 2 and told[0].status_code in (400, 401)
            assert told[-1].json()["error"] == "temporarily_unavailable" and told[-1].headers["Retry-After"]
            assert told[-1].json()["correlation_id"] == machine.logged(told[-1])["correlation_id"]
            assert ask("another").status_code != 429, "another agency at the same address goes on"

    def test_who_invents_cookies_meets_the_limit_of_the_address(machine):
        with stricter(machine, "pratu_try_address", "1r/m", 3):
            told = [requests.post(f"{ISSUER}/signin/password", verify=str(machine.ca), cookies={"__Host-device": secrets.token_urlsafe(32)},
                                  allow_redirects=False).status_code for _ in range(6)]  # fmt: skip
            assert 429 not in told[:4] and told[4:] == [429] * 2
            assert requests.get(f"{ISSUER}/connect", verify=str(machine.ca)).status_code == 200, "only tries are limited"

    def test_who_invents_credentials_meets_the_limit_of_the_address(machine):
        def ask(authorization):
            return requests.get(f"{ISSUER}/userinfo", verify=str(machine.ca), headers={"Authorization": authorization}).status_code
        with stricter(machine, "pratu_agency_address", "1r/m", 3):
            told = [ask(f"Bearer {secrets.token_urlsafe(32)}") for _ in range(6)]
            assert told == [401] * 4 + [429] * 2
        with stricter(machine, "pratu_agency", "1r/m", 3):
            told = [ask("Bearer " + secrets.token_urlsafe(9000) + "x" * 64) for _ in range(6)]
            assert told == [401] * 4 + [429] * 2, "the end of a long header is what counts"

    def test_pages_for_what_pratu_does_not_answer(machine):
        """429 and 502 in both languages, with the id that the log has; agencies get JSON."""
        device = secrets.token_urlsafe(32)
        tries = (requests.post(f"{ISSUER}/signin/factor?t=sealed-value", verify=str(machine.ca), cookies={"__Host-device": device},
                               data={"code": "1"}, allow_redirects=False) for _ in range(200))  # fmt: skip
        page(machine, next(one for one in tries if one.status_code == 429), 429, "Too many requests", "มีคำขอมากเกินไป")
        machine.run("touch", "/run/pratu-maintenance")
        page(machine, requests.get(f"{ISSUER}/signin?t=sealed-value", verify=str(machine.ca)), 503, "The service is being worked on",
             "อยู่ระหว่างปรับปรุงระบบ")  # fmt: skip
        assert requests.get(f"{ISSUER}/jwks", verify=str(machine.ca)).json()["error"] == "temporarily_unavailable"
        machine.run("rm", "/run/pratu-maintenance")
        web = (machine.root / "run/pratu-web.pid").read_text()
        machine.run("kill", "-KILL", web)
        machine.close("pratu-web")
        away = requests.get(f"{ISSUER}/signin?t=sealed-value", verify=str(machine.ca))
        page(machine, away, 502, "The service does not answer", "ขณะนี้ไม่สามารถให้บริการได้")
        told = requests.post(f"{ISSUER}/token", verify=str(machine.ca), data={"code": "sealed-value"})
        assert told.status_code == 503 and told.json()["error"] == "temporarily_unavailable" and told.headers["Retry-After"]
        assert told.json()["correlation_id"] == machine.logged(told)["correlation_id"]
        for path in (machine.root / "var/log/nginx").iterdir():
            assert "sealed-value" not in path.read_text(), path
        machine.start("pratu-web")
        assert requests.get(f"{ISSUER}/jwks", verify=str(machine.ca)).status_code == 200

    def page(machine, answer, status, english, thai):
        assert answer.status_code == status and answer.headers["Retry-After"] and "no-store" in answer.headers["Cache-Control"]
        assert english in answer.text and thai in answer.text and 'lang="th"' in answer.text and 'lang="en"' in answer.text
        assert f"<code>{answer.headers['Correlation-Id']}</code>" in answer.text
        assert "main { max-width" in answer.text and "<!--" not in answer.text.replace("<!-- SPDX", ""), "what the pages share is there"
        assert machine.logged(answer)["status"] == status


@pytest.mark.parametrize("status", [429, 502, 503])
def test_each_page_is_one_that_nginx_answers_with(deb, tmp_path, status):
    run("dpkg-deb", "-x", deb, tmp_path)
    conf = (tmp_path / "usr/share/pratu/nginx.conf").read_text()
    assert re.search(rf"error_page {status}.* /proxy/{status}.html;", conf) and "root /usr/share/pratu;" in conf
    text = (tmp_path / f"usr/share/pratu/proxy/{status}.html").read_text()
    assert 'lang="th"' in text and '<section lang="en">' in text and "http" not in text.split("<body>")[1]
