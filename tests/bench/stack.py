# SPDX-License-Identifier: Apache-2.0
"""A whole Pratu for measuring: its own durable PostgreSQL, plain HTTP on loopback, many citizens."""
import base64
import hashlib
import json
import os
import secrets
import signal
import socket
import subprocess
import time
from pathlib import Path

import requests

from tests.lib.citizen import Citizen, national_id

ROOT = Path(__file__).resolve().parents[2]
REDIRECT = "https://agency.test/callback"
SECRET = "a client secret for measuring only, 43 chars"


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Stack:
    def __init__(self, directory: Path, binary: Path, workers: int):
        self.dir, self.binary, self.workers = directory, binary, workers
        self.port = free_port()
        self.issuer = f"https://localhost:{self.port}"
        self.conf = directory / "pratu.conf"
        self.process = None
        self.citizens = []

    def run(self, *words, **kw):
        return subprocess.run(words, check=True, text=True, stdout=subprocess.PIPE, cwd=ROOT, **kw).stdout

    def pratu(self, *words, **kw):
        return self.run(str(self.binary), *words, "--config", str(self.conf), **kw)

    def certificate(self) -> str:
        """The settings' lines for TLS with a certificate that nobody vouches for."""
        self.run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                 "-subj", "/CN=localhost", "-days", "2", "-keyout", str(self.dir / "tls.key"),
                 "-out", str(self.dir / "tls.pem"), stderr=subprocess.DEVNULL)
        return f"tls_cert_file = {self.dir / 'tls.pem'}\ntls_key_file = {self.dir / 'tls.key'}\n"

    def start(self, tls=False):
        self.tls = tls
        self.base = f"{'https' if tls else 'http'}://localhost:{self.port}"
        self.dir.mkdir(parents=True, exist_ok=True)
        self.run("deploy/pg/cluster", "start", str(self.dir / "pg"))
        self.socket = self.run("deploy/pg/cluster", "socket", str(self.dir / "pg")).strip()
        database = f"host='{self.socket}' dbname=pratu user="
        vault_dir = self.dir / "v"
        self.conf.write_text(
            f"issuer = {self.issuer}\nmode = production\nlisten = 127.0.0.1:{self.port}\n"
            f"web_database = {database}pratu_web\nvault_database = {database}pratu_vault\n"
            f"admin_database = {database}pratu_admin\nowner_database = {database}postgres\n"
            f"vault_socket_dir = {vault_dir}\nkey_file = key\nweb_user =\nvault_user =\n"
            f"quick_workers = {self.workers}\ncode_ttl_s = 600\naccess_token_ttl_s = 3600\nlog_level = warn\n"
            "service_name_en = Pratu\n" + (self.certificate() if tls else ""))
        self.pratu("init")
        self.pratu("migrate")
        self.log = open(self.dir / "log", "a")
        self.process = subprocess.Popen(
            [self.binary, "serve", "--config", self.conf], stdout=self.log, stderr=self.log, cwd=ROOT)
        for _ in range(300):
            try:
                if requests.get(self.base + "/health/ready", timeout=2, verify=False).ok:
                    return
            except requests.RequestException:
                pass
            if self.process.poll() is not None:
                raise SystemExit(f"pratu serve ended; its log is {self.dir / 'log'}")
            time.sleep(0.1)
        raise SystemExit(f"pratu does not answer; its log is {self.dir / 'log'}")

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)
        self.run("deploy/pg/cluster", "stop", str(self.dir / "pg"))

    def apply(self, n_citizens: int):
        """One client that asks for no consent, and n citizens with a TOTP secret each."""
        client = {
            "client_id": "bench", "client_name": "Bench", "client_secret": SECRET,
            "redirect_uris": [REDIRECT], "token_endpoint_auth_method": "client_secret_basic",
            "grant_types": ["authorization_code", "refresh_token"], "id_token_signed_response_alg": "ES256",
            "scope": "openid profile email phone offline_access", "require_consent": False}
        people = []
        for i in range(n_citizens):
            secret = base64.b32encode(hashlib.sha256(b"seed %d" % i).digest()[:20]).decode()
            one = Citizen(national_id(f"1{i:011d}"), f"a long password {i} {secrets.token_hex(4)}", secret)
            self.citizens.append(one)
            people.append({"national_id": one.login, "password": one.password, "totp_secret": secret,
                           "name": f"Citizen {i}", "email": f"c{i}@example.test", "email_verified": True})
        document = self.dir / "bench.json"
        document.write_text(json.dumps({"clients": [client], "citizens": people}))
        self.pratu("apply", str(document))

    def authorize_path(self, challenge: str, **more) -> str:
        params = {"response_type": "code", "client_id": "bench", "redirect_uri": REDIRECT,
                  "scope": "openid profile email", "state": "s", "nonce": "n",
                  "code_challenge": challenge, "code_challenge_method": "S256", **more}
        return "/authorize?" + "&".join(f"{k}={requests.utils.quote(v, safe='')}" for k, v in params.items())

    # ---- what the machine spent

    def processes(self) -> dict:
        """Name to pids: the roles by their word on the command line, PostgreSQL as one."""
        found = {"serve": [], "web": [], "vault": [], "postgres": []}
        postmaster = int(self.run("deploy/pg/cluster", "pid", str(self.dir / "pg")))
        parents = {}
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                try:
                    parents[int(entry)] = int(Path(f"/proc/{entry}/stat").read_text().rsplit(")", 1)[1].split()[1])
                except OSError:
                    pass
        found["serve"].append(self.process.pid)
        for pid, parent in parents.items():
            if parent == self.process.pid:
                words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
                role = next((r for r in ("web", "vault") if r.encode() in words), None)
                if role:
                    found[role].append(pid)
            elif postmaster in (pid, parent):
                found["postgres"].append(pid)
        return found

    def cpu_s(self) -> dict:
        """CPU seconds so far. PostgreSQL's ended backends are in its postmaster's children's time."""
        tick = os.sysconf("SC_CLK_TCK")
        out = {}
        for name, pids in self.processes().items():
            total = 0
            for pid in pids:
                try:
                    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
                except OSError:
                    continue
                own = int(fields[11]) + int(fields[12])
                children = int(fields[13]) + int(fields[14]) if name == "postgres" else 0
                total += own + children
            out[name] = total / tick
        return out

    def hash_s(self) -> float:
        """CPU seconds so far of the vault's threads that do nothing but Argon2id."""
        tick, total = os.sysconf("SC_CLK_TCK"), 0
        for pid in self.processes()["vault"]:
            for task in Path(f"/proc/{pid}/task").iterdir():
                if (task / "comm").read_text() == "hash\n":
                    fields = (task / "stat").read_text().rsplit(")", 1)[1].split()
                    total += int(fields[11]) + int(fields[12])
        return total / tick

    def memory_mib(self) -> dict:
        """Proportional set size of each role."""
        out = {}
        for name, pids in self.processes().items():
            total = 0
            for pid in pids:
                try:
                    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
                except OSError:
                    continue
                total += next(int(l.split()[1]) for l in rollup.splitlines() if l.startswith("Pss:"))
            out[name] = total / 1024
        return out
