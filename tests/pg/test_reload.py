# SPDX-License-Identifier: Apache-2.0
"""SIGHUP: settings and the certificate of a running role; and sockets that systemd hands over."""
import datetime
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
from contextlib import ExitStack

import pytest
import requests
from lib import vault_codec
from lib.citizen import Citizen, fill_password, national_id, new_session, sign_in_http
from lib.handed import Handed
from lib.instance import Ready, make_certificate
from lib.ports import free_port
from lib.processes import children, command
from lib.stack import wait_until
from lib.vault import Vault


@pytest.fixture
def web(stack):
    """A second web role beside the stack."""
    port = free_port()
    with stack.run("web", conf=stack.write_settings(stack.dir / "own.conf", listen=f"127.0.0.1:{port}")) as process:
        yield Own(stack, process, port)


@pytest.fixture
def made(instances, request):
    """An instance of the test's own, migrated, nothing running."""
    one = instances(request.function.__name__[5:30].strip("_"))
    one.init()
    one.migrate()
    yield one


class Own:
    """A web role of the test's own, and its settings' file."""

    def __init__(self, stack, process, port):
        self.stack, self.process, self.port = stack, process, port
        self.conf = stack.dir / "own.conf"

    def get(self, path):
        return requests.get(f"https://localhost:{self.port}{path}", verify=False, timeout=30)

    def presented(self):
        return ssl.get_server_certificate(("127.0.0.1", self.port), timeout=30)

    def lines(self, what):
        return [line for line in self.stack.log_lines(what) if line["pid"] == self.process.pid]

    def reload(self, **changes):
        """Returns the lines that this reload has logged."""
        if changes:
            self.stack.write_settings(self.conf, listen=f"127.0.0.1:{self.port}", **changes)
        def over():
            return len(self.lines("reload.done")) + len(self.lines("reload.refused"))
        before, seen = over(), len([1 for line in self.stack.log_lines() if line["pid"] == self.process.pid])
        self.process.send_signal(signal.SIGHUP)
        wait_until(lambda: over() > before, what="the end of the reload")
        return [line for line in self.stack.log_lines() if line["pid"] == self.process.pid][seen:]


@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
def test_settings_that_may_change_do(web):
    kept = new_session(str(web.stack.certificate))
    assert "Another name" not in kept.get(f"https://localhost:{web.port}/help").text
    said = web.reload(service_name_en="Another name", service_name_th="Another name", web_database="host=/nowhere password=secret-value",
                      quick_workers=7)  # fmt: skip
    assert {line["setting"] for line in said if line["what"] == "reload.changed"} == {"service_name_en", "service_name_th"}
    assert {line["setting"] for line in said if line["what"] == "reload.needs_restart"} == {"web_database", "quick_workers"}
    assert "secret-value" not in web.stack.log.read_text()
    assert "Another name" in kept.get(f"https://localhost:{web.port}/help").text, "over the same connection"
    assert "Another name" in web.get("/help").text
    assert web.get("/health/ready").status_code == 200


@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
def test_a_wrong_file_changes_nothing(web):
    before = web.get("/help").text
    web.conf.write_text(web.conf.read_text() + "service_name_en = X\nservice_name_th = X\nnonsense = 1\n")
    [said] = [line for line in web.reload() if line["what"] == "reload.refused"]
    assert "nonsense" in said["error"] and said["line"] > 1 and said["level"] == "error"
    assert web.get("/help").text == before


def expired(directory):
    """A certificate whose time is over; (certificate, key)."""
    day = datetime.timedelta(days=1)
    now = datetime.datetime.now(datetime.timezone.utc)
    return signed(directory, now - 3 * day, now - 2 * day)


def not_yet(directory):
    day = datetime.timedelta(days=1)
    now = datetime.datetime.now(datetime.timezone.utc)
    return signed(directory, now + 2 * day, now + 3 * day)


def signed(directory, since, until):
    certificate, key = make_certificate(directory)
    request, database = directory / "request.pem", directory / "index"
    database.write_text("")
    (directory / "serial").write_text("01\n")
    (directory / "ca.conf").write_text(f"[ca]\ndefault_ca=d\n[d]\ndatabase={database}\nserial={directory}/serial\nnew_certs_dir={directory}\n"
                                       "default_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n")  # fmt: skip
    subprocess.run(["openssl", "req", "-new", "-key", key, "-out", request, "-subj", "/CN=localhost"], check=True, capture_output=True)
    form = "%y%m%d%H%M%SZ"
    subprocess.run(["openssl", "ca", "-batch", "-config", directory / "ca.conf", "-selfsign", "-keyfile", key, "-in", request, "-out", certificate,
                    "-notext", "-startdate", since.strftime(form), "-enddate", until.strftime(form)], check=True, capture_output=True)  # fmt: skip
    return certificate, key


