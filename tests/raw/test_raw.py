# SPDX-License-Identifier: Apache-2.0
"""Every hostile request that we know of: refused with its status, closed, and the process serves on."""
import hashlib
import json

import pytest

from raw import Wire

GET = b"GET /echo HTTP/1.1\r\n"
POST = b"POST /echo HTTP/1.1\r\nHost: a\r\n"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"

REFUSED = {
    # two framings, or a doubtful one: RFC 9112 s6.1, s6.3
    "length_and_chunked": (400, POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "chunked_and_length": (400, POST + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n"),
    "two_lengths_differing": (400, POST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"),
    "two_lengths_equal": (400, POST + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc"),
    "two_lengths_in_one": (400, POST + b"Content-Length: 3, 3\r\n\r\nabc"),
    "length_signed": (400, POST + b"Content-Length: +3\r\n\r\nabc"),
    "length_negative": (400, POST + b"Content-Length: -3\r\n\r\nabc"),
    "length_hex": (400, POST + b"Content-Length: 0x3\r\n\r\nabc"),
    "length_empty": (400, POST + b"Content-Length:\r\n\r\nabc"),
    "length_with_space": (400, POST + b"Content-Length: 1 2\r\n\r\nabc"),
    "length_overflowing": (413, POST + b"Content-Length: 18446744073709551619\r\n\r\nabc"),
    "length_huge": (413, POST + b"Content-Length: 10000000000\r\n\r\nabc"),
    "chunked": (411, POST + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
    "chunked_twice": (400, POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "chunked_and_identity": (400, POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"),
    "chunked_with_tab": (400, POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n"),
    "gzip_coding": (400, POST + b"Transfer-Encoding: gzip\r\n\r\nabc"),
    "chunked_in_1_0": (400, b"POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "body_too_large": (413, POST + b"Content-Length: 65537\r\n\r\n"),
    "body_encoded": (415, POST + FORM + b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"),
    # header lines: RFC 9112 s5.1, s5.2, s2.2; RFC 9110 s5.5
    "space_before_colon": (400, GET + b"Host: a\r\nX-A : b\r\n\r\n"),
    "space_before_colon_of_length": (400, POST + b"Content-Length : 3\r\n\r\nabc"),
    "tab_before_colon": (400, GET + b"Host: a\r\nX-A\t: b\r\n\r\n"),
    "space_before_name": (400, GET + b" Host: a\r\n\r\n"),
    "name_empty": (400, GET + b"Host: a\r\n: b\r\n\r\n"),
    "name_with_space": (400, GET + b"Host: a\r\nX A: b\r\n\r\n"),
    "name_above_ascii": (400, GET + b"Host: a\r\nX\xc3\xa9: b\r\n\r\n"),
    "no_colon": (400, GET + b"Host: a\r\nnothing\r\n\r\n"),
    "folded": (400, GET + b"Host: a\r\nX-A: b\r\n c\r\n\r\n"),
    "folded_with_tab": (400, GET + b"Host: a\r\nX-A: b\r\n\tc\r\nX-B: c\r\n\r\n"),
    "folded_into_a_name": (400, POST + b"Content-Lengt: 3\r\n h\r\n\r\nabc"),
    "folded_host": (400, GET + b"Host: a\r\n b\r\n\r\n"),
    "bare_cr_in_value": (400, GET + b"Host: a\r\nX-A: b\rc\r\n\r\n"),
    "bare_cr_before_line_end": (400, GET + b"Host: a\r\nX-A: b\r\r\n\r\n"),
    "bare_cr_hides_a_field": (400, GET + b"Host: a\r\nX-A: b\rContent-Length: 3\r\n\r\n"),
    "bare_lf": (400, GET + b"Host: a\nX-A: b\r\n\r\n"),
    "bare_lf_last": (400, GET + b"Host: a\r\nX-A: b\n\r\n"),
    "bare_lf_empty_line": (400, GET + b"Host: a\r\n\n"),
    "bare_lf_request_line": (400, b"GET /echo HTTP/1.1\nHost: a\r\n\r\n"),
    "nul_in_value": (400, GET + b"Host: a\r\nX-A: b\x00c\r\n\r\n"),
    "nul_behind_value": (400, GET + b"Host: a\r\nX-A: b\x00\r\n\r\n"),
    "nul_hides_a_length": (400, POST + b"Content-Length: 3\x00 4\r\n\r\nabc"),
    "nul_in_name": (400, GET + b"Host: a\r\nX\x00A: b\r\n\r\n"),
    "nul_like_a_field": (400, GET + b"Host: a\r\nX-A: b\x00\x00X-B\x00 c\r\n\r\n"),
    "nul_like_the_end": (400, GET + b"Host: a\r\nX-A: b\x00\x00\x00\x00\r\n\r\n"),
    "control_in_value": (400, GET + b"Host: a\r\nX-A: b\x01c\r\n\r\n"),
    "escape_in_value": (400, GET + b"Host: a\r\nX-A: b\x1b[31m\r\n\r\n"),
    "delete_in_value": (400, GET + b"Host: a\r\nX-A: b\x7f\r\n\r\n"),
    "too_many_headers": (431, GET + b"Host: a\r\n" + b"X: y\r\n" * 100 + b"\r\n"),
    "head_too_large": (431, GET + b"Host: a\r\nX-A: " + b"b" * 16384 + b"\r\n\r\n"),
    "head_far_too_large": (431, GET + b"Host: a\r\nX-A: " + b"b" * 300000 + b"\r\n\r\n"),
    "line_far_too_large": (414, b"GET /" + b"a" * 300000 + b" HTTP/1.1\r\nHost: a\r\n\r\n"),
    # Host: RFC 9112 s3.2
    "no_host": (400, GET + b"\r\n"),
    "two_hosts": (400, GET + b"Host: a\r\nHost: b\r\n\r\n"),
    "two_hosts_equal": (400, GET + b"Host: a\r\nHost: a\r\n\r\n"),
    "two_hosts_in_1_0": (400, b"GET /echo HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n"),
    "host_empty": (400, GET + b"Host:\r\n\r\n"),
    "host_with_user": (400, GET + b"Host: u@a\r\n\r\n"),
    "host_with_path": (400, GET + b"Host: a/b\r\n\r\n"),
    "host_with_space": (400, GET + b"Host: a b\r\n\r\n"),
    # what must be there once
    "two_authorizations": (400, GET + b"Host: a\r\nAuthorization: Basic YTpi\r\nauthorization: Bearer x\r\n\r\n"),
    "two_content_types": (400, POST + FORM + b"content-type: text/plain\r\nContent-Length: 0\r\n\r\n"),
    "two_cookies": (400, GET + b"Host: a\r\nCookie: a=1\r\nCookie: a=2\r\n\r\n"),
    "two_origins": (400, GET + b"Host: a\r\nOrigin: https://a\r\nOrigin: https://b\r\n\r\n"),
    # the request line: RFC 9112 s3
    "version_2": (505, b"GET /echo HTTP/2.0\r\nHost: a\r\n\r\n"),
    "version_1_2": (505, b"GET /echo HTTP/1.2\r\nHost: a\r\n\r\n"),
    "version_0_9": (505, b"GET /echo HTTP/0.9\r\nHost: a\r\n\r\n"),
    "version_malformed": (400, b"GET /echo HTTP/1.1x\r\nHost: a\r\n\r\n"),
    "version_lower_case": (400, b"GET /echo http/1.1\r\nHost: a\r\n\r\n"),
    "version_missing": (400, b"GET /echo\r\nHost: a\r\n\r\n"),
    "http2_preface": (505, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "method_lower_case": (400, b"get /echo HTTP/1.1\r\nHost: a\r\n\r\n"),
    "method_far_too_long": (400, b"A" * 17 + b" /echo HTTP/1.1\r\nHost: a\r\n\r\n"),
    "two_spaces": (400, b"GET  /echo HTTP/1.1\r\nHost: a\r\n\r\n"),
    "two_spaces_before_version": (400, b"GET /echo  HTTP/1.1\r\nHost: a\r\n\r\n"),
    "tab_for_space": (400, b"GET\t/echo HTTP/1.1\r\nHost: a\r\n\r\n"),
    "nul_in_target": (400, b"GET /ec\x00ho HTTP/1.1\r\nHost: a\r\n\r\n"),
    "nul_ends_target": (400, b"GET /echo\x00 HTTP/1.1\r\nHost: a\r\n\r\n"),
    "control_in_target": (400, b"GET /ec\x01ho HTTP/1.1\r\nHost: a\r\n\r\n"),
    "bytes_above_ascii_in_target": (400, b"GET /ec\xc3\xa9ho HTTP/1.1\r\nHost: a\r\n\r\n"),
    "fragment": (400, b"GET /echo#a HTTP/1.1\r\nHost: a\r\n\r\n"),
    "authority_form": (400, b"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n"),
    "other_scheme": (400, b"GET ftp://a/echo HTTP/1.1\r\nHost: a\r\n\r\n"),
    "absolute_form_with_user": (400, b"GET http://u@a/echo HTTP/1.1\r\nHost: a\r\n\r\n"),
    # the path
    "nul_in_path": (400, b"GET /echo%00 HTTP/1.1\r\nHost: a\r\n\r\n"),
    "nul_in_query": (400, b"GET /echo?a=b%00c HTTP/1.1\r\nHost: a\r\n\r\n"),
    "nul_in_query_name": (400, b"GET /echo?a%00=b HTTP/1.1\r\nHost: a\r\n\r\n"),
    "line_end_in_path": (400, b"GET /echo%0d%0aX: HTTP/1.1\r\nHost: a\r\n\r\n"),
    "dots": (400, b"GET /a/../echo HTTP/1.1\r\nHost: a\r\n\r\n"),
    "dots_last": (400, b"GET /echo/.. HTTP/1.1\r\nHost: a\r\n\r\n"),
    "dot": (400, b"GET /./echo HTTP/1.1\r\nHost: a\r\n\r\n"),
    "dots_escaped": (400, b"GET /a/%2e%2E/echo HTTP/1.1\r\nHost: a\r\n\r\n"),
    "two_slashes": (400, b"GET //echo HTTP/1.1\r\nHost: a\r\n\r\n"),
    "two_slashes_within": (400, b"GET /a//echo HTTP/1.1\r\nHost: a\r\n\r\n"),
    "slash_escaped": (400, b"GET /a%2fecho HTTP/1.1\r\nHost: a\r\n\r\n"),
    "backslash": (400, b"GET /a\\echo HTTP/1.1\r\nHost: a\r\n\r\n"),
    "backslash_escaped": (400, b"GET /a%5cecho HTTP/1.1\r\nHost: a\r\n\r\n"),
    "broken_escape": (400, b"GET /echo%2 HTTP/1.1\r\nHost: a\r\n\r\n"),
    "broken_escape_before_query": (400, b"GET /echo%2?a HTTP/1.1\r\nHost: a\r\n\r\n"),
    "path_not_utf8": (400, b"GET /echo%ff HTTP/1.1\r\nHost: a\r\n\r\n"),
    "nul_in_form": (400, POST + FORM + b"Content-Length: 7\r\n\r\na=b%00c"),
    "other_expectation": (417, POST + b"Expect: miracles\r\nContent-Length: 3\r\n\r\nabc"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_and_closed(server, name):
    status, request = REFUSED[name]
    with Wire(server) as wire:
        wire.send(request)
        answer = wire.answer()
        assert answer is not None, "closed without an answer"
        assert answer.status == status
        assert wire.is_closed()


@pytest.mark.parametrize("name", ["two_lengths_differing", "two_hosts", "nul_in_path", "body_too_large"])
def test_a_refusal_names_the_request(server, name):
    status, request = REFUSED[name]
    answer = server.ask(request)
    assert len(answer.headers["correlation-id"]) == 22
    assert answer.headers["connection"] == "close"
    assert answer.body.startswith(b"refused=%d" % status)


LIBRARY_REFUSES = ["two_lengths_in_one", "length_signed", "length_negative", "length_hex", "length_empty", "length_with_space",
                   "length_overflowing"]
LIBRARY_REFUSES_ALONE = ["no_colon", "nul_in_name", "head_far_too_large", "line_far_too_large", "version_2", "version_malformed",
                         "version_missing", "http2_preface", "tab_for_space"]


@pytest.mark.parametrize("tls", [False, True])
def test_what_the_library_would_refuse_by_itself_is_answered_as_all_else(start, tls):
    """Its own answer to a broken length had its head twice, and none of our headers."""
    server = start(tls=tls, issuer="https://a")
    for name in LIBRARY_REFUSES_ALONE + LIBRARY_REFUSES:
        status, request = REFUSED[name]
        with Wire(server) as wire:
            wire.send(request)
            answer = wire.answer()
            assert (answer.status, answer.body.split()[0]) == (status, b"refused=%d" % status), name
            assert len(answer.headers["correlation-id"]) == 22
            assert answer.headers["strict-transport-security"] == "max-age=63072000"
            assert answer.rest == b"" and wire.is_closed()


@pytest.mark.parametrize("tls", [False, True])
def test_a_broken_length_is_answered_to_the_one_that_sent_it(start, tls):
    """Others are in the middle of their own requests, one of them with the same fault to come."""
    server = start(tls=tls)
    with Wire(server) as first, Wire(server) as second, Wire(server) as guilty:
        first.send(POST + b"Content-Length: +3\r\nX-A: b")
        second.send(b"GET /echo HTTP/1.1\r\nHost: a\r\n")
        guilty.send(POST + b"Content-Length: -3\r\n\r\nabc")
        answer = guilty.answer()
        assert answer.status == 400 and answer.body == b"refused=400 content_length\n"
        second.send(b"\r\n")
        assert second.answer().status == 200
        first.send(b"\r\n\r\n")
        assert first.answer().body == b"refused=400 content_length\n"


@pytest.mark.parametrize("n", [101, 1000, 7000])
@pytest.mark.parametrize("pair", [b"a", b"a=b"])
def test_a_query_of_thousands_of_pairs(server, n, pair):
    answer = server.get("/inline?" + "&".join([pair.decode()] * min(n, 15000 // (len(pair) + 1))))
    assert answer.status == 400 and b"too_many_parameters" in answer.body


def test_a_refusal_is_in_the_log(start):
    server = start(log=1)
    server.get("/echo?" + "a&" * 5000)
    server.ask(POST + b"Content-Length: +3\r\n\r\nabc")
    lines = [json.loads(line) for line in server.log_lines(requests=2)]
    refused = [line["refused"] for line in lines if line["what"] == "http.request" and "refused" in line]
    assert sorted(refused) == ["content_length", "too_many_parameters"]


def test_a_log_holds_no_text_that_a_stranger_chose(start):
    """A path that leads nowhere, a target that is refused, an odd method: each may be a password in the wrong field."""
    server = start(log=1)
    server.get("/unknown/hunter2?hunter3")
    server.get("/hunter4/../x?hunter5")
    server.ask(b"HUNTER /echo HTTP/1.1\r\nHost: a\r\n\r\n")
    lines = [json.loads(line) for line in server.log_lines(requests=3) if b'"http.request"' in line]
    assert "hunter" not in json.dumps(lines).lower()
    digests = ["sha256:" + hashlib.sha256(path).hexdigest()[:16] for path in (b"/unknown/hunter2", b"/hunter4/../x")]
    assert {(line["method"], line["path"]) for line in lines} == {
        ("GET", digests[0]), ("GET", digests[1]), ("other", "/echo")}


@pytest.mark.parametrize("name", REFUSED)
def test_what_follows_a_refusal_is_not_a_request(server, name):
    """The second request is what a smuggler wants to have served."""
    _, request = REFUSED[name]
    with Wire(server) as wire:
        wire.send(request + b"GET /inline HTTP/1.1\r\nHost: a\r\n\r\n" * 2)
        answer = wire.answer()
        assert answer is None or answer.status >= 400
        assert wire.is_closed()
        assert b" 200 " not in wire.unread and b"inline" not in wire.unread


ACCEPTED = {
    "plain": (b"GET /echo?a=b HTTP/1.1\r\nHost: a\r\n\r\n", {"path": "/echo", "query.a": "b"}),
    "query_with_question_mark": (b"GET /echo?a=b?c HTTP/1.1\r\nHost: a\r\n\r\n", {"query_text": "a=b?c"}),
    "escaped_letter": (b"GET /ech%6f HTTP/1.1\r\nHost: a\r\n\r\n", {"path": "/echo"}),
    "decoded_once": (b"GET /echo%2541 HTTP/1.1\r\nHost: a\r\n\r\n", {"path": "/echo%41"}),
    "slash_last": (b"GET /echo/ HTTP/1.1\r\nHost: a\r\n\r\n", {"path": "/echo/"}),
    "slash_escaped_in_query": (b"GET /echo?u=https%3A%2F%2Fa HTTP/1.1\r\nHost: a\r\n\r\n", {"query.u": "https://a"}),
    "dots_in_query": (b"GET /echo?u=/../ HTTP/1.1\r\nHost: a\r\n\r\n", {"query.u": "/../"}),
    "dots_in_name": (b"GET /echo..x/.y HTTP/1.1\r\nHost: a\r\n\r\n", {"path": "/echo..x/.y"}),
    "thai_path": (b"GET /%E0%B8%81 HTTP/1.1\r\nHost: a\r\n\r\n", {"path": "ก".join(["/", ""])}),
    "absolute_form": (b"GET http://b:80/echo?a=b HTTP/1.1\r\nHost: a\r\n\r\n", {"path": "/echo", "query.a": "b"}),
    "absolute_form_bare": (b"GET https://b HTTP/1.1\r\nHost: a\r\n\r\n", {"path": "/"}),
    "asterisk_form": (b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", {"path": "*"}),
    "no_host_in_1_0": (b"GET /echo HTTP/1.0\r\n\r\n", {"path": "/echo"}),
    "host_with_port": (b"GET /echo HTTP/1.1\r\nHost: [::1]:8443\r\n\r\n", {"path": "/echo"}),
    "empty_line_first": (b"\r\nGET /echo HTTP/1.1\r\nHost: a\r\n\r\n", {"path": "/echo"}),
    "blanks_around_a_value": (b"GET /echo HTTP/1.1\r\nHost: a\r\nUser-Agent: \t a b \t\r\n\r\n", {"user_agent": "a b"}),
    "no_blank_before_a_value": (b"GET /echo HTTP/1.1\r\nHost:a\r\nUser-Agent:a\r\n\r\n", {"user_agent": "a"}),
    "value_empty": (b"GET /echo HTTP/1.1\r\nHost: a\r\nX:\r\nY: \r\nUser-Agent: a\r\n\r\n", {"headers": "4"}),
    "value_utf8": (b"GET /echo HTTP/1.1\r\nHost: a\r\nUser-Agent: \xe0\xb8\x81\r\n\r\n", {"user_agent": "ก"}),
    "value_not_utf8": (b"GET /echo HTTP/1.1\r\nHost: a\r\nUser-Agent: a\xa1b\r\n\r\n", {"user_agent": "a?b"}),
    "hundred_headers": (b"GET /echo HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 99 + b"\r\n", {"headers": "100"}),
    "large_head": (b"GET /echo HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 16000 + b"\r\n\r\n", {"headers": "2"}),
    "large_target": (b"GET /echo?a=" + b"y" * 15000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", {"query.a": "y" * 15000}),
    "cookie": (b"GET /echo HTTP/1.1\r\nHost: a\r\nCookie: b=1; a=x=y ;c\r\n\r\n", {"cookie.a": "x=y"}),
    "cookie_twice_the_same": (b"GET /echo HTTP/1.1\r\nHost: a\r\nCookie: a=1; a=1\r\n\r\n", {"cookie.a": "1"}),
    "cookie_twice_differing": (b"GET /echo HTTP/1.1\r\nHost: a\r\nCookie: a=1; a=2\r\n\r\n", {"cookie.a": "(none)"}),
    "lists_may_come_twice": (b"GET /echo HTTP/1.1\r\nHost: a\r\nAccept: a/b\r\nAccept: c/d\r\n\r\n", {"headers": "3"}),
    "form": (POST + FORM + b"Content-Length: 7\r\n\r\na=b+c&d", {"form.a": "b c", "form.d": ""}),
    "form_with_charset": (POST + b"Content-Type: Application/X-WWW-Form-Urlencoded; charset=UTF-8\r\n"
                          b"Content-Length: 3\r\n\r\na=b", {"form.a": "b"}),
    "no_form": (POST + b"Content-Type: text/plain\r\nContent-Length: 3\r\n\r\na=b", {"body_len": "3"}),
    "hundred_pairs": (b"GET /echo?" + b"&".join(b"a%d=b" % i for i in range(100)) + b"&& HTTP/1.1\r\nHost: a\r\n\r\n",
                      {"query.a99": "b"}),
    "form_repeats": (POST + FORM + b"Content-Length: 7\r\n\r\na=b&a=b", {"body_len": "7"}),
    "largest_body": (POST + FORM + b"Content-Length: 65536\r\n\r\na=" + b"b" * 65534, {"body_len": "65536"}),
    "no_body": (POST + b"Content-Length: 0\r\n\r\n", {"body_len": "0"}),
    "other_method": (b"PATCH /echo HTTP/1.1\r\nHost: a\r\n\r\n", {"method": "PATCH"}),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepted(server, name):
    request, expected = ACCEPTED[name]
    with Wire(server) as wire:
        wire.send(request)
        answer = wire.answer()
        assert answer.status == 200
        assert {k: answer.fields[k] for k in expected} == expected
        if b"HTTP/1.0" not in request:
            wire.send(b"GET /inline HTTP/1.1\r\nHost: a\r\n\r\n")
            assert wire.answer().body == b"inline"


def test_split_into_single_bytes(server):
    request = POST + FORM + b"Content-Length: 3\r\n\r\na=b"
    with Wire(server) as wire:
        for byte in request:
            wire.send(bytes([byte]))
        assert wire.answer().fields["form.a"] == "b"


def test_pipelined(server):
    """Answered in their order, whatever lane each takes."""
    paths = ["/slow/1", "/echo/2", "/inline", "/echo/4", "/slow/5"]
    with Wire(server) as wire:
        wire.send(b"".join(b"GET %s HTTP/1.1\r\nHost: a\r\n\r\n" % p.encode() for p in paths))
        answers = [wire.answer() for _ in paths]
    assert [a.status for a in answers] == [200] * 5
    assert [a.fields["path"] for a in answers if a.body != b"inline"] == ["/slow/1", "/echo/2", "/echo/4", "/slow/5"]
    assert len({a.headers["correlation-id"] for a in answers}) == 5


def test_pipelined_behind_a_body(server):
    with Wire(server) as wire:
        wire.send(POST + b"Content-Length: 3\r\n\r\nabc" + b"GET /inline HTTP/1.1\r\nHost: a\r\n\r\n")
        assert wire.answer().fields["body_len"] == "3"
        assert wire.answer().body == b"inline"


def test_head_has_no_body(server):
    with Wire(server) as wire:
        wire.send(b"HEAD /echo HTTP/1.1\r\nHost: a\r\n\r\n" + b"GET /inline HTTP/1.1\r\nHost: a\r\n\r\n")
        first = wire.answer(head=True)
        assert first.status == 200 and int(first.headers["content-length"]) > 0
        assert wire.answer().body == b"inline"


def test_answer_carries_its_headers(server):
    answer = server.get()
    assert answer.headers["correlation-id"] == answer.fields["correlation_id"]
    assert answer.headers["date"].endswith(" GMT")
    assert "server" not in answer.headers


def test_redirect(server):
    answer = server.get("/redirect")
    assert (answer.status, answer.headers["location"], answer.body) == (303, "/echo", b"")


def test_a_handler_without_an_answer_is_500(server):
    assert server.get("/silent").status == 500


def test_expect_continue(server):
    with Wire(server) as wire:
        wire.send(POST + b"Expect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        assert wire.answer().status == 100
        wire.send(b"abc")
        assert wire.answer().fields["body_len"] == "3"


def test_expect_continue_is_refused_before_the_body(server):
    with Wire(server) as wire:
        wire.send(POST + b"Expect: 100-continue\r\nContent-Length: 10485760\r\n\r\n")
        assert wire.answer().status == 413
        assert wire.is_closed()


def test_ten_megabytes(server):
    """The client that only sends, and reads when it is done, still learns why."""
    with Wire(server) as wire:
        wire.send(POST + b"Content-Length: 10485760\r\n\r\n")
        try:
            for _ in range(160):
                wire.send(b"x" * 65536)
        except OSError:
            pass
        assert wire.answer().status == 413


def test_close_is_obeyed(server):
    with Wire(server) as wire:
        wire.send(b"GET /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert wire.answer().headers["connection"] == "close"
        assert wire.is_closed()


def test_1_0_closes_unless_asked(server):
    with Wire(server) as wire:
        wire.send(b"GET /echo HTTP/1.0\r\n\r\n")
        assert wire.answer().status == 200
        assert wire.is_closed()
