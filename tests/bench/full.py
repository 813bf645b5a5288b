# SPDX-License-Identifier: Apache-2.0
"""A database as large as a country's: copies of rows that real sign-ins left, each with keys of its own.

Columns that are not named here are copied as they are, so that this follows the schema by itself.
"""
import sys
import time

from psycopg import sql

CHUNK = 250_000
DAYS = 30  # that the record's rows are spread over, up to now
PER_VISIT = 6  # rows of the record that belong to one sign-in
TEMPLATES = 300

CITIZEN = "md5('citizen ' || {g})::uuid"
# The tables of a citizen, and what is a copy's own. {g}: the copy's number; {t}: the row that is copied.
TABLES = (
    ("idp", "citizen", {"citizen_id": CITIZEN, "public_sub": "gen_random_uuid()"}),
    ("vault", "identifier", {"citizen_id": CITIZEN, "blind_index": "sha256(('index ' || {t}.kind || {g})::bytea)"}),
    ("vault", "national_id", {"citizen_id": CITIZEN}),
    ("vault", "password", {"citizen_id": CITIZEN}),
    ("vault", "totp", {"citizen_id": CITIZEN}),
    ("vault", "factor", {"citizen_id": CITIZEN}),
    ("vault", "subject", {"citizen_id": CITIZEN, "sub": "gen_random_uuid()"}),
    ("vault", "device", {"citizen_id": CITIZEN, "device_hash": "sha256(('device ' || {g})::bytea)"}),
)
VISIT = "({g} / %d)" % PER_VISIT
# Of the record. {citizens}: how many there are; a column that is NULL in the row that is copied stays NULL.
RECORD = {
    "at": "now() - make_interval(days => %d) * (1 - ({g} + 1)::double precision / {records})" % DAYS,
    "citizen_id": f"md5('citizen ' || ({VISIT} * 7919::bigint) %% {{citizens}})::uuid",
    "session_id": f"md5('session ' || {VISIT})::uuid",
    "authentication_id": f"md5('authentication ' || {VISIT})::uuid",
    "grant_id": f"md5('grant ' || {VISIT})::uuid",
    "jti": f"md5('jti ' || {VISIT})",
    "client_id": f"'agency' || {VISIT} %% 300",
    "address": f"'10.0.0.0'::inet + {VISIT} %% 16000000",
    "device": f"encode(sha256(('device ' || {VISIT} %% {{citizens}})::bytea), 'hex')",
    "correlation_id": "md5('correlation ' || {g} / 2)",
}
RECORD["subject_id"] = RECORD["actor_id"] = RECORD["citizen_id"]
OWN_DEFAULT = {"event_id"}


def columns_of(db, schema: str, table: str) -> list:
    return [name for name, in db.execute(
        "SELECT attname FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid JOIN pg_namespace n ON n.oid = relnamespace"
        " WHERE nspname = %s AND relname = %s AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
        (schema, table))]


class Progress:
    """A progress line, rewritten on a terminal."""

    def __init__(self, what: str, total: int):
        self.what, self.total, self.started = what, total, time.monotonic()

    def at(self, done: int):
        took_s = time.monotonic() - self.started
        live = sys.stderr.isatty()
        if live or done >= self.total:
            print(f"{chr(13) if live else ''}bench: {self.what}: {done:,} of {self.total:,} rows, {took_s:.0f} s",
                  end="\n" if done >= self.total else "", file=sys.stderr, flush=True)


def insert(db, name: tuple, own: dict, source: str, n: int):
    """Copies 0..n-1 of rows. source: the FROM clause that joins a template t to the number g."""
    columns = columns_of(db, *name)
    chosen = [c for c in columns if c not in OWN_DEFAULT]
    values = [own.get(c, '{t}."%s"' % c).format(g="g.g", t="t") for c in chosen]
    # Built from this file and the catalogue alone: nothing of a stranger's is in it.
    statement = sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {}").format(
        sql.Identifier(*name), sql.SQL(", ").join(map(sql.Identifier, chosen)), sql.SQL(", ".join(values)), sql.SQL(source))
    progress = Progress(".".join(name), n)
    for start in range(0, n, CHUNK):
        end = min(start + CHUNK, n)
        db.execute(statement, {"first": start, "last": end - 1})
        progress.at(end)


def fill_citizens(db, n: int):
    """One citizen, who has signed in, becomes n more."""
    one = db.execute("SELECT citizen_id FROM vault.subject LIMIT 1").fetchone()[0]
    for schema, table, own in TABLES:
        if "citizen_id" not in columns_of(db, schema, table):
            continue  # of another version's schema
        db.execute(sql.SQL("CREATE TEMP TABLE template AS SELECT * FROM {} WHERE citizen_id = %s LIMIT {}").format(
            sql.Identifier(schema, table), sql.Literal(1 if table == "device" else 9)), (one,))
        insert(db, (schema, table), own, "template t, generate_series(%(first)s::bigint, %(last)s) g(g)", n)
        db.execute("DROP TABLE template")


def fill_record(db, n: int, citizens: int):
    """The rows of the sign-ins so far become n, in order of time."""
    columns = columns_of(db, "record", "event")
    who = "subject_id" if "subject_id" in columns else "citizen_id"
    db.execute(f"CREATE TEMP TABLE template AS SELECT row_number() OVER (ORDER BY at) - 1 AS number, e.* FROM record.event e"
               f" WHERE {who} IS NOT NULL ORDER BY at LIMIT {TEMPLATES}")
    k = db.execute("SELECT count(*) FROM template").fetchone()[0]
    own = {c: v.replace("{citizens}", str(citizens)).replace("{records}", str(n)) for c, v in RECORD.items()}
    own = {c: v if c == "at" else f'CASE WHEN {{t}}."{c}" IS NOT NULL THEN {v} END' for c, v in own.items()}
    source = f"generate_series(%(first)s::bigint, %(last)s) g(g) JOIN template t ON t.number = g.g %% {k}"
    insert(db, ("record", "event"), own, source, n)
    db.execute("SELECT idp.housekeep()")  # rows older than the first partition get one of their own


def fill(stack, citizens: int, records: int):
    """So many citizens and so many rows of the record beside what is there; then PostgreSQL's own housekeeping."""
    with stack.instance.connect() as db:
        db.execute("SET synchronous_commit = off")
        db.execute("SET max_parallel_workers_per_gather = 0")
        fill_citizens(db, citizens)
        fill_record(db, records, citizens)
        print("bench: VACUUM ANALYZE, CHECKPOINT", file=sys.stderr, flush=True)
        db.execute("VACUUM ANALYZE")
        db.execute("CHECKPOINT")
