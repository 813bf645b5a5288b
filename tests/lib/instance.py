# SPDX-License-Identifier: Apache-2.0
"""Pratu's parts one by one, for tests that look at PostgreSQL and at processes: a throwaway cluster, a database
with its settings and its command line, and the roles running on them.

    cluster = Cluster(directory)
    instance = Instance(cluster, directory, "name"); instance.migrate()
    with instance.serve(): …
"""
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import urllib.request
from contextlib import contextmanager

import psycopg

from . import logs
from .ports import free_ports

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CLUSTER = ROOT / "deploy" / "pg" / "cluster"
ROLES = ("pratu_web", "pratu_vault", "pratu_courier", "pratu_admin", "pratu_owner")
SUN_PATH = 107


class Cluster:
    """PostgreSQL in a directory of its own."""

    def __init__(self, directory):
        self.dir = pathlib.Path(directory)
        self.start()
        self.socket = self._run("socket")

    def _run(self, command):
        return subprocess.run(
            [CLUSTER, command, self.dir], check=True, stdout=subprocess.PIPE, text=True
        ).stdout.strip()

    def start(self):
        self._run("start")

    def stop(self):
        self._run("stop")

    def pid(self) -> int:
        return int(self._run("pid"))

    def remove(self):
        self._run("remove")

    def connect(self, database="pratu", user="postgres", **options):
        return psycopg.connect(
            host=self.socket, dbname=database, user=user, autocommit=True, **options
        )


def make_certificate(directory, days="30", host="localhost"):
    """A certificate for localhost that signs itself; (certificate, key)."""
    certificate, key = directory / "cert.pem", directory / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-keyout", key, "-out", certificate, "-days", days, "-subj", f"/CN={host}",
         "-addext", f"subjectAltName=DNS:{host}"],
        check=True, capture_output=True,
    )  # fmt: skip
    return certificate, key


class Ready:
    """Hears READY=1 as a service manager does."""

    def __init__(self, path):
        self.path = str(path)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)

    def wait(self, process, timeout_s=60):
        self.socket.settimeout(0.1)
        for _ in range(int(timeout_s * 10)):
            try:
                if b"READY=1" in self.socket.recv(4096):
                    return
            except TimeoutError:
                assert process.poll() is None, f"it ended with {process.returncode} and was never ready"
        raise AssertionError(f"not ready within {timeout_s} s")

    def close(self):
        self.socket.close()
        os.unlink(self.path)


