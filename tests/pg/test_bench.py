# SPDX-License-Identifier: Apache-2.0
"""What tests/bench counts and judges: known work gives known figures."""
import os
import pathlib
import sys
import time
from types import SimpleNamespace

import pytest

CHECK = pathlib.Path(os.environ.get("PRATU_CHECK_DIR", "build/check/pg")).resolve()
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from tests.bench import counters as counting  # noqa: E402
from tests.bench.rows_http import linked  # noqa: E402
from tests.bench.stack import measured_cluster  # noqa: E402
from tests.bench.table import Table, at_least, at_most, both  # noqa: E402


@pytest.fixture(scope="module")
def stack():
    """A cluster that counts, with the two roles and a table; no Pratu."""
    (CHECK / "bench").mkdir(parents=True, exist_ok=True)
    cluster = measured_cluster(CHECK / "bench" / "pg")
    with cluster.connect("postgres") as db:
        db.execute("CREATE DATABASE counted")
        db.execute("CREATE ROLE pratu_web LOGIN")
    with cluster.connect("counted") as db:
        db.execute("CREATE TABLE kept (n int); GRANT ALL ON kept TO pratu_web")
    yield SimpleNamespace(cluster=cluster, instance=SimpleNamespace(name="counted"))
    cluster.remove()


@pytest.fixture
def counters(stack, monkeypatch):
    monkeypatch.setattr(counting, "FLUSH_S", 0)  # a backend that has ended has handed over what it counted
    one = counting.Counters(stack)
    with one.on():
        yield one
    one.close()


def work(stack, times: int):
    """For one: two statements that read, three that write in two transactions, and one of upkeep."""
    with stack.cluster.connect("counted", "pratu_web") as db:
        pid = db.info.backend_pid
        db.execute('PREPARE "web/look" AS SELECT count(*) FROM kept')
        db.execute('PREPARE "web/put" (int) AS INSERT INTO kept VALUES ($1)')
        db.execute('PREPARE "web/tally_insert" (int) AS INSERT INTO kept VALUES ($1 + 1)')
        for i in range(times):
            db.execute('EXECUTE "web/look"')
            db.execute('EXECUTE "web/look"')
            db.execute("BEGIN")
            db.execute(f'EXECUTE "web/put" ({i})')
            db.execute(f'EXECUTE "web/put" ({i})')
            db.execute("COMMIT")
            db.execute(f'EXECUTE "web/put" ({i})')
            db.execute(f'EXECUTE "web/tally_insert" ({i})')
    with stack.cluster.connect("postgres") as db:
        end = time.monotonic() + 60
        while db.execute("SELECT count(*) FROM pg_stat_activity WHERE pid = %s", (pid,)).fetchone()[0]:
            assert time.monotonic() < end, "the backend does not end"


def test_statements_and_commits_of_known_work(stack, counters):
    counts = counters.during(lambda: work(stack, 10))
    calls = {s.name: s.calls for s in counts.statements if not s.utility}
    assert calls == {"web/look": 20, "web/put": 30, "web/tally_insert": 10}
    assert counts.calls(utility=False, background=False) == 50
    assert counts.commits == 20
    assert any("[web/tally_insert]" in line for line in counts.lines(10))


def test_transactions_that_only_read_are_no_commits(stack, counters):
    few, many = (counters.during(lambda n=n: work(stack, n)) for n in (10, 25))
    assert many.transactions - few.transactions == 15 * 4  # two that read, two that write; upkeep is left out
    assert many.commits - few.commits == 15 * 2


def test_nothing_is_counted_unless_told_to(stack):
    one = counting.Counters(stack)
    counts = one.quick(lambda: work(stack, 3))
    one.close()
    assert counts.statements == [] and counts.commits == 9  # with upkeep, for its statements were not seen


def test_what_a_browser_fetches_for_a_page():
    page = """<link rel="stylesheet" href="/style.css?v=1"><link rel=icon href="data:,"><link rel="canonical" href="/x">
        <img alt="" src="/logo.svg"><a href="/elsewhere">x</a><style>@font-face { src: url("/font.woff2") }</style>
        <script src='/s.js'></script><img src="/logo.svg">"""
    assert linked(page) == ["/style.css?v=1", "/logo.svg", "/font.woff2", "/s.js"]


def test_a_row_says_whether_its_aim_is_met(tmp_path):
    table = Table()
    table.add("fast", "9", "", 0.5, at_least(9, 8, "/s"))
    table.add("slow", "7", "", 0.4, both(at_least(9, 8), at_most(7, 6, " ms")))
    table.add("without an aim", "7")
    assert [row[4:] for row in table.rows] == [(">= 8/s", "yes"), (">= 8, <= 6 ms", "no"), ("", "")]
    table.write(tmp_path / "table.md")
    text = (tmp_path / "table.md").read_text()
    assert "| fast | 9 |  | 0.50 | ≥ 8/s | yes |" in text and "| **no** |" in text
