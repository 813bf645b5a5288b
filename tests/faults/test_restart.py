# SPDX-License-Identifier: Apache-2.0
"""Restarts and renewed certificates under load: no request is lost, none is answered 5xx, and sign-ins go on. Under `pratu
serve` with TLS of its own, and as systemd's units do it behind nginx with the settings of deploy/proxy."""
import os
import pathlib
import re
import shutil
import signal
import ssl
import subprocess
from contextlib import ExitStack, contextmanager

import pytest
from crowd import CLIENT, citizens
from lib.handed import Handed
from lib.instance import ROOT, Cluster, Instance, make_certificate
from lib.ports import free_port
from lib.processes import children, command
from lib.stack import wait_until
from load import Load

CHECK = pathlib.Path(os.environ.get("PRATU_CHECK_DIR", "build/check/faults")).resolve()
PEOPLE = 150
BETWEEN = 40  # requests between one event and the next


@pytest.fixture(scope="module")
def cluster():
    shutil.rmtree(CHECK / "restart", ignore_errors=True)
    made = Cluster(CHECK / "restart" / "pg")
    yield made
    made.remove()


def prepared(cluster, name, **settings):
    """An instance, with the citizens of one test."""
    instance = Instance(cluster, CHECK / "restart", name, **settings)
    instance.init()
    instance.migrate()
    return instance


class Served:
    """All roles under `pratu serve`, which was handed the sockets itself; TLS of its own."""

    def __init__(self, cluster):
        self.instance = one = prepared(cluster, "served")
        self.issuer, self.ca = one.issuer, one.certificate
        self.handed = Handed(web=("127.0.0.1", one.port), metrics=("127.0.0.1", one.metrics_port))
        self.stack, self.supervisor = None, None

    def __enter__(self):
        self.stack = ExitStack()
        self.supervisor = self.stack.enter_context(self.instance.run("serve", handed=self.handed))
        return self

    def __exit__(self, *_):
        self.stack.close()

    def role(self, name):
        return next((p for p in children(self.supervisor.pid) if name in command(p).split()), None)

    def restart(self, name):
        before, times = self.role(name), len(self.ready(name))
        os.kill(before, signal.SIGTERM)
        wait_until(lambda: len(self.ready(name)) > times, what=f"a new {name}")

    def ready(self, name):
        return [line for line in self.instance.log_lines("role.ready") if line["ready"] == name]

    def restart_all(self):
        self.__exit__()
        self.__enter__()

    def reload(self):
        self.supervisor.send_signal(signal.SIGHUP)

    def remove(self):
        self.handed.close()
        self.instance.remove()