def others_key(directory):
    certificate, _ = make_certificate(directory)
    other = directory / "other"
    other.mkdir()
    return certificate, make_certificate(other)[1]


def no_pem(directory):
    certificate, key = make_certificate(directory)
    certificate.write_text("-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n")
    return certificate, key


def absent(directory):
    return directory / "nowhere", directory / "nowhere"


WRONG = {expired: "has expired", not_yet: "not valid yet", others_key: "do not match", no_pem: "", absent: "No such file"}


@pytest.fixture
def files(web, tmp_path):
    """The certificate's files, as they were at the end."""
    kept = tmp_path / "kept"
    kept.mkdir()
    for one in (web.stack.certificate, web.stack.key):
        shutil.copy(one, kept / one.name)
    yield web.stack.certificate, web.stack.key
    for one in (web.stack.certificate, web.stack.key):
        shutil.copy(kept / one.name, one)


@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
def test_a_renewed_certificate_is_for_new_connections(web, files, tmp_path):
    before = web.presented()
    with requests.Session() as kept:
        kept.verify, kept.trust_env = False, False
        assert kept.get(f"https://localhost:{web.port}/health/live").status_code == 200
        for one, place in zip(make_certificate(tmp_path), files):
            shutil.copy(one, place)
        assert web.presented() == before, "not by itself"
        said = web.reload()
        assert [re.fullmatch(r"\d{4}-\d\d-\d\dT.*Z", line["expires_at"]) is not None for line in said if line["what"] == "http.tls_renewed"] == [True]
        assert web.presented() == (tmp_path / "cert.pem").read_text() != before
        assert kept.get(f"https://localhost:{web.port}/health/live").status_code == 200
    assert [line for line in web.reload() if line["what"] == "http.tls_renewed"] == [], "nothing new"


@pytest.mark.parametrize("make", WRONG, ids=lambda one: one.__name__)
def test_a_wrong_certificate_changes_nothing(web, tmp_path, make):
    before = web.presented()
    certificate, key = make(tmp_path)
    said = web.reload(tls_cert_file=certificate, tls_key_file=key, service_name_en="Not taken", service_name_th="Not taken")
    assert any(WRONG[make] in line["error"] for line in said if line["what"] == "http.tls")
    assert [line["what"] for line in said][-1] == "reload.refused"
    assert web.presented() == before
    assert "Not taken" not in requests.get(f"https://localhost:{web.port}/help", verify=str(web.stack.certificate), timeout=30).text


def test_tls_begins_and_ends_with_a_restart(web):
    said = web.reload(tls_cert_file=None, tls_key_file=None)
    assert [line["error"] for line in said if line["what"] == "http.tls"] == ["only a restart begins or ends TLS"]
    assert requests.get(f"https://localhost:{web.port}/health/live", verify=str(web.stack.certificate)).status_code == 200


def test_the_vault_reloads_too(made):
    one = made
    with one.vault() as process:
        one.write_settings(refresh_token_ttl_s=7200, hash_threads=3)
        process.send_signal(signal.SIGHUP)
        wait_until(lambda: one.log_lines("reload.done"), what="the end of the reload")
        assert [line["setting"] for line in one.log_lines("reload.changed")] == ["refresh_token_ttl_s"]
        assert [line["setting"] for line in one.log_lines("reload.needs_restart")] == ["hash_threads"]
        assert Vault(one.sockets / "web.sock")("status")["outcome"] == "ok"


# ------------------------------------------------------------------ sockets


def test_systemd_hands_the_socket_over(stack):
    """systemd-socket-activate does as a socket unit: it listens, and starts the role with the first connection."""
    port = free_port()
    conf = stack.write_settings(stack.dir / "activated.conf", listen=f"127.0.0.1:{port}")
    ready = Ready(stack.dir / "activated-ready")
    with open(stack.log, "ab") as log:
        process = subprocess.Popen(["systemd-socket-activate", "-l", f"127.0.0.1:{port}", "--fdname=web", f"--setenv=NOTIFY_SOCKET={ready.path}",
                                    stack.binary, "web", "--config", conf], stdin=subprocess.DEVNULL, stdout=log, stderr=log)  # fmt: skip
    try:
        wait_until(lambda: listens(port), what="a socket")
        answer = requests.get(f"https://localhost:{port}/health/live", verify=str(stack.certificate), timeout=60)
        assert answer.status_code == 200, "who has connected before the role started"
        ready.wait(process)
    finally:
        process.terminate()
        assert process.wait(30) == 0
        ready.close()


