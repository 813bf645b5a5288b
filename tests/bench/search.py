# SPDX-License-Identifier: Apache-2.0
"""How long searches of the record take, and what its indexes cost an insert.

Makes a cluster of its own with rows over many days, lets the day partitions be indexed as housekeeping does, and runs
random searches by each filter over 30 days and over today (which has only its hot indexes). Prints a table; exits with 1
if a 95th percentile is over the limit.
"""
import argparse
import os
import pathlib
import random
import sys
import time

from lib.instance import ROOT, Cluster, Instance

sys.path.insert(0, str(ROOT / "deploy" / "build"))
from queries import parse_query  # noqa: E402

LIMIT_MS = 50
DIRECTORY = pathlib.Path(os.environ.get("PRATU_CHECK_DIR", ROOT / "build" / "bench")) / "search"
RANGES = ("30 days", "today")
# Six rows a sign-in; few citizens sign in often, few clients and addresses have most of the traffic.
FILL = """
INSERT INTO record.{part} (at, kind, outcome, reason, subject_id, actor_id, session_id, authentication_id, grant_id, client_id,
    jti, scope, acr, amr, address, device, user_agent, correlation_id)
SELECT {start}::timestamptz + i * interval '1 day' / {n}, (ARRAY['password', 'factor', 'sign_in', 'code', 'token', 'userinfo'])[i % 6 + 1],
    CASE WHEN i % 41 = 0 THEN 'refused' ELSE 'ok' END, CASE WHEN i % 41 = 0 THEN 'wrong_password' END, c.id, c.id,
    CASE WHEN i % 6 > 2 THEN md5('s' || k)::uuid END, CASE WHEN i % 6 > 0 THEN md5('a' || k)::uuid END,
    CASE WHEN i % 6 > 2 THEN md5('g' || k)::uuid END, 'client-' || (300 * c.r ^ 3)::int, md5('j' || k), 'openid profile',
    'urn:pratu:loa:2', '{{pwd,otp,mfa}}', '10.0.0.0'::inet + (2000000 * c.r ^ 2)::bigint, md5('d' || c.id::text) || md5(c.id::text),
    'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36',
    md5('x' || k || i % 3)
FROM generate_series(0, {n} - 1) i
CROSS JOIN LATERAL (SELECT '{part}' || i / 6 AS k) one
CROSS JOIN LATERAL (SELECT r, md5((500000 * r ^ 2)::int::text)::uuid AS id
    FROM (SELECT (hashtext(k)::bigint + 2147483648) / 4294967296.0::float8 AS r) hashed) c
"""
COLUMNS = {  # parameter: the column that values are drawn from
    "subject_id": "subject_id", "client_id": "client_id", "session_id": "session_id", "authentication_id": "authentication_id",
    "grant_id": "grant_id", "correlation_id": "correlation_id", "network": "address", "kind": "kind",
}  # fmt: skip


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--days", type=int, default=61)
    parser.add_argument("--searches", type=int, default=100)
    parser.add_argument("--keep", action="store_true", help="leave the cluster, and use it again")
    return parser.parse_args()


def fill(instance, rows, days):
    """Days of the record, each with its partition; all but today's get every index."""
    per_day = rows // days
    with instance.connect() as db:
        db.execute("SET timezone = 'UTC'; SET synchronous_commit = off")
        for back in range(days - 1, -1, -1):
            (part, start), = db.execute(
                "SELECT 'event_' || to_char(d, 'YYYYMMDD'), d::text FROM (SELECT date_trunc('day', now()) - %s * interval '1 day' AS d) x",
                [back]).fetchall()  # fmt: skip
            if back:
                db.execute(
                    f"SET ROLE pratu_owner; DO $$ DECLARE policy idp.partition_policy; BEGIN"
                    f" SELECT * INTO policy FROM idp.partition_policy WHERE table_name = 'event';"
                    f" PERFORM idp.partition_new(policy, '{part}');"
                    f" PERFORM idp.partition_attach(policy, '{part}', '{start}', '{start}'::timestamptz + interval '1 day');"
                    f" END $$; RESET ROLE")
            db.execute(FILL.format(part=part, start=f"'{start}'", n=per_day))
            db.execute("SELECT brin_summarize_new_values(c.oid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
                       " JOIN pg_am m ON m.oid = c.relam AND m.amname = 'brin' WHERE i.indrelid = %s::regclass",
                       [f"record.{part}"])  # as autovacuum does  # fmt: skip
            db.execute(f"ANALYZE record.{part}")
            print(f"\r{part}: {(days - back) * per_day:,} rows", end="", flush=True)
        print()
    began = time.monotonic()
    built = len(instance.json("records", "index", timeout=3600)["built"])
    print(f"{built} indexes of closed days in {time.monotonic() - began:.1f} s")


def draw(instance, column, span, n):
    """Values that occur in that range, each row as likely."""
    where = "at >= date_trunc('day', now(), 'UTC')" if span == "today" else "at >= now() - interval '30 days'"
    found = instance.sql(
        f"SELECT {column}::text FROM record.event TABLESAMPLE SYSTEM (1) WHERE {where} AND {column} IS NOT NULL"
        f" ORDER BY random() LIMIT {n}")  # fmt: skip
    return [v for (v,) in found]


def searches(instance, n):
    """Per filter and range: the given parameters of each search."""
    for span in RANGES:
        for parameter, column in COLUMNS.items():
            yield span, parameter, [{parameter: v} for v in draw(instance, column, span, n)]
        networks = [v.rpartition(".")[0] + ".0/24" for v in draw(instance, "host(address)", span, n)]
        yield span, "network /24", [{"network": v} for v in networks]
        refused = [{"kind": k, "outcome": "refused"} for k in draw(instance, "kind", span, n)]
        yield span, "kind and outcome", refused
        both = [{"subject_id": v, "kind": "sign_in"} for v in draw(instance, "subject_id", span, n)]
        yield span, "subject and kind", both
        nobody = [{"subject_id": f"00000000-0000-4000-8000-{random.getrandbits(48):012x}"} for _ in range(n)]
        yield span, "a subject without rows", nobody
        yield span, "none", [{}] * n


