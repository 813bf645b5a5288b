# SPDX-License-Identifier: Apache-2.0
"""The statements of sql/query, run one by one on a connection, as Pratu runs them: prepared, with a generic plan.

    run(connection, "web/token_lock", token_hash=b"...", from_ms=0, until_ms=1) -> [{"held": 1}]

A name that begins with tests/ is a path from the root of the sources: statements of a release before stand in tests/pg/released.
A query in batches takes one job by its parameters, or several as jobs=[{...}, ...]; its rows have the number in "job", from 1.
"""
import json
import sys
import time

from .instance import ROOT

sys.path.insert(0, str(ROOT / "deploy" / "build"))
from queries import parse_query  # noqa: E402


def query(name):
    folder = ROOT if name.startswith("tests/") else ROOT / "sql" / "query"
    return parse_query(folder / f"{name}.sql")


def literal(connection, value, type_name):
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f"'\\x{value.hex()}'::bytea"
    if isinstance(value, (list, tuple)):
        return "ARRAY[" + ", ".join(literal(connection, v, "") for v in value) + f"]::{type_name}"
    text = str(value).replace("'", "''")
    return f"'{text}'" + (f"::{type_name}" if type_name else "")


def array_text(value):
    """A list as the text of an array, as it is sent in a batch."""
    if not isinstance(value, (list, tuple)):
        return value
    return "{" + ",".join('"' + v.replace("\\", "\\\\").replace('"', '\\"') + '"' for v in value) + "}"


def arguments(declared, jobs):
    """The values of $1, $2, ... for these jobs."""
    if not declared.batch:
        (given,) = jobs
        return [given.get(p.name) for p in declared.params]
    columns = [[array_text(job.get(p.name)) for job in jobs] for p in declared.params]
    ends = {"least": min, "most": max}
    return columns + [ends[end](job[name] for job in jobs) for name, end in declared.extremes]


def call(connection, name, given):
    """EXECUTE of the prepared statement, which is prepared on first use."""
    declared = query(name)
    jobs = given["jobs"] if "jobs" in given else [given]
    for job in jobs:
        assert set(job) <= {p.name for p in declared.params}, set(job) - {p.name for p in declared.params}
        for param in declared.params:
            assert param.nullable or job.get(param.name) is not None, f"{name}: {param.name} is missing"
    if not connection.execute("SELECT FROM pg_prepared_statements WHERE name = %s", [name]).fetchall():
        types = ", ".join(declared.wire_types)
        connection.execute(f'PREPARE "{name}"{f" ({types})" if types else ""} AS {declared.sql}'.encode())
    values = ", ".join(literal(connection, v, t) for v, t in zip(arguments(declared, jobs), declared.wire_types))
    return f'EXECUTE "{name}"{f" ({values})" if values else ""}'


def run(connection, name, **given):
    """The rows, each a dict by column; the count of changed rows where it returns none."""
    cursor = connection.execute(call(connection, name, given).encode())
    if not cursor.description:
        return cursor.rowcount
    columns = [c.name for c in cursor.description]
    return [dict(zip(columns, row)) for row in cursor.fetchall()]


def explain(connection, name, **given):
    """The plan's nodes as it was carried out, of a statement whose changes are taken back."""
    with connection.transaction(force_rollback=True):
        text = "EXPLAIN (ANALYZE, VERBOSE, FORMAT JSON) " + call(connection, name, given)
        ((plan,),) = connection.execute(text.encode()).fetchall()
    return list(nodes((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]))


def nodes(plan):
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def wait_until_blocked(observer, pid, seconds=10):
    """Until the backend waits for a lock that another holds; pg_locks knows at once."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if observer.execute("SELECT cardinality(pg_blocking_pids(%s))", [pid]).fetchone()[0]:
            return
        time.sleep(0.005)
    raise AssertionError(f"backend {pid} waits for no lock")
