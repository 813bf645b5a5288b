# SPDX-License-Identifier: Apache-2.0
"""The processes of a stack, found by descent and never by name alone, so that only the test's own are killed."""
import os
import pathlib
import signal
import subprocess
import time

from lib.stack import DEMO


def children(pid: int) -> list:
    found = []
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*"):
        try:
            found += [int(p) for p in (task / "children").read_text().split()]
        except OSError:
            pass
    return found


def command(pid: int) -> str:
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
    except OSError:
        return ""


def kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


class Processes:
    def __init__(self, stack):
        self.stack = stack

    def supervisor(self) -> int:
        return int((self.stack.dir / "pratu.process").read_text().split()[0])

    def role(self, name: str) -> int | None:
        """The process of a role under the supervisor now, or None while it is away."""
        for pid in children(self.supervisor()):
            words = command(pid).split()
            if name in words or f"pratu:{name}" in words or f"pratu-{name}" in words:
                return pid
        return None

    def cluster(self, verb: str, check=True) -> str:
        done = subprocess.run(
            [DEMO / "demo", "cluster", verb], env=self.stack.env,
            capture_output=True, text=True, timeout=90,
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip() if done.returncode == 0 else ""

    def postmaster(self) -> int | None:
        return int(self.cluster("pid", check=False) or 0) or None

    def place(self) -> str:
        """Where the cluster stands: `status` says "running: PLACE, …" or "stopped: PLACE"."""
        done = subprocess.run(
            [DEMO / "demo", "cluster", "status"], env=self.stack.env, capture_output=True, text=True
        )
        return done.stdout.split(": ", 1)[1].split(",")[0].strip()

    def orphans(self) -> list:
        """Server processes that outlived their postmaster: they stand in the cluster's data directory."""
        data, found = self.place() + "/data", []
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if os.readlink(entry / "cwd") == data:
                    found.append(int(entry.name))
            except OSError:
                pass
        return found

    def start_postgresql(self):
        """As an administrator does after a kill -9 of the postmaster: end what it left, start it again."""
        end = time.monotonic() + 60
        while self.postmaster() is None:
            for pid in self.orphans():
                kill(pid)
            self.cluster("start", check=False)
            assert time.monotonic() < end, "PostgreSQL does not come back"

    def kill_role(self, name: str) -> bool:
        pid = self.role(name)
        if pid:
            kill(pid)
        return pid is not None

    def kill_backend(self, choose) -> bool:
        """One server process of PostgreSQL: all sessions end, and it recovers by itself."""
        pids = children(self.postmaster() or 0)
        if pids:
            kill(choose(pids))
        return bool(pids)

    def kill_postmaster(self) -> bool:
        pid = self.postmaster()
        if pid:
            kill(pid)
            self.start_postgresql()
        return pid is not None
