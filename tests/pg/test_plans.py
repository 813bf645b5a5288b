# SPDX-License-Identifier: Apache-2.0
"""How PostgreSQL means to answer the questions that the web and the vault role ask all day.

Plans are made once for each connection, mostly while a day's partitions are still empty, and are kept while
these grow. So each must look rows up by key, whatever the planner believes about sizes.
"""
import re
import sys
from datetime import datetime, timezone

import pytest
from lib.instance import ROOT

sys.path.insert(0, str(ROOT / "deploy" / "build"))
from queries import parse_query  # noqa: E402

QUERIES = sorted(p for role in ("web", "vault") for p in (ROOT / "sql" / "query" / role).glob("*.sql"))
SMALL = {  # tables that stay small, and so may be read whole
    "vault.signing_key": {"vault/key_insert", "vault/keys_load", "vault/keys_wipe", "vault/keys_retire", "vault/keys_withdraw"},
    "vault.publisher": {"vault/keys_wipe"},
}


def name(path):
    return f"{path.parent.name}/{path.stem}"


def nodes(plan):
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


@pytest.fixture(scope="module")
def connections(instance):
    made = {role: instance.connect(f"pratu_{role}") for role in ("web", "vault")}
    yield made
    for one in made.values():
        one.close()


def noon_ms(name):
    """A value for what stands for a time in a handle: one millisecond of today, far from midnight."""
    if not re.search(r"(^|_)ms(_least|_most)?$", name):
        return "NULL"
    noon = datetime.now(timezone.utc).replace(hour=12, minute=0, second=0, microsecond=0)
    return str(int(noon.timestamp()) * 1000 + ("until" in name))


def values_of(query):
    """For one job, where it is a query in batches."""
    if not query.batch:
        return [noon_ms(p.name) for p in query.params]
    return [f"ARRAY[{noon_ms(p.name)}]::{t}" for p, t in zip(query.params, query.wire_types)] + [
        noon_ms(f"{name}_{end}") for name, end in query.extremes]  # fmt: skip


@pytest.fixture(params=QUERIES, ids=name)
def plan(request, connections):
    """The plan that is kept for a query, as it is when run with handles of today and without other values."""
    query = parse_query(request.param)
    connection, types = connections[request.param.parent.name], query.wire_types
    statement = '"' + query.name + '"'
    connection.execute(f"PREPARE {statement} {'(' + ', '.join(types) + ')' if types else ''} AS {query.sql}".encode())
    values = "(" + ", ".join(values_of(query)) + ")" if types else ""
    ((got,),) = connection.execute(f"EXPLAIN (FORMAT JSON, VERBOSE) EXECUTE {statement}{values}".encode()).fetchall()
    connection.execute(f"DEALLOCATE {statement}".encode())
    assert "JIT" not in got[0], "compiled each time, for a tenth of a second"
    return query, list(nodes(got[0]["Plan"]))


@pytest.mark.parametrize("role", ["web", "vault", "courier", "admin"])
def test_plans_are_made_once(instance, role):
    assert instance.sql("SHOW plan_cache_mode", user=f"pratu_{role}") == [("force_generic_plan",)]


@pytest.mark.parametrize("role", ["web", "vault"])
def test_no_plan_is_compiled(connections, role):
    """Where a table has to be read in spite of enable_seqscan, the plan's cost is beyond jit_above_cost."""
    db = connections[role]
    ((got,),) = db.execute(
        "EXPLAIN (ANALYZE, FORMAT JSON) SELECT count(*) FROM pg_catalog.pg_am WHERE amtype = 'i'").fetchall()
    assert got[0]["Plan"]["Total Cost"] > float(db.execute("SHOW jit_above_cost").fetchone()[0]) and "JIT" not in got[0]


def test_no_role_has_its_plans_compiled(instance):
    """A plan that must read a small table whole looks so expensive, with that turned off, that it would be compiled."""
    for role in ("web", "vault", "courier", "admin"):
        assert instance.sql("SHOW jit", user=f"pratu_{role}") == [("off",)]


def test_rows_are_looked_up_by_key(plan):
    query, all_nodes = plan[0].name, plan[1]
    for node in all_nodes:
        kind = node["Node Type"]
        table = f"{node.get('Schema')}.{node.get('Relation Name')}"
        if kind == "Seq Scan":
            assert query in SMALL.get(table, ()), f"reads all of {table}"
        if query == "web/partition_figures":
            continue  # of the catalogue, once in a scrape
        if kind in ("Index Scan", "Index Only Scan", "Bitmap Index Scan"):
            condition = node.get("Index Cond", "")
            assert " = " in condition, f"no key in {condition!r} of {table or node.get('Index Name')}"


def members(node):
    return [c for c in node.get("Plans", []) if c.get("Parent Relationship") == "Member"]


def test_a_handle_names_one_partition(plan):
    """Of the partitions of a table that is looked up by a handle's time, all but one are left out before the query starts."""
    query, all_nodes = plan
    most = 2 if "now() + interval" in query.sql else 1  # before midnight, the next day's too
    pruned = [n for n in all_nodes if n["Node Type"] == "Append" and n.get("Subplans Removed", 0) > 0]
    if re.search(r"created_at < idp\.at_ms\(", query.sql):
        assert pruned, "no look-up by time"
    for node in pruned:
        # The time of a row that another row names is known only while the query runs: one partition then.
        if any("_created_at" in m.get("Index Cond", "") for m in members(node)):
            continue
        assert len(members(node)) <= most, [m.get("Relation Name") for m in members(node)]
