# SPDX-License-Identifier: Apache-2.0
"""A whole Pratu for measuring: a database in a durable PostgreSQL, plain HTTP on loopback, many citizens; and what
its processes use."""
import base64
import hashlib
import os
import secrets
from pathlib import Path

import requests

from tests.lib.citizen import Citizen, national_id
from tests.lib.instance import Cluster, Instance

REDIRECT = "https://agency.test/callback"
SECRET = "a client secret for measuring only, 43 chars"
ROLES = ("web", "vault", "postgres", "serve")


def measured_cluster(directory: Path) -> Cluster:
    """PostgreSQL with pg_stat_statements loaded, which counts nothing until it is told to (tests/bench/counters.py)."""
    cluster = Cluster(directory)
    with cluster.connect("postgres") as db:
        db.execute("ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'")
        loaded = db.execute("SHOW shared_preload_libraries").fetchone()[0]
    if "pg_stat_statements" not in loaded:
        cluster.stop()
        cluster.start()
    with cluster.connect("postgres") as db:
        db.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        db.execute("ALTER SYSTEM SET pg_stat_statements.track = 'none'")
        db.execute("ALTER SYSTEM RESET autovacuum")
        db.execute("SELECT pg_reload_conf()")
    return cluster


class People:
    """Citizens, each used once before the first is used again: a one-time code is good once."""

    def __init__(self):
        self.all, self.next = [], 0

    def take(self, n: int) -> list:
        chosen = [self.all[(self.next + i) % len(self.all)] for i in range(n)]
        self.next = (self.next + n) % len(self.all)
        return chosen

    def one(self) -> Citizen:
        return self.take(1)[0]


class Stack:
    """One of the tests' set-ups, but with the settings of production."""

    def __init__(self, cluster: Cluster, directory: Path, name: str, workers: int):
        self.cluster = cluster
        self.instance = Instance(
            cluster, directory, name, mode="production", password_memory_kib=None, password_passes=None,
            quick_workers=workers, code_ttl_s=600, access_token_ttl_s=3600, log_level="warn")
        self.instance.init()
        self.instance.migrate()
        self.port, self.issuer = self.instance.port, self.instance.issuer
        self.roles = self.process = None
        self.tls = False
        self.people = People()

    def conninfo(self) -> str:
        return f"host='{self.cluster.socket}' dbname={self.instance.name} user=postgres"

    def start(self, tls=False):
        self.tls = tls
        self.base = f"{'https' if tls else 'http'}://localhost:{self.port}"
        self.instance.write_settings(**({} if tls else {"tls_cert_file": None, "tls_key_file": None}))
        self.roles = self.instance.serve(strict=False)
        self.process = self.roles.__enter__()

    def stop(self):
        """End Pratu; PostgreSQL goes on."""
        if self.roles:
            self.roles.__exit__(None, None, None)
        self.roles = None

    def restart(self, tls=False):
        self.stop()
        self.start(tls)

    def apply(self, n_citizens: int):
        """One client that asks for no consent, and n citizens with a TOTP secret each."""
        client = {
            "client_id": "bench", "client_name": "Bench", "client_secret": SECRET,
            "redirect_uris": [REDIRECT], "token_endpoint_auth_method": "client_secret_basic",
            "grant_types": ["authorization_code", "refresh_token"], "id_token_signed_response_alg": "ES256",
            "scope": "openid profile email phone offline_access", "require_consent": False}
        citizens = []
        for i in range(n_citizens):
            secret = base64.b32encode(hashlib.sha256(b"seed %d" % i).digest()[:20]).decode()
            one = Citizen(national_id(f"1{i:011d}"), f"a long password {i} {secrets.token_hex(4)}", secret)
            self.people.all.append(one)
            citizens.append({"national_id": one.login, "password": one.password, "totp_secret": secret,
                             "name": f"Citizen {i}", "email": f"c{i}@example.test", "email_verified": True})
        self.instance.apply({"clients": [client], "citizens": citizens}, timeout=600)

    def authorize_path(self, challenge: str, **more) -> str:
        params = {"response_type": "code", "client_id": "bench", "redirect_uri": REDIRECT,
                  "scope": "openid profile email", "state": "s", "nonce": "n",
                  "code_challenge": challenge, "code_challenge_method": "S256", **more}
        return "/authorize?" + "&".join(f"{k}={requests.utils.quote(v, safe='')}" for k, v in params.items())

    # ---- what the processes use

    def processes(self) -> dict:
        """Name to pids: the roles by their word on the command line, PostgreSQL as one."""
        found = {name: [] for name in ROLES}
        postmaster = self.cluster.pid()
        found["serve"].append(self.process.pid)
        for pid, parent in parents().items():
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
        out = {}
        for name, pids in self.processes().items():
            out[name] = sum(t.cpu_s for t in threads(pids))
            if name == "postgres":
                out[name] += ended_children_s(self.cluster.pid())
        return out

    def hash_s(self) -> float:
        """CPU seconds so far of the vault's threads that hash passwords."""
        return sum(t.cpu_s for t in threads(self.processes()["vault"]) if t.name == "hash")

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


def parents() -> dict:
    """Every process's parent."""
    found = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                found[int(entry)] = int(Path(f"/proc/{entry}/stat").read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                pass
    return found


class Thread:
    """A thread's name, CPU time (also of the kernel on its behalf) and times it was switched out."""

    def __init__(self, task: Path):
        self.name = (task / "comm").read_text().strip()
        self.cpu_s = int((task / "schedstat").read_text().split()[0]) / 1e9
        fields = (task / "stat").read_text().rsplit(")", 1)[1].split()
        user, kernel = int(fields[11]), int(fields[12])
        self.kernel_s = self.cpu_s * kernel / (user + kernel) if user + kernel else 0.0
        switches = [l.split()[1] for l in (task / "status").read_text().splitlines() if "ctxt_switches" in l]
        self.waited, self.preempted = map(int, switches)


def threads(pids) -> list:
    found = []
    for pid in pids:
        try:
            for task in Path(f"/proc/{pid}/task").iterdir():
                found.append(Thread(task))
        except OSError:
            continue  # it has ended meanwhile
    return found


def ended_children_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")
