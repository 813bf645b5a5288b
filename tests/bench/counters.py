# SPDX-License-Identifier: Apache-2.0
"""What PostgreSQL itself counted while something was measured.

statements    pg_stat_statements.calls of the web's and the vault's roles: what they sent, without utility statements
              (BEGIN, COMMIT, SET, LISTEN ...), and without what functions run inside
transactions  pg_stat_database.xact_commit; a connection's first use of a query prepares it, which is one more
commits       transactions that wrote, and so waited for the disk: each takes one transaction id and no other does, so
              they are the difference of pg_snapshot_xmax(pg_current_snapshot())

Upkeep (partitions, keys, counted refusals, the look whether PostgreSQL answers) is distinguished by the names of its queries. Autovacuum is off meanwhile.
"""
import re
import time
from contextlib import contextmanager
from dataclasses import dataclass

# Names of queries that run by the clock and not for a request.
BACKGROUND = re.compile(r"^(?:(?:web|vault)/(?:housekeep|record_index|partition_figures|tally_insert|keys?_\w+)|SELECT \$1)$")
UTILITY = re.compile(
    r"^(?:BEGIN|START|COMMIT|END|ROLLBACK|ABORT|SAVEPOINT|RELEASE|SET|RESET|SHOW|LISTEN|UNLISTEN|NOTIFY|DISCARD|DEALLOCATE"
    r"|CREATE|ALTER|DROP)\b", re.I)
# A backend that is idle hands its counts of transactions over after 10 s (PGSTAT_IDLE_INTERVAL).
FLUSH_S = 10.5


def name_of(query: str) -> str:
    """role/name of a query, which idp/io/db.c prepares under that name; of anything else its beginning."""
    prepared = re.match(r'PREPARE "([^"]+)"', query)
    return prepared.group(1) if prepared else " ".join(query.split())[:40]


@dataclass
class Statement:
    name: str  # role/name of the query, or the statement's beginning
    calls: int
    exec_us: float  # mean
    wal_records: int
    wal_bytes: int
    blocks: int  # shared buffers, hit or read

    @property
    def utility(self) -> bool:
        return bool(UTILITY.match(self.name))

    @property
    def background(self) -> bool:
        return bool(BACKGROUND.match(self.name))


@dataclass
class Counts:
    statements: list
    transactions: int = 0
    commits: int = 0

    def calls(self, **wanted) -> int:
        """Calls of the statements with these properties."""
        return sum(s.calls for s in self.statements if all(getattr(s, k) == v for k, v in wanted.items()))

    def settle(self):
        """Take upkeep off: each of its statements is a transaction of its own."""
        for s in self.statements:
            if s.background:
                self.transactions -= s.calls
                self.commits -= s.calls if s.wal_records else 0

    def lines(self, n: int) -> list:
        """What was sent for one of n, the most often first; upkeep is in brackets."""
        out = []
        for s in sorted(self.statements, key=lambda s: (s.background, s.utility, -s.calls, s.name)):
            name = f"[{s.name}]" if s.background else s.name
            out.append(f"{name:<36} {s.calls / n:6.2f} calls  {s.exec_us:8.0f} us each  {s.wal_bytes / s.calls:7.0f} B of WAL  "
                       f"{s.blocks / s.calls:6.1f} blocks")
        return out


class Counters:
    """Counts of one database. Looked at from another, so that looking is not counted."""

    def __init__(self, stack):
        self.stack = stack
        self.db = stack.cluster.connect("postgres")

    def close(self):
        self.db.close()

    def one(self, sql, *parameters):
        return self.db.execute(sql, parameters).fetchone()[0]

    @contextmanager
    def on(self):
        """Statements are counted within the block. It takes effect with each backend's next statement."""
        try:
            self.set(track="top", autovacuum="off")
            yield self
        finally:
            self.set(track="none", autovacuum="on")

    def set(self, track, autovacuum):
        self.db.execute(f"ALTER SYSTEM SET pg_stat_statements.track = '{track}'")
        self.db.execute(f"ALTER SYSTEM SET autovacuum = {autovacuum}")
        self.db.execute("SELECT pg_reload_conf()")
        end = time.monotonic() + 10
        while self.one("SHOW pg_stat_statements.track") != track:  # this backend's signal is one of the last
            if time.monotonic() > end:
                raise SystemExit("bench: PostgreSQL does not take its new settings")

    def statements(self) -> list:
        rows = self.db.execute(
            "SELECT query, sum(calls)::bigint, sum(total_exec_time) * 1000 / sum(calls), sum(wal_records)::bigint,"
            " sum(wal_bytes)::bigint, sum(shared_blks_hit + shared_blks_read)::bigint FROM pg_stat_statements s"
            " JOIN pg_database d ON d.oid = s.dbid JOIN pg_roles r ON r.oid = s.userid"
            " WHERE d.datname = %s AND r.rolname IN ('pratu_web', 'pratu_vault') GROUP BY query HAVING sum(calls) > 0",
            (self.stack.instance.name,)).fetchall()
        found = {}
        for query, *figures in rows:
            calls, exec_us, *rest = figures
            one = Statement(name_of(query), calls, float(exec_us), *map(int, rest))
            found.setdefault(one.name, []).append(one)
        return [joined(same) for same in found.values()]

    def transactions(self) -> int:
        return self.one("SELECT xact_commit FROM pg_stat_database WHERE datname = %s", self.stack.instance.name)

    def written(self) -> int:
        return int(self.one("SELECT pg_snapshot_xmax(pg_current_snapshot())::text"))

    def during(self, work) -> Counts:
        """What was counted while work() ran; between two pauses, for idle backends hand their counts over late."""
        time.sleep(FLUSH_S)
        self.db.execute("SELECT pg_stat_statements_reset()")
        transactions, written = self.transactions(), self.written()
        work()
        time.sleep(FLUSH_S)
        counts = Counts(self.statements(), self.transactions() - transactions, self.written() - written)
        counts.settle()
        return counts

    def quick(self, work) -> Counts:
        """The same without the pauses, and without transactions that only read."""
        self.db.execute("SELECT pg_stat_statements_reset()")
        written = self.written()
        work()
        counts = Counts(self.statements(), 0, self.written() - written)
        counts.settle()
        return counts


def joined(same: list) -> Statement:
    """Two roles may send one statement."""
    calls = sum(s.calls for s in same)
    return Statement(same[0].name, calls, sum(s.exec_us * s.calls for s in same) / calls, sum(s.wal_records for s in same),
                     sum(s.wal_bytes for s in same), sum(s.blocks for s in same))
