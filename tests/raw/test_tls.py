# SPDX-License-Identifier: Apache-2.0
"""What TLS is offered, and what is not."""
import socket
import ssl
import subprocess

import pytest

from lib.ports import free_port
from raw import ECHO, Wire, make_certificate


@pytest.fixture(scope="module")
def server(certificate):
    from raw import Server

    made = Server(tls=certificate, timeout_s=5)
    yield made
    assert made.is_well()
    assert made.stop() == 0


def handshake(server, change):
    context = server.context()
    change(context)
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as plain:
        with context.wrap_socket(plain, server_hostname="localhost") as secured:
            return secured.version(), secured.cipher()[0]


def pin(version):
    def change(context):
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = version

    return change


def suites(names):
    def change(context):
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(names + ":@SECLEVEL=0")

    return change


def test_tls_1_3(server):
    assert handshake(server, lambda context: None)[0] == "TLSv1.3"


@pytest.mark.parametrize("name", ["ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-GCM-SHA256",
                                  "ECDHE-ECDSA-CHACHA20-POLY1305"])
def test_tls_1_2_with_aead(server, name):
    assert handshake(server, suites(name)) == ("TLSv1.2", name)


@pytest.mark.parametrize("name", ["ECDHE-ECDSA-AES256-SHA384", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES128-CCM",
                                  "AES128-GCM-SHA256", "AES128-SHA", "ADH-AES128-GCM-SHA256"])
def test_other_suites_are_refused(server, name):
    with pytest.raises(OSError):
        handshake(server, suites(name))


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_older_versions_are_refused(server, version):
    with pytest.raises(OSError):
        handshake(server, pin(version))


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_sessions_resume(server, version, tmp_path):
    """By ticket: the second handshake needs no signature."""
    ticket = tmp_path / "ticket"
    command = ["openssl", "s_client", version, "-connect", f"127.0.0.1:{server.port}", "-servername", "localhost"]
    request = b"GET /inline HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    keep = [*command, "-ign_eof", "-sess_out", ticket]
    first = subprocess.run(keep, input=request, capture_output=True, timeout=60)
    assert b"inline" in first.stdout and ticket.exists()
    second = subprocess.run([*command, "-ign_eof", "-sess_in", ticket], input=request, capture_output=True, timeout=60)
    assert b"inline" in second.stdout and b"Reused, " in second.stdout


def test_renegotiation_is_refused(server):
    """A client may not ask for another handshake: it costs the server more than the client."""
    done = subprocess.run(
        ["openssl", "s_client", "-tls1_2", "-connect", f"127.0.0.1:{server.port}", "-servername", "localhost"],
        input=b"R\nGET /inline HTTP/1.1\r\nHost: a\r\n\r\n", capture_output=True, timeout=60)
    assert b"RENEGOTIATING" in done.stdout + done.stderr
    assert b"inline" not in done.stdout


def test_plain_http_to_the_tls_port(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as plain:
        plain.sendall(b"GET /inline HTTP/1.1\r\nHost: a\r\n\r\n")
        assert b"inline" not in plain.recv(4096)


@pytest.mark.parametrize("fault", ["port", "certificate", "key", "no_file"])
def test_a_start_that_fails_says_why(server, certificate, tmp_path, fault):
    make_certificate(tmp_path)
    files = {
        "port": (server.port, certificate / "cert.pem", certificate / "key.pem", b"Address already in use"),
        "certificate": (free_port(), __file__, certificate / "key.pem", b"No certificate"),
        "key": (free_port(), certificate / "cert.pem", tmp_path / "key.pem", b"The certificate and the given key do not match."),
        "no_file": (free_port(), "/nonexistent", "/nonexistent", b"No such file"),
    }
    port, cert, key, why = files[fault]
    done = subprocess.run([ECHO, f"port={port}", f"cert={cert}", f"key={key}"], capture_output=True, timeout=60)
    assert done.returncode == 1 and b"ready" not in done.stdout
    assert why in done.stderr


def test_http_1_1_is_negotiated(server):
    context = server.context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as plain:
        with context.wrap_socket(plain, server_hostname="localhost") as secured:
            assert secured.selected_alpn_protocol() == "http/1.1"


def test_an_answer_over_tls_asks_for_tls_from_now_on(server, start):
    """RFC 6797 s7.1, s7.2: answers and refusals over TLS; over plain HTTP only behind a proxy that carries TLS."""
    targets = ["/echo", "/inline", "/redirect", "/silent", "/a/../b"]
    for target in targets:
        assert server.get(target).headers["strict-transport-security"] == "max-age=63072000"
    proxied, plain = start(issuer="https://a"), start()
    for target in targets:
        assert proxied.get(target).headers["strict-transport-security"] == "max-age=63072000"
        assert "strict-transport-security" not in plain.get(target).headers


def test_a_request_that_is_too_slow_is_told_too(start):
    with Wire(start(tls=True, timeout_s=1)) as wire:
        wire.send(b"GET /echo HT")
        answer = wire.answer()
        assert (answer.status, answer.headers["strict-transport-security"]) == (408, "max-age=63072000")


def test_a_request_in_many_records(server):
    with Wire(server) as wire:
        for byte in b"GET /inline HTTP/1.1\r\nHost: a\r\n\r\n":
            wire.send(bytes([byte]))
        assert wire.answer().body == b"inline"