def listens(port):
    with open("/proc/net/tcp", encoding="ascii") as table:
        return any(line.split()[1].endswith(f":{port:04X}") and line.split()[3] == "0A" for line in list(table)[1:])


def test_who_connects_between_two_processes_waits(stack):
    port = free_port()
    conf = stack.write_settings(stack.dir / "between.conf", listen=f"127.0.0.1:{port}")
    handed, told = Handed(web=("127.0.0.1", port)), []
    def ask():
        told.append(requests.get(f"https://localhost:{port}/health/live", verify=str(stack.certificate), timeout=60).status_code)
    asking = threading.Thread(target=ask)
    with stack.run("web", conf=conf, handed=handed):
        pass
    asking.start()
    wait_until(lambda: waiting(port) == 1, what="a connection that waits")
    with stack.run("web", conf=conf, handed=handed):
        asking.join(60)
    handed.close()
    assert told == [200]


def waiting(port):
    """Connections that nobody has accepted yet: for a socket that listens, the kernel's receive queue."""
    with open("/proc/net/tcp", encoding="ascii") as table:
        rows = [line.split() for line in list(table)[1:]]
    return sum(int(row[4].split(":")[1], 16) for row in rows if row[1].endswith(f":{port:04X}") and row[3] == "0A")


def test_plain_http_goes_no_wider_than_the_settings(stack):
    """A socket unit that listens on all addresses, with settings for a proxy on the same machine."""
    port = free_port()
    conf = stack.write_settings(stack.dir / "wide.conf", listen=f"127.0.0.1:{port}", tls_cert_file=None, tls_key_file=None)
    handed = Handed(web=("0.0.0.0", port))
    with stack.run("web", conf=conf, handed=handed, ready=False) as process:
        assert process.wait(60) == 1
    handed.close()
    assert any("loopback" in line.get("error", "") for line in stack.log_lines("http.listen"))


def test_each_role_s_sockets_outlive_it(made):
    """Under `pratu serve`, the one for metrics too."""
    one = made
    with one.serve() as supervisor:
        web = next(pid for pid in children(supervisor.pid) if "web" in command(pid).split())
        os.kill(web, signal.SIGKILL)
        for port in (one.port, one.metrics_port):
            socket.create_connection(("127.0.0.1", port), timeout=30).close()
        assert "pratu_" in one.metrics(), "it waits for the next process"


# ------------------------------------------------------------------ the vault's end and start


def test_whoever_has_asked_is_answered_by_a_vault_that_ends(made):
    """Requests that lie in the queues of sockets and connections when the signal arrives, more than are accepted before it is heard."""
    request = vault_codec.frame(vault_codec.request("status"))
    with made.vault() as process:
        known = Vault(made.sockets / "web.sock")
        assert known("status")["outcome"] == "ok"
        os.kill(process.pid, signal.SIGSTOP)
        askers = [known, *(Vault(made.sockets / "web.sock") for _ in range(120))]
        for asker in askers:
            asker.socket.sendall(request)
        process.terminate()
        os.kill(process.pid, signal.SIGCONT)
        assert [vault_codec.reply("status", asker.receive())["outcome"] for asker in askers] == ["ok"] * 121
        assert process.wait(60) == 0


PERSON = {"national_id": national_id("110170020703"), "alias": "waiting", "password": "a lantern for the road",
          "totp_secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"}  # fmt: skip


def test_a_request_waits_for_the_next_vault(made):
    """A password that is typed while the vault is away: the answer is given when it is back. Where it stays away, who asks first
    is told after some seconds, and who asks then at once (I4)."""
    citizen = Citizen(PERSON["alias"], PERSON["password"], PERSON["totp_secret"])
    with ExitStack() as running:
        first = ExitStack()
        first.enter_context(made.vault())
        running.enter_context(made.run("web"))
        made.apply({"citizens": [PERSON]})
        session = new_session(str(made.certificate))
        page = sign_in_http(session, made.issuer + "/", citizen, stop_at="password").page
        first.close()
        told = []
        typing = threading.Thread(target=lambda: told.append(fill_password(session, page, citizen)))
        typing.start()
        wait_until(lambda: made.metric("pratu_http_lane_requests", lane="slow", state="running") == 1, what="a request that waits")
        with made.vault():
            typing.join(60)
            assert told[0].status_code == 303, told[0].text
        began = time.monotonic()
        assert fill_password(session, page, citizen).status_code == 503
        between = time.monotonic()
        assert fill_password(session, page, citizen).status_code == 503
        assert between - began >= 4.5 and time.monotonic() - between < 4
