# SPDX-License-Identifier: Apache-2.0
"""A standard error that nobody reads, and a vault that hangs: the roles serve on, and end within 10 s at SIGTERM."""
import base64
import http.client
import json
import os
import pathlib
import shutil
import signal
import ssl
import subprocess
import time
from contextlib import nullcontext

import pytest
from lib.instance import Cluster, Instance, Ready
from lib.processes import children, command
from lib.stack import wait_until
from lib.vault import Vault

CHECK = pathlib.Path(os.environ.get("PRATU_CHECK_DIR", "build/check/faults")).resolve() / "stalls"
END_S = 10


@pytest.fixture(scope="module")
def instance():
    shutil.rmtree(CHECK / "instance", ignore_errors=True)
    CHECK.mkdir(parents=True, exist_ok=True)
    cluster = Cluster(CHECK / "pg")
    made = Instance(cluster, CHECK, "instance", log_level="debug")
    made.init()
    made.migrate()
    yield made
    made.remove()
    cluster.remove()


class Unread:
    """A role whose standard error is a full pipe; what it wrote can be read later."""

    def __init__(self, instance, role):
        self.instance, self.ready = instance, Ready(instance.sockets.parent / f"ready-{role}")
        self.read_end, self.write_end = os.pipe()
        self.process = subprocess.Popen(
            [instance.binary, role, "--config", str(instance.conf)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=self.write_end, env={**os.environ, "NOTIFY_SOCKET": self.ready.path})
        self.ready.wait(self.process)

    def __enter__(self):
        self.fill()
        return self

    def __exit__(self, *_):
        for pid in [self.process.pid, *children(self.process.pid)]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()
        self.ready.close()
        os.close(self.read_end)
        os.close(self.write_end)

    def fill(self):
        """Not another byte fits. Through a descriptor of its own, so that the role's stays a blocking one."""
        blocking = os.open(f"/proc/self/fd/{self.write_end}", os.O_WRONLY | os.O_NONBLOCK)
        try:
            while True:
                os.write(blocking, b"\n" * 65536)
        except BlockingIOError:
            pass
        finally:
            os.close(blocking)

    def stop(self):
        """Seconds until it and its roles have ended."""
        below = children(self.process.pid)
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)
        wait_until(lambda: not any(command(pid) for pid in below), what="the end of the roles")
        return time.monotonic() - began


def get(instance, path, times=1):
    """The last of so many answers on one connection; each must be good."""
    trust = ssl.create_default_context()
    trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    connection = http.client.HTTPSConnection("localhost", instance.port, timeout=30, context=trust)
    for _ in range(times):
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200
    connection.close()
    return body.decode()


def flood(instance, n=4000):
    """Two lines and more for each request."""
    get(instance, "/health/live", times=n)


def test_web(instance):
    with Unread(instance, "web") as role:
        flood(instance)
        get(instance, "/health/live")
        assert role.stop() < END_S
        assert role.process.returncode == 0


def test_vault(instance):
    with Unread(instance, "vault") as role:
        for _ in range(50):
            one = Vault(instance.sockets / "web.sock")
            assert one("status")["outcome"] == "ok"
            one.close()
        assert role.stop() < END_S
        assert role.process.returncode == 0


def test_serve(instance):
    with Unread(instance, "serve") as role:
        flood(instance, 200)
        get(instance, "/health/live")
        assert role.stop() < END_S
        assert role.process.returncode == 0


def test_what_was_dropped_is_counted_once_somebody_reads(instance):
    with Unread(instance, "web") as role:
        flood(instance, 6000)
        seen = b""
        while b'"log.dropped"' not in seen:
            seen += os.read(role.read_end, 65536)
        while not seen.endswith(b"\n"):
            seen += os.read(role.read_end, 65536)
        dropped = [json.loads(line) for line in seen.splitlines() if b"log.dropped" in line]
        assert dropped[0]["lines"] > 0
        get(instance, "/health/live")


@pytest.mark.parametrize("role_name", ["serve", "web"])
def test_a_vault_that_hangs_holds_up_no_end(instance, role_name):
    with instance.vault() if role_name == "web" else nullcontext() as alone, Unread(instance, role_name) as role:
        vault = alone.pid if alone else next(p for p in children(role.process.pid) if "vault" in command(p).split())
        os.kill(vault, signal.SIGSTOP)
        asked = []
        try:
            wait_until(lambda: one_waits(instance, asked), what="a request that waits for the vault")
            assert role.stop() < END_S
            asked[-1].wait(30)
        finally:
            if alone:
                os.kill(vault, signal.SIGCONT)


def ask_with_an_unknown_key(instance):
    """The web role asks the vault for the keys, and waits for the answer."""
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
    token = f"{part({'alg': 'ES256', 'typ': 'at+jwt', 'kid': 'unknown'})}.{part({})}.{'A' * 86}"
    return subprocess.Popen(["curl", "-sk", "-o", os.devnull, "-m", "30", "-H", f"Authorization: Bearer {token}",
                             instance.issuer + "/userinfo"])


def one_waits(instance, asked):
    """Asks again where the web role had asked the vault a moment ago, and so does not wait for it."""
    if not asked or asked[-1].poll() is not None:
        asked.append(ask_with_an_unknown_key(instance))
    return 1 <= instance.metric("pratu_http_lane_requests", lane="quick", state="running")
