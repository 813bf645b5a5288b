# SPDX-License-Identifier: Apache-2.0
"""wrk, run with one of tests/bench/lua and read back as figures."""
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

LUA = Path(__file__).with_name("lua")


@dataclass
class Figures:
    rate: float = 0.0
    p50_us: int = 0
    p99_us: int = 0
    max_us: int = 0
    counts: dict = None

    def good(self, *statuses) -> int:
        return sum(self.counts.get(str(s), 0) for s in statuses)

    def bad(self, *statuses) -> int:
        return sum(self.counts.values()) - self.good(*statuses)

    def text(self) -> str:
        return f"{self.rate:,.0f} req/s, p99 {self.p99_us / 1000:.1f} ms"


def wrk_command(script: str, url: str, *args, connections: int, seconds: int):
    return ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s", "-s", str(LUA / script), url,
            "--", *map(str, args)]


def wrk_read(output: str) -> Figures:
    line = next((l for l in output.splitlines() if l.startswith("FIGURES ")), None)
    if line is None:
        raise SystemExit("wrk gave no figures:\n" + output)
    words = line.split()
    counts = {k: int(v) for k, v in (w.split("=") for w in words[5:])}
    return Figures(float(words[1]), int(words[2]), int(words[3]), int(words[4]), counts)


def environment():
    return {**os.environ, "BENCH_LUA": str(LUA)}


def wrk(script: str, url: str, *args, connections: int, seconds: int) -> Figures:
    done = subprocess.run(wrk_command(script, url, *args, connections=connections, seconds=seconds),
                          check=True, text=True, capture_output=True, env=environment())
    return wrk_read(done.stdout)


def wrk_start(script: str, url: str, *args, connections: int, seconds: int) -> subprocess.Popen:
    return subprocess.Popen(wrk_command(script, url, *args, connections=connections, seconds=seconds),
                            text=True, stdout=subprocess.PIPE, env=environment())
