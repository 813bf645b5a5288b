# SPDX-License-Identifier: Apache-2.0
"""What stays of a form in memory while its answer is read slowly, or not at all."""
import os
import secrets
import warnings

from lib.flavour import SANITIZED
from lib.memory import memory
from raw import Wire

if os.geteuid() != 0:
    warnings.warn("what only root can show is left out: the memory of a running process")

if os.geteuid() == 0 and not SANITIZED:  # whose shadow memory is too large to be read

    def test_a_form_is_wiped_before_its_answer_is_read(server):
        secret = secrets.token_hex(16).encode()
        form = b"login=somchai&password=" + secret
        head = b"POST /big HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        with Wire(server) as wire:
            wire.send(head + b"Content-Length: %d\r\n\r\n" % len(form) + form)
            assert wire.receive().startswith(b"HTTP/1.1 200")
            held = memory(server.process.pid)  # of eight MiB, most cannot be sent yet
        assert b"http_echo" in held, "this reads the memory of that process"
        assert secret not in held and secret[16:] not in held