def measure(db, query, span, many):
    """Milliseconds of each search on the clock and of the server's CPU, each sorted, and the rows found in all."""
    took, used, found = [], [], 0
    (since,), = db.execute("SELECT (CASE WHEN %s THEN date_trunc('day', now(), 'UTC') ELSE now() - interval '30 days' END)::text",
                           [span == "today"]).fetchall()  # fmt: skip
    text = query.sql
    for i in range(len(query.params), 0, -1):
        text = text.replace(f"${i}", f"%(p{i})s")
    for given in many:
        values = {"since": since, "until": "infinity", "limit": 500, **given}
        began, cpu = time.perf_counter(), cpu_ms(db)
        rows = db.execute(text, {f"p{i}": values.get(p.name) for i, p in enumerate(query.params, 1)}, prepare=True).fetchall()
        took.append((time.perf_counter() - began) * 1000)
        used.append(cpu_ms(db) - cpu)
        found += len(rows)
    return sorted(took), sorted(used), found


def at(values, share):
    return values[min(len(values) - 1, int(len(values) * share))]


def report(instance, n):
    query = parse_query(ROOT / "sql" / "query" / "admin" / "record_list.sql")
    slow = False
    print(f"\n{'range':8} {'filter':24} {'p50 ms':>8} {'p95 ms':>8} {'CPU p95':>8} {'rows':>7}")
    with instance.connect("pratu_admin") as db:
        for span, name, many in searches(instance, n):
            took, used, found = measure(db, query, span, many)
            over = at(took, 0.95) > LIMIT_MS
            slow = slow or over
            print(f"{span:8} {name:24} {at(took, 0.5):8.1f} {at(took, 0.95):8.1f} {at(used, 0.95):8.1f}"
                  f" {found / len(many):7.1f}{'  OVER' if over else ''}", flush=True)  # fmt: skip
    return slow


def insert_cost(instance, indexes, n=20_000):
    """Microseconds of CPU, and bytes of write-ahead log, of one insert into a table of 60,000 rows with these indexes."""
    row = """INSERT INTO public.cost (kind, outcome, subject_id, actor_id, session_id, authentication_id, grant_id, client_id,
        jti, scope, acr, amr, address, device, user_agent, correlation_id) VALUES ('token', 'ok', u, u, gen_random_uuid(),
        gen_random_uuid(), gen_random_uuid(), 'client-' || (random() * 300)::int, 'jti', 'openid profile', 'urn:pratu:loa:2',
        '{pwd,otp,mfa}', '10.0.0.0'::inet + (random() * 1000000)::int, repeat('ab', 32), repeat('user agent ', 11), md5(random()::text))"""
    loop = f"DO $$ DECLARE u uuid; BEGIN FOR i IN 1 .. %d LOOP u := gen_random_uuid(); {row}; END LOOP; END $$"
    with instance.connect() as db:
        db.execute("DROP TABLE IF EXISTS public.cost; CREATE TABLE public.cost (LIKE record.event INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
        for columns in indexes:
            if columns == "summary":
                db.execute("SELECT record.summary_add('public.cost')")
            else:
                db.execute(f"CREATE INDEX ON public.cost ({columns})")
        db.execute(loop % 60_000)
        before = usage(db)
        db.execute(loop % n)
        after = usage(db)
        db.execute("DROP TABLE public.cost")
    return [(b - a) / n for a, b in zip(before, after)]


def cpu_ms(db):
    """CPU of the server's process for this connection, to the microsecond."""
    return int(pathlib.Path(f"/proc/{db.info.backend_pid}/schedstat").read_text().split()[0]) / 1e6


def usage(db):
    return cpu_ms(db) * 1000, int(db.execute("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn").fetchone()[0])


def report_inserts(instance):
    rows = instance.sql("SELECT column_name, hot FROM record.search_index ORDER BY column_name")
    index = {c: "at" if c == "at" else f"{c}, at" for c, _ in rows}
    cases = {"no index": [], **{f"{c} alone": [index[c]] for c in index},
             "the summary of the others": ["summary"],
             "a new day: " + ", ".join(c for c, hot in rows if hot) + ", summary": [*(index[c] for c, hot in rows if hot), "summary"],
             "all": list(index.values())}  # fmt: skip
    print(f"\n{'an insert with indexes on':52} {'CPU us':>7} {'WAL B':>6}")
    for name, indexes in cases.items():
        cpu_us, wal = insert_cost(instance, indexes)
        print(f"{name:52} {cpu_us:7.1f} {wal:6.0f}", flush=True)


def main():
    given = arguments()
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    cluster = Cluster(DIRECTORY / "pg")
    try:
        with cluster.connect("postgres") as db:
            there = db.execute("SELECT FROM pg_database WHERE datname = 'search'").fetchall() and given.keep
            for setting in ("fsync = off", "max_wal_size = '8GB'", "autovacuum = off"):
                db.execute(f"ALTER SYSTEM SET {setting}")
            db.execute("SELECT pg_reload_conf()")
        instance = Instance(cluster, DIRECTORY / "h", "search", make_database=not there)
        if not there:
            instance.init()
            instance.migrate()
            fill(instance, given.rows, given.days)
        slow = report(instance, given.searches)
        report_inserts(instance)
    finally:
        if not given.keep:
            cluster.remove()
    sys.exit(1 if slow else 0)


if __name__ == "__main__":
    main()
