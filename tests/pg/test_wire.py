# SPDX-License-Identifier: Apache-2.0
"""What the sign-in page weighs on the wire, and what is compressed: the style sheet, and nothing that holds a secret."""
import gzip
import http.client
import re
import ssl
from urllib.parse import urlsplit

import pytest
from lib.agency import CITIZENS, Agency

ALL = {"Accept-Encoding": "gzip, deflate, br, zstd", "Accept-Language": "th", "User-Agent": "Mozilla/5.0"}
WIRE_MAX = 8192


@pytest.fixture(scope="module")
def agency(stack):
    made = Agency(stack, "basic")
    stack.apply({"clients": [made.document()], "citizens": CITIZENS})
    return made


def fetch(stack, path, **headers):
    """(answer, its body as it was sent, bytes of head and body)"""
    trust = ssl.create_default_context()
    trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    connection = http.client.HTTPSConnection("localhost", stack.port, timeout=20, context=trust)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    head = sum(len(f"{name}: {value}\r\n") for name, value in answer.getheaders())
    return answer, body, len(f"HTTP/1.1 {answer.status} {answer.reason}\r\n\r\n") + head + len(body)


def sign_in_page(stack, agency):
    path = urlsplit(agency.authorize_url())
    answer, body, size = fetch(stack, f"{path.path}?{path.query}", **ALL)
    if answer.status == 303:
        cookies = "; ".join(value.split(";")[0] for name, value in answer.getheaders() if name == "Set-Cookie")
        to = urlsplit(answer.getheader("Location"))
        answer, body, size = fetch(stack, f"{to.path}?{to.query}", Cookie=cookies, **ALL)
    assert answer.status == 200 and b'type="password"' in body
    return answer, body, size


def style_path(page):
    return re.search(rb'href="(/style\.css\?[^"]+)"', page).group(1).decode()


def test_the_sign_in_page_and_its_style_sheet_take_at_most_8_kib(stack, agency):
    """Both heads included, and what a sandbox alone shows left out."""
    _, page, size = sign_in_page(stack, agency)
    size -= len(re.search(rb'<aside class="sandbox".*?</aside>', page, re.S).group())
    answer, _, style_size = fetch(stack, style_path(page), **ALL)
    assert answer.status == 200
    assert size + style_size <= WIRE_MAX, (size, style_size)


def test_the_style_sheet_is_sent_compressed_and_kept_for_a_year(stack, agency):
    path = style_path(sign_in_page(stack, agency)[1])
    packed, packed_body, _ = fetch(stack, path, **ALL)
    plain, plain_body, _ = fetch(stack, path)
    assert packed.getheader("Content-Encoding") == "gzip" and plain.getheader("Content-Encoding") is None
    assert gzip.decompress(packed_body) == plain_body and len(packed_body) < len(plain_body) / 2
    for answer in (packed, plain):
        assert answer.getheader("Cache-Control") == "public, max-age=31536000, immutable"
        assert answer.getheader("Vary") == "Accept-Encoding"
        assert answer.getheader("Content-Type") == "text/css; charset=utf-8"
    for other in ("/style.css", "/style.css?v=0123456789abcdef"):
        assert fetch(stack, other, **ALL)[0].getheader("Cache-Control") == "public, max-age=300"


@pytest.mark.parametrize("refusal", ["identity", "gzip;q=0", "br", "*;q=0", "gzip;q=0.0, *"])
def test_who_refuses_gzip_gets_the_plain_text(stack, agency, refusal):
    answer, body, _ = fetch(stack, "/style.css", **{"Accept-Encoding": refusal})
    assert answer.getheader("Content-Encoding") is None and body.startswith(b":root")


def test_nothing_else_is_compressed(stack, agency):
    """A secret beside what an attacker chooses must not be compressed with it (BREACH)."""
    assert sign_in_page(stack, agency)[0].getheader("Content-Encoding") is None
    for path in ("/", "/jwks", "/connect", "/health/live", "/nowhere", "/.well-known/openid-configuration"):
        assert fetch(stack, path, **ALL)[0].getheader("Content-Encoding") is None


def test_every_answer_asks_for_tls_from_now_on(stack, agency):
    for path in ("/", "/jwks", "/style.css", "/nowhere", "/health/live", "/token", "/a/../b"):
        assert fetch(stack, path)[0].getheader("Strict-Transport-Security") == "max-age=63072000"