class Instance:
    """A database, settings for it, and everything that is run with them."""

    def __init__(self, cluster, directory, name, make_database=True, **settings):
        self.cluster, self.name = cluster, name
        self.dir = pathlib.Path(directory) / name
        shutil.rmtree(self.dir, ignore_errors=True)
        self.dir.mkdir(parents=True)
        self.binary = os.environ.get("PRATU_BIN") or str(ROOT / "build" / "pratu")
        self.port, self.metrics_port, self.courier_metrics_port = free_ports(3)
        self.issuer = f"https://localhost:{self.port}"
        self.certificate, self.key = make_certificate(self.dir)
        self.sockets = self.dir / "s"
        self._short = None
        if len(str(self.sockets / "admin.sock")) > SUN_PATH:
            self._short = tempfile.mkdtemp(prefix="pratu-")
            self.sockets = pathlib.Path(self._short)
        self.conf, self.log = self.dir / "pratu.conf", self.dir / "log"
        logs.watch(self.log)
        self.settings = {
            "issuer": self.issuer,
            "mode": "sandbox",
            "listen": f"127.0.0.1:{self.port}",
            "metrics_listen": f"127.0.0.1:{self.metrics_port}",
            "courier_metrics_listen": f"127.0.0.1:{self.courier_metrics_port}",
            "tls_cert_file": self.certificate,
            "tls_key_file": self.key,
            "vault_socket_dir": self.sockets,
            "key_file": self.dir / "key",
            "web_user": "",
            "vault_user": "",
            "courier_user": "",
            "password_memory_kib": 8192,
            "password_passes": 1,
            **{f"{role}_database": f"host={cluster.socket} dbname={name} user={user}"
               for role, user in (("web", "pratu_web"), ("vault", "pratu_vault"), ("courier", "pratu_courier"),
                                  ("admin", "pratu_admin"), ("owner", "postgres"))},
            **settings,
        }  # fmt: skip
        self.write_settings()
        if not make_database:
            return
        with cluster.connect("postgres") as db:
            db.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            db.execute(f'CREATE DATABASE "{name}"')

    def write_settings(self, path=None, **changes):
        """The settings file, with changes to what was given before; a value of None leaves the line out. Another
        web role, which listens elsewhere, shows no metrics unless it is told where."""
        if "listen" in changes:
            changes = {"metrics_listen": None, **changes}
        lines = [f"{k} = {v}" for k, v in {**self.settings, **changes}.items() if v is not None]
        (path or self.conf).write_text("\n".join(lines) + "\n")
        return path or self.conf

    def remove(self):
        with self.cluster.connect("postgres") as db:
            db.execute(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')
        if self._short:
            shutil.rmtree(self._short, ignore_errors=True)

    # ------------------------------------------------------------ the command line

    def pratu(self, *arguments, status=0, stdin=None, conf=None, timeout=120):
        """Run a command to its end. status: the exit status that is expected; None: any."""
        done = subprocess.run(
            [self.binary, *map(str, arguments), "--config", str(conf or self.conf)],
            input=stdin, capture_output=True, text=True, timeout=timeout,
        )
        assert status is None or done.returncode == status, (
            f"pratu {arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
        )
        return done

    def json(self, *arguments, **options):
        """The same with --json: what it printed, parsed."""
        return json.loads(self.pratu(*arguments, "--json", **options).stdout)

    def init(self):
        self.pratu("init")

    def migrate(self, *arguments, **options):
        return self.pratu("migrate", *arguments, **options)

    def apply(self, document, *arguments, **options):
        return self.pratu("apply", "-", *arguments, stdin=json.dumps(document), **options)

    def records(self, *arguments, **options):
        text = self.pratu("records", "list", "--json", *arguments, **options).stdout
        return [json.loads(line) for line in text.splitlines()]

    def metrics(self, path="/metrics") -> str:
        """What the web role shows to Prometheus; /metrics/vault: the vault; "courier": the courier."""
        address = f"{self.courier_metrics_port}/metrics" if path == "courier" else f"{self.metrics_port}{path}"
        with urllib.request.urlopen(f"http://127.0.0.1:{address}", timeout=30) as answer:
            return answer.read().decode()

    def metric(self, name, path="/metrics", **labels) -> float:
        """The sum of a metric's samples that have these labels; 0 if there are none."""
        wanted = [f'{key}="{value}"' for key, value in labels.items()]
        lines = [line for line in self.metrics(path).splitlines() if re.match(rf"{name}[{{ ]", line)]
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if all(w in line for w in wanted))

    # ------------------------------------------------------------ the database

    def connect(self, user="postgres", **options):
        return self.cluster.connect(self.name, user, **options)

    def sql(self, statement, parameters=None, user="postgres"):
        with self.connect(user) as db:
            cursor = db.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []

    # ------------------------------------------------------------ the roles

    @contextmanager
    def run(self, command, ready=True, conf=None, strict=True, handed=None):
        """Run `pratu COMMAND` until the end of the block, then end it as a service manager does. strict: a column
        that a query does not have ends it. handed: sockets that it is given."""
        ready_name = f"ready-{command}" if conf is None else f"ready-{command}-{pathlib.Path(conf).stem}"
        path = (self.sockets if self._short else self.sockets.parent) / ready_name
        path.unlink(missing_ok=True)
        notify = Ready(path)
        words = [self.binary, command, "--config", str(conf or self.conf)]
        how = handed.command(words) if handed else {"args": words, "env": dict(os.environ)}
        how["env"].update(NOTIFY_SOCKET=notify.path, **({"PRATU_STRICT": "1"} if strict else {}))
        with open(self.log, "ab") as log:
            process = subprocess.Popen(stdin=subprocess.DEVNULL, stdout=log, stderr=log, **how)
        if handed:
            handed.started(how)
        try:
            if ready:
                notify.wait(process)
            yield process
        except BaseException:
            print(self.log.read_text()[-4000:])
            raise
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            try:
                process.wait(45)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            notify.close()

    def serve(self, **options):
        return self.run("serve", **options)

    def vault(self, **options):
        return self.run("vault", **options)

    def log_lines(self, what=None):
        """The log's lines, those of one kind."""
        lines = []
        for text in self.log.read_text().splitlines():
            try:
                line = json.loads(text)
            except ValueError:
                continue
            if what is None or line.get("what") == what:
                lines.append(line)
        return lines
