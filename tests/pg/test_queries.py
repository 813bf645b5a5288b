# SPDX-License-Identifier: Apache-2.0
"""Every embedded query, described by the server and compared with what its file declares."""
import re

import pytest
from lib.house import ROOT

QUERIES = sorted((ROOT / "sql" / "query").glob("*/*.sql"))
AS_OWNER = {"admin/housekeep", "admin/migration_insert"}  # `pratu migrate` runs these


def name(path):
    return f"{path.parent.name}/{path.stem}"


def declared(text, key):
    found = re.findall(rf"^-- {key}:[ \t]*(.*)$", text, re.M)
    assert found, f"no line '-- {key}:'"
    items = [item.strip() for line in found for item in line.split(",") if item.strip()]
    return [] if items == ["none"] else items


@pytest.fixture(scope="module")
def connections(house):
    made = {}
    for role in ("web", "vault", "admin"):
        made[role] = house.connect(f"pratu_{role}")
    made["owner"] = house.connect()
    made["owner"].execute("SET ROLE pratu_owner")
    yield made
    for one in made.values():
        one.close()


@pytest.fixture(params=QUERIES, ids=name)
def query(request, connections):
    """(connection, name of the prepared statement, text of the file)"""
    path = request.param
    connection = connections["owner" if name(path) in AS_OWNER else path.parent.name]
    text = path.read_text()
    types = declared(text, "params")
    body = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    head = f'PREPARE "{name(path)}"' + (f" ({', '.join(types)})" if types else "")
    connection.execute(f"{head} AS {body}".encode())
    yield connection, name(path), text
    connection.execute(f'DEALLOCATE "{name(path)}"'.encode())


def test_query_opens_with_what_it_does(query):
    assert re.match(r"(-- SPDX-License-Identifier: \S+\n)?-- [A-Z].{10,}\n", query[2])


def test_query_has_the_declared_types(query):
    connection, statement, text = query
    (types,) = connection.execute(
        "SELECT parameter_types::text[] FROM pg_prepared_statements WHERE name = %s", [statement]
    ).fetchone()
    wanted = [
        connection.execute("SELECT %s::regtype::text", [t]).fetchone()[0]
        for t in declared(text, "params")
    ]
    assert types == wanted
    result = connection.pgconn.describe_prepared(statement.encode())
    columns = [
        (result.fname(i).decode(),
         connection.execute("SELECT %s::oid::regtype::text", [result.ftype(i)]).fetchone()[0])
        for i in range(result.nfields)
    ]  # fmt: skip
    wanted = []
    for item in declared(text, "returns"):
        column, _, type_name = item.partition(" ")
        (full,) = connection.execute("SELECT %s::regtype::text", [type_name]).fetchone()
        wanted.append((column, full))
    assert columns == wanted


def test_role_may_run_its_query(query):
    """Planned and opened, not run: that is when PostgreSQL looks at the grants."""
    connection, statement, text = query
    nulls = ", ".join("NULL" for _ in declared(text, "params"))
    connection.execute(f'EXPLAIN EXECUTE "{statement}"{f"({nulls})" if nulls else ""}'.encode())


def test_every_name_carries_its_schema(query):
    """The roles' search_path is empty, so a bare name would not have been found at all; this says so plainly."""
    (path,) = query[0].execute("SHOW search_path").fetchone()
    if query[1] not in AS_OWNER:
        assert path == '""'
