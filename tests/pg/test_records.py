# SPDX-License-Identifier: Apache-2.0
"""`pratu records`: what is found, and that looking leaves a row."""
import json
import re
import uuid
from datetime import datetime, timedelta, timezone

import pytest

CITIZENS = [str(uuid.uuid4()) for _ in range(2)]
GRANT = str(uuid.uuid4())
SESSION, AUTHENTICATION = str(uuid.uuid4()), str(uuid.uuid4())
NOW = datetime.now(timezone.utc)


@pytest.fixture(scope="module")
def filled(instance):
    """Eight rows of known times: one an hour, the newest five minutes old."""
    for one in CITIZENS:
        instance.sql("INSERT INTO idp.citizen (citizen_id, claims) VALUES (%s, '{}')", [one], user="pratu_admin")
    with instance.connect() as db:
        for i in range(8):
            db.execute(
                "INSERT INTO record.event (at, kind, outcome, reason, subject_id, client_id, session_id,"
                " authentication_id, grant_id, correlation_id, address, user_agent, amr, detail) VALUES"
                " (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, '{pwd,otp}', %s)",
                [NOW - timedelta(minutes=5, hours=7 - i), "sign_in" if i % 2 else "password",
                 "refused" if i == 2 else "ok", "wrong_password" if i == 2 else None, CITIZENS[i // 4], f"client{i % 3}",
                 SESSION if i == 5 else None, AUTHENTICATION if i == 5 else None, GRANT if i == 4 else None, f"correlation-{i}",
                 "2001:db8::7" if i == 0 else f"203.0.113.{i + 4}", "Mozilla\n\x1b[31m", json.dumps({"n": i})])  # fmt: skip
    return instance


def seen(instance, *arguments, **options):
    """Which of the eight, in the order shown."""
    rows = instance.records(*arguments, **options)
    return [r["detail"]["n"] for r in rows if "n" in (r["detail"] or {})]


@pytest.mark.parametrize("arguments, wanted", [
    ([], list(range(8))),
    (["--since", "3h"], [5, 6, 7]),
    (["--since", "10m"], [7]),
    (["--until", "3h"], [0, 1, 2, 3, 4]),
    (["--since", "5h", "--until", "2h"], [3, 4, 5]),
    (["--since", (NOW - timedelta(hours=3)).isoformat(timespec="seconds")], [5, 6, 7]),
    (["--since", (NOW - timedelta(hours=3)).astimezone(timezone(timedelta(hours=7))).isoformat(timespec="seconds")], [5, 6, 7]),
    (["--since", (NOW + timedelta(days=2)).strftime("%Y-%m-%d")], []),
    (["--citizen", CITIZENS[0]], [0, 1, 2, 3]),
    (["--client", "client1"], [1, 4, 7]),
    (["--kind", "sign_in"], [1, 3, 5, 7]),
    (["--outcome", "refused"], [2]),
    (["--session", SESSION], [5]),
    (["--authentication", AUTHENTICATION], [5]),
    (["--grant", GRANT], [4]),
    (["--correlation", "correlation-6"], [6]),
    (["--address", "203.0.113.9"], [5]),
    (["--address", "203.0.113.9/32"], [5]),
    (["--address", "203.0.113.8/30"], [4, 5, 6, 7]),
    (["--address", "203.0.113.0/24", "--kind", "sign_in"], [1, 3, 5, 7]),
    (["--address", "2001:db8::/32"], [0]),
    (["--address", "2001:db8::7"], [0]),
    (["--address", "0.0.0.0/0"], [1, 2, 3, 4, 5, 6, 7]),
    (["--kind", "sign_in", "--client", "client1", "--citizen", CITIZENS[1]], [7]),
    (["--client", "' OR true --"], []),
])  # fmt: skip
def test_filters(filled, arguments, wanted):
    assert seen(filled, *arguments) == wanted


def test_the_newest_few_in_the_order_of_time(filled):
    done = filled.pratu("records", "list", "--json", "--until", "1m", "--limit", "3")
    assert [json.loads(x)["detail"]["n"] for x in done.stdout.splitlines()] == [5, 6, 7]
    assert "there may be more" in done.stderr


def before(text):
    """What a listing that may go on says to do next."""
    return re.search(r"--before (\S+)", text)[1]


def test_pages_meet_without_a_gap_or_a_repeat(filled):
    found, arguments = [], []
    for _ in range(4):
        done = filled.pratu("records", "list", "--json", "--until", "1m", "--limit", "3", *arguments)
        page = [json.loads(x)["detail"]["n"] for x in done.stdout.splitlines()]
        found = page + found
        if len(page) < 3:
            assert "--before" not in done.stderr
            break
        arguments = ["--before", before(done.stderr)]
    assert found == list(range(8))


def test_rows_of_one_instant_are_told_apart_by_their_ids(filled):
    filled.sql("INSERT INTO record.event (kind, outcome, at, detail) SELECT 'consent', 'ok', now(), jsonb_build_object('i', i)"
              " FROM generate_series(1, 5) i")  # fmt: skip
    seen_ids, arguments = [], []
    for _ in range(3):
        done = filled.pratu("records", "list", "--json", "--kind", "consent", "--limit", "2", *arguments)
        seen_ids += [json.loads(x)["detail"]["i"] for x in done.stdout.splitlines()]
        if "--before" in done.stderr:
            arguments = ["--before", before(done.stderr)]
    assert sorted(seen_ids) == [1, 2, 3, 4, 5]


def test_a_range_is_always_set(filled):
    filled.sql("INSERT INTO record.event (kind, outcome, at) VALUES ('introspect', 'ok', %s)", [NOW - timedelta(days=31)])
    filled.migrate()  # housekeeping gives that day a partition
    assert not filled.records("--kind", "introspect")
    assert len(filled.records("--kind", "introspect", "--since", "32d")) == 1
    assert "since 30 days ago" in filled.pratu("records", "list", "--limit", "1").stderr
    assert "since 2d" in filled.pratu("records", "list", "--limit", "1", "--since", "2d").stderr


@pytest.mark.parametrize("arguments, expected", [
    (["--session", "x"], "--session: expected an id of 36 characters"),
    (["--grant", "x"], "--grant: expected an id"),
    (["--address", "203.0.113"], "--address: expected an address"),
    (["--address", "203.0.113.0/33"], "--address: expected an address"),
    (["--address", "203.0.113.0/"], "--address: expected an address"),
    (["--address", "2001:db8::/129"], "--address: expected an address"),
    (["--address", "x" * 200], "--address: expected an address"),
    (["--before", "2026-11-20"], "--before: expected AT,ID"),
    (["--before", "yesterday," + str(uuid.uuid4())], "--before: expected 2026-11-20"),
    (["--since", "soon"], "--since: expected"),
])  # fmt: skip
def test_what_is_not_understood(filled, arguments, expected):
    assert expected in filled.pratu("records", "list", *arguments, status=2).stderr


def test_one_object_a_line_with_every_member(filled):
    (row,) = filled.records("--session", SESSION)
    assert set(row) == {
        "event_id", "at", "kind", "outcome", "reason", "n", "subject_id", "actor_id", "session_id", "authentication_id",
        "grant_id", "client_id", "jti", "scope", "factor", "login_hash", "acr", "amr", "address", "device", "user_agent",
        "correlation_id", "writer", "detail",
    }  # fmt: skip
    assert row["amr"] == ["pwd", "otp"] and row["address"] == "203.0.113.9"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", row["at"])


def test_the_table_for_people(filled):
    text = filled.pratu("records", "list", "--until", "1m").stdout
    lines = text.splitlines()
    assert lines[0].split() == ["AT", "KIND", "OUTCOME", "REASON", "CITIZEN", "CLIENT", "ADDRESS", "CORRELATION"]
    assert len(lines) == 9 and "\x1b" not in text
    assert "wrong_password" in lines[3]


def test_looking_is_recorded(filled):
    filled.pratu("records", "list", "--citizen", CITIZENS[0], "--kind", "sign_in", "--since", "2d")
    look = filled.records("--kind", "records_list")[-1]
    assert look["subject_id"] == CITIZENS[0] and look["outcome"] == "ok"
    assert look["detail"]["kind"] == "sign_in" and look["detail"]["rows"] == 2 and look["detail"]["by"]
    assert "since" in look["detail"] and "citizen" not in look["detail"]


def test_unknown_citizen(filled):
    assert "no such citizen" in filled.pratu("records", "list", "--citizen", str(uuid.uuid4()), status=1).stderr


def test_expire_refuses_under_90_days(filled):
    for days in ("89", "1", "0"):
        assert "at least 90 days" in filled.pratu("records", "expire", "--days", days, status=1).stderr
    filled.pratu("records", "expire", "--days", "-1", status=2)


def test_expire(filled):
    assert filled.json("records", "expire", "--dry-run") == {"dry_run": True, "days": 730, "dropped": []}
    assert not filled.records("--kind", "expire")
    filled.sql("INSERT INTO record.event (kind, outcome, at) VALUES ('factor_block', 'ok', '2020-02-15')")
    filled.migrate()  # housekeeping gives that day a partition
    name = "event_20200215_to_20200216"
    assert filled.json("records", "expire", "--dry-run")["dropped"] == [name]
    assert filled.records("--kind", "factor_block", "--since", "2020-01-01")
    assert f"{name}" in filled.pratu("records", "expire").stdout
    assert not filled.records("--kind", "factor_block", "--since", "2020-01-01")
    (row,) = filled.records("--kind", "expire")
    assert row["detail"]["partitions"] == [name] and row["detail"]["by"] and row["detail"]["days"] == 730
    assert seen(filled) == list(range(8))


def test_many_rows_are_printed(filled):
    """More than one page of the table, and more than an arena would hold at once."""
    filled.sql(
        "INSERT INTO record.event (kind, outcome, user_agent) SELECT 'introspect', 'ok', repeat('x', 400)"
        " FROM generate_series(1, 30000)")  # fmt: skip
    assert len(filled.records("--kind", "introspect", "--limit", "40000")) == 30000
    text = filled.pratu("records", "list", "--kind", "introspect", "--limit", "40000").stdout
    assert text.count(" introspect ") == 30000
