# SPDX-License-Identifier: Apache-2.0
"""Plain sockets for hostile requests, and the program that they are shot at."""
import ctypes
import os
import re
import resource
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from pathlib import Path

from lib import logs
from lib.flavour import BUILD
from lib.ports import free_port

ECHO = BUILD / "tests/raw/http_echo"


def allow_files(n):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < n:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(n, hard), hard))


def limit_files(n):
    """For good, also where we are root."""
    pr_capbset_drop, cap_sys_resource = 24, 24
    ctypes.CDLL(None).prctl(pr_capbset_drop, cap_sys_resource, 0, 0, 0)
    resource.setrlimit(resource.RLIMIT_NOFILE, (n, n))


class Answer:
    """One answer: status, headers (lower-case names), body; and the bytes behind it."""

    def __init__(self, head, body, rest):
        lines = head.decode("latin-1").split("\r\n")
        match = re.fullmatch(r"HTTP/1\.1 (\d{3}) .*", lines[0])
        assert match, f"no status line: {lines[0]!r}"
        self.status = int(match.group(1))
        self.headers = {}
        for line in lines[1:]:
            name, value = line.split(":", 1)
            assert name.lower() not in self.headers, f"{name} was given twice"
            self.headers[name.lower()] = value.strip()
        self.body, self.rest = body, rest

    @property
    def fields(self):
        return dict(line.split("=", 1) for line in self.body.decode().splitlines())


class Wire:
    """A connection that sends exactly the bytes it is told."""

    def __init__(self, server, timeout=30):
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if server.tls:
            self.socket = server.context().wrap_socket(self.socket, server_hostname="localhost")
        self.unread = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def receive(self):
        """More bytes, b"" at the end of the stream, however it ended."""
        try:
            return self.socket.recv(65536)
        except (ConnectionError, ssl.SSLError):
            return b""

    def answer(self, head=False):
        """The next answer, None if the stream ends without one."""
        data = self.unread
        while b"\r\n\r\n" not in data:
            more = self.receive()
            if not more:
                return None
            data += more
        top, data = data.split(b"\r\n\r\n", 1)
        length = re.search(rb"\r\nContent-Length: (\d+)", top)
        wanted = 0 if head or not length else int(length.group(1))
        while len(data) < wanted:
            more = self.receive()
            assert more, "the body was cut short"
            data += more
        self.unread = data[wanted:]
        return Answer(top, data[:wanted], self.unread)

    def is_closed(self, within=20):
        """Does the server end the connection, without another byte?"""
        self.socket.settimeout(within)
        try:
            return self.receive() == b""
        except TimeoutError:
            return False


class Server:
    """http_echo with given settings."""

    def __init__(self, tls=None, files=None, **settings):
        self.port, self.tls = free_port(), tls
        arguments = [f"{k}={v}" for k, v in settings.items()] + [f"port={self.port}"]
        if tls:
            arguments += [f"cert={tls / 'cert.pem'}", f"key={tls / 'key.pem'}"]
        self.log = tempfile.NamedTemporaryFile(prefix="http_echo-") if settings.get("log") else None
        if self.log:
            logs.watch(self.log.name)
        limit = (lambda: limit_files(files)) if files else None
        self.process = subprocess.Popen([ECHO, *arguments], stdout=subprocess.PIPE, stderr=self.log, preexec_fn=limit)
        line = self.process.stdout.readline()
        assert line == b"ready\n", f"it did not start: {line!r}"
        self.files_at_start = self.files()

    def context(self):
        context = ssl.create_default_context(cafile=self.tls / "cert.pem")
        return context

    def ask(self, request, head=False):
        with Wire(self) as wire:
            wire.send(request)
            return wire.answer(head)

    def get(self, target="/echo", extra=b""):
        return self.ask(b"GET " + target.encode() + b" HTTP/1.1\r\nHost: a\r\n" + extra + b"\r\n")

    def memory_kib(self):
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", text).group(1))

    def own_memory_kib(self):
        """Its proportional share: what libraries share with others counts in part."""
        text = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        return int(re.search(r"Pss:\s+(\d+)", text).group(1))

    def files(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def is_well(self):
        """The same process, it serves, and has let go of every connection."""
        serves = self.process.poll() is None and self.get().status == 200
        return serves and wait_until(lambda: self.files() <= self.files_at_start)

    def log_lines(self, requests=1):
        """Once so many requests have their line, which may come after the answer and in another order."""
        wanted = b'"what":"http.request"'
        assert wait_until(lambda: os.pread(self.log.fileno(), 1 << 20, 0).count(wanted) >= requests)
        return os.pread(self.log.fileno(), 1 << 20, 0).splitlines()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)


def make_certificate(folder):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-keyout", folder / "key.pem", "-out", folder / "cert.pem", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
        check=True, capture_output=True)
    return folder


def wait_until(condition, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False