class Units:
    """Each role a process of its own, as the units start them; in front nginx, with the settings of deploy/proxy."""

    def __init__(self, cluster):
        port = free_port()
        self.issuer = f"https://localhost:{port}"
        self.instance = one = prepared(cluster, "units", issuer=self.issuer, tls_cert_file=None, tls_key_file=None,
                                       trusted_proxies="127.0.0.1")  # fmt: skip
        self.ca = one.certificate
        self.handed = Handed(web=("127.0.0.1", one.port))
        self.roles = {}
        self.nginx = self.start_nginx(port)

    def start_nginx(self, port):
        """As they are, but for ports, paths and names, and the limits' rates: all of this load has one address."""
        one, directory = self.instance, self.instance.dir / "nginx"
        directory.mkdir()
        text = (ROOT / "deploy/proxy/nginx.conf").read_text()
        text = re.sub(r"(?m)^\tlisten (?:\[::\].*|80.*);\n", "", text)
        text = text.replace("listen 443", f"listen 127.0.0.1:{port}").replace("signin.example.go.th", "localhost")
        text = text.replace("127.0.0.1:8443", f"127.0.0.1:{one.port}").replace("/var/log/nginx", str(directory))
        text = text.replace("/etc/ssl/pratu/chain.pem", str(one.certificate)).replace("/etc/ssl/pratu/key.pem", str(one.key))
        text = re.sub(r"(zone=\w+:\d+m rate)=\d+r/s", r"\1=10000r/s", text).replace("proxy_set_header Host $host;", "proxy_set_header Host $http_host;")
        text = re.sub(r"(?ms)^server \{\n(?:(?!^server).)*?return 301.*?^\}\n", "", text)
        temporary = " ".join(f"{kind}_temp_path {directory}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        conf = directory / "nginx.conf"
        conf.write_text(f"daemon off; pid {directory}/pid; error_log {directory}/error.log; events {{ }}\n"
                        f"http {{ {temporary}\n{text} }}\n")  # fmt: skip
        with open(directory / "stderr", "wb") as log:
            process = subprocess.Popen(["nginx", "-c", conf, "-p", directory], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_until(lambda: (directory / "pid").exists() or process.poll() is not None, what="nginx")
        assert process.poll() is None, (directory / "stderr").read_text()
        return process

    def start(self, name):
        stack = ExitStack()
        process = stack.enter_context(self.instance.run(name, handed=self.handed if name == "web" else None))
        self.roles[name] = (stack, process)

    def stop(self, name):
        stack, process = self.roles.pop(name)
        stack.close()
        assert process.returncode == 0

    def __enter__(self):
        self.start("vault")
        self.start("web")
        return self

    def __exit__(self, *_):
        for name in ("web", "vault"):
            self.stop(name)

    def restart(self, name):
        self.stop(name)
        self.start(name)

    def restart_all(self):
        """`systemctl restart pratu-vault pratu-web`: in the order that the units' After= gives."""
        self.__exit__()
        self.__enter__()

    def reload(self):
        for _, process in self.roles.values():
            process.send_signal(signal.SIGHUP)

    def remove(self):
        self.nginx.terminate()
        self.nginx.wait(30)
        self.handed.close()
        self.instance.remove()


@pytest.fixture(params=[Served, Units], ids=["serve", "nginx"])
def service(cluster, request):
    one = request.param(cluster)
    yield one
    one.remove()


@contextmanager
def applied(service, people):
    service.instance.apply({"clients": [CLIENT], "citizens": people}, timeout=600)
    yield


def presented(port):
    """The certificate that a new connection gets."""
    return ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(("127.0.0.1", port), timeout=30))


def renew(service, load):
    """Another certificate in the same files, as certbot leaves it."""
    one = service.instance
    before, fresh = presented(one.port), one.dir / "fresh"
    fresh.mkdir(exist_ok=True)
    certificate, key = make_certificate(fresh)
    trust = one.dir / "trust.pem"
    trust.write_text(one.certificate.read_text() + certificate.read_text())
    load.ca = str(trust)
    load.await_more(BETWEEN, sign_ins=4)  # all trust both by now
    shutil.copy(certificate, one.certificate)
    shutil.copy(key, one.key)
    service.reload()
    wait_until(lambda: presented(one.port) != before, what="the new certificate")


def test_no_request_is_lost(service):
    """Each event while clients go on; the sign-ins that were begun before the first are finished after the last."""
    people = citizens(PEOPLE)
    events = [lambda: service.restart("web"), lambda: service.restart("vault"), service.restart_all, lambda: service.restart("web")]
    with service, applied(service, people), Load(service.issuer, service.ca, people) as load:
        load.await_more(BETWEEN, sign_ins=2)
        begun = [load.begin() for _ in range(3)]
        if isinstance(service, Served):
            events.insert(2, lambda: renew(service, load))
        for happens in events:
            happens()
            load.await_more(BETWEEN, sign_ins=2)
        for one in begun:
            load.finish(one)
    print(f"{load.answered} answered, {load.signed_in} signed in, the slowest took {load.slowest_s:.1f} s")
    assert not load.lost and not load.faults
    assert load.answered > len(events) * BETWEEN and load.signed_in >= 10
    refused = [line for line in service.instance.log_lines("http.request") if line["status"] >= 500]
    assert not refused
