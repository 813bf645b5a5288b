# SPDX-License-Identifier: Apache-2.0
"""A whole Pratu for measuring: its own durable PostgreSQL, plain HTTP on loopback, many citizens."""
import base64
import hashlib
import os
import secrets
from pathlib import Path

import requests

from tests.lib.citizen import Citizen, national_id
from tests.lib.house import Cluster, House

REDIRECT = "https://agency.test/callback"
SECRET = "a client secret for measuring only, 43 chars"


class Stack:
    """A house of the tests, but with the settings of production."""

    def __init__(self, directory: Path, workers: int):
        directory.mkdir(parents=True, exist_ok=True)
        self.cluster = Cluster(directory / "pg")
        self.house = House(
            self.cluster, directory, "bench", mode="production", password_memory_kib=None, password_passes=None,
            quick_workers=workers, code_ttl_s=600, access_token_ttl_s=3600, log_level="warn")
        self.house.init()
        self.house.migrate()
        self.port, self.issuer = self.house.port, self.house.issuer
        self.roles = self.process = None
        self.citizens = []

    def conninfo(self) -> str:
        return f"host='{self.cluster.socket}' dbname={self.house.name} user=postgres"

    def start(self, tls=False):
        self.tls = tls
        self.base = f"{'https' if tls else 'http'}://localhost:{self.port}"
        self.house.write_settings(**({} if tls else {"tls_cert_file": None, "tls_key_file": None}))
        self.roles = self.house.serve(strict=False)
        self.process = self.roles.__enter__()

    def stop(self):
        """End Pratu; PostgreSQL goes on."""
        if self.roles:
            self.roles.__exit__(None, None, None)
        self.roles = None

    def remove(self):
        self.stop()
        self.cluster.stop()

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
        self.house.apply({"clients": [client], "citizens": people}, timeout=600)

    def authorize_path(self, challenge: str, **more) -> str:
        params = {"response_type": "code", "client_id": "bench", "redirect_uri": REDIRECT,
                  "scope": "openid profile email", "state": "s", "nonce": "n",
                  "code_challenge": challenge, "code_challenge_method": "S256", **more}
        return "/authorize?" + "&".join(f"{k}={requests.utils.quote(v, safe='')}" for k, v in params.items())

    # ---- what the machine spent

    def processes(self) -> dict:
        """Name to pids: the roles by their word on the command line, PostgreSQL as one."""
        found = {"serve": [], "web": [], "vault": [], "postgres": []}
        postmaster = self.cluster.pid()
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
