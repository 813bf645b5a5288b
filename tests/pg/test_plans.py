# SPDX-License-Identifier: Apache-2.0
"""How PostgreSQL means to answer the questions that the web and the vault role ask all day.

Plans are made once for each connection, mostly while a day's partitions are still empty, and are kept while
these grow. So each must look rows up by key, whatever the planner believes about sizes.
"""
import re

import pytest
from lib.house import ROOT

QUERIES = sorted(p for role in ("web", "vault") for p in (ROOT / "sql" / "query" / role).glob("*.sql"))
SMALL = {  # tables that stay small, and so may be read whole
    "vault.signing_key": {"vault/key_insert", "vault/keys_load", "vault/keys_wipe", "vault/keys_retire"},
}


def name(path):
    return f"{path.parent.name}/{path.stem}"


def nodes(plan):
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


@pytest.fixture(scope="module")
def connections(house):
    made = {role: house.connect(f"pratu_{role}") for role in ("web", "vault")}
    yield made
    for one in made.values():
        one.close()


@pytest.fixture(params=QUERIES, ids=name)
def plan(request, connections):
    connection, text = connections[request.param.parent.name], request.param.read_text()
    found = re.findall(r"^-- params:[ \t]*(.*)$", text, re.M)
    types = [t.strip() for line in found for t in line.split(",") if t.strip() and t.strip() != "none"]
    body = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    statement = '"' + name(request.param) + '"'
    connection.execute(f"PREPARE {statement} {'(' + ', '.join(types) + ')' if types else ''} AS {body}".encode())
    values = "(" + ", ".join(["NULL"] * len(types)) + ")" if types else ""
    ((got,),) = connection.execute(f"EXPLAIN (FORMAT JSON, VERBOSE) EXECUTE {statement}{values}".encode()).fetchall()
    yield name(request.param), list(nodes(got[0]["Plan"]))


@pytest.mark.parametrize("role", ["web", "vault"])
def test_plans_are_made_once(connections, role):
    assert connections[role].execute("SHOW plan_cache_mode").fetchone() == ("force_generic_plan",)


def test_rows_are_looked_up_by_key(plan):
    query, all_nodes = plan
    for node in all_nodes:
        kind = node["Node Type"]
        table = f"{node.get('Schema')}.{node.get('Relation Name')}"
        if kind == "Seq Scan":
            assert query in SMALL.get(table, ()), f"reads all of {table}"
        if kind in ("Index Scan", "Index Only Scan", "Bitmap Index Scan"):
            condition = node.get("Index Cond", "")
            assert " = " in condition, f"no key in {condition!r} of {table or node.get('Index Name')}"
