# SPDX-License-Identifier: Apache-2.0
"""A whole Pratu for a test: the demo's own scripts, in a directory and on ports of its own.

    with Stack(directory) as stack: …

Never the developer's running demo: other directory, other ports, other cluster.
"""
import base64
import json
import os
import pathlib
import secrets
import subprocess
import time

import psycopg
import requests
from lib import logs
from lib.citizen import Citizen, national_id, new_session
from lib.ports import free_ports, free_row

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DEMO = ROOT / "deploy" / "demo"


def wait_until(true, timeout_s=60.0, every_s=0.05, what="it"):
    """Wait for a condition, looking often; its value. AssertionError at the time-out."""
    end = time.monotonic() + timeout_s
    while True:
        value = true()
        if value:
            return value
        assert time.monotonic() < end, f"{what} did not come within {timeout_s} s"
        time.sleep(every_s)


class Stack:
    def __init__(self, directory, settings: str = "", agencies: bool = True):
        self.dir = pathlib.Path(directory)
        self.ports = [*free_ports(7), free_row(3)]
        self.issuer = f"https://localhost:{self.ports[0]}"
        self.revenue, self.excise, self.customs = (f"https://localhost:{p}" for p in self.ports[1:4])
        self.ca = self.dir / "tls" / "ca.pem"
        self.conf = self.dir / "pratu.conf"
        self.log = self.dir / "log"
        logs.watch(self.log)
        self.binary = os.environ.get("PRATU_BIN") or str(ROOT / "build" / "pratu")
        self.env = {
            **os.environ,
            "PRATU_DEMO_DIR": str(self.dir),
            "PRATU_DEMO_PORTS": " ".join(map(str, self.ports)),
            "PRATU_BIN": self.binary,
            "PRATU_DEMO_SETTINGS": settings,
            "PRATU_DEMO_AGENCIES": "yes" if agencies else "",
        }

    def demo(self, command: str) -> str:
        done = subprocess.run(
            [DEMO / "demo", command], env=self.env, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=180,
        )
        assert done.returncode == 0, f"demo {command}:\n{done.stdout}"
        return done.stdout

    def __enter__(self):
        try:
            self.printed = self.demo("up")
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        self.demo("down")
        subprocess.run([ROOT / "deploy" / "pg" / "cluster", "remove", self.dir / "pg"], check=True)

    def pratu(self, *arguments, check=True, stdin=None) -> subprocess.CompletedProcess:
        done = subprocess.run(
            [self.binary, *arguments, "--config", str(self.conf)], input=stdin,
            capture_output=True, text=True, timeout=120,
        )
        assert not check or done.returncode == 0, f"pratu {arguments}:\n{done.stdout}{done.stderr}"
        return done

    def apply(self, document: dict):
        """Add clients and citizens; a mistake in the document is an AssertionError."""
        path = self.dir / f"apply-{time.monotonic_ns()}.json"
        path.write_text(json.dumps(document, ensure_ascii=False))
        return self.pratu("apply", str(path))

    def records(self, *options) -> list:
        """Rows of the record, as the command line gives them."""
        text = self.pratu("records", "list", "--json", *options).stdout
        return [json.loads(line) for line in text.splitlines()]

    def document(self) -> dict:
        return json.loads((self.dir / "demo.json").read_text())

    def citizen(self, alias: str) -> Citizen:
        """One of the demo's citizens. The same object each time: it knows which TOTP step it has used."""
        if not hasattr(self, "_citizens"):
            self._citizens = {
                c["alias"]: Citizen(c["alias"], c["password"], c.get("totp_secret", ""))
                for c in self.document()["citizens"]
            }
        return self._citizens[alias]

    def sandbox(self, alias: str) -> Citizen:
        """The same with the fixed code, which may be used as often as a test likes."""
        known = next(c for c in self.document()["citizens"] if c["alias"] == alias)
        return Citizen(alias, known["password"], sandbox_code=known["sandbox_code"])

    def newcomer(self) -> Citizen:
        """A citizen of this test's own, whom no other test has delayed or signed in."""
        number = secrets.randbelow(10**11)
        one = {
            "national_id": national_id(f"2{number:011d}"),
            "alias": f"newcomer{number}",
            "password": f"lantern-{secrets.token_hex(8)}",
            "totp_secret": base64.b32encode(secrets.token_bytes(20)).decode(),
            "name": "ผู้มาใหม่",
        }
        self.apply({"citizens": [one]})
        return Citizen(one["alias"], one["password"], one["totp_secret"])

    def sql(self, statement: str, parameters=()) -> list:
        """Look or reach into the database as its superuser, behind Pratu's back."""
        place = subprocess.run(
            [ROOT / "deploy/pg/cluster", "socket", self.dir / "pg"], check=True,
            capture_output=True, text=True,
        ).stdout.strip()
        with psycopg.connect(host=place, dbname="pratu", user="postgres") as connection:
            cursor = connection.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []

    def session(self, **headers) -> requests.Session:
        return new_session(ca=str(self.ca), **headers)
