# SPDX-License-Identifier: Apache-2.0
"""The functions of a sign-in as migration 017 writes them answer as before, to each question about the same rows."""
import uuid

import pytest

BEFORE = 15  # the last migration with the former ones
NAMES = ("plain", "locked", "bare", "failing", "two factors", "old failures", "throttled")
CITIZENS = {name: uuid.uuid4() for name in NAMES}
PARTIAL = uuid.uuid4()
EXPIRES = "2040-01-01T00:00:00Z"
DEVICES = (b"known", b"forgotten", b"another", b"")
FACTORS = {"plain": ["totp"], "locked": ["totp"], "bare": [], "failing": ["totp"], "two factors": ["sandbox_code", "totp"],
           "old failures": ["totp"], "throttled": ["totp"]}  # fmt: skip
FAILURES = [("failing", "totp", b"known", True, 2, 0, "1 minute"), ("failing", "totp", b"another", False, 3, 1, "1 hour"),
            ("two factors", "totp", b"another", False, 5, 5, "2 days"), ("two factors", "sandbox_code", b"", False, 1, 0, "3 days"),
            ("two factors", "totp", b"known", False, 4, 0, "1 day"),
            ("old failures", "totp", b"another", False, 9, 2, "31 days")]  # fmt: skip


def fill(instance):
    def run(statement, *values):
        instance.sql(statement, list(values) or None)

    for name, citizen in CITIZENS.items():
        run("INSERT INTO idp.citizen (citizen_id, claims, locked) VALUES (%s, '{}', %s)", citizen, name == "locked")
        run("INSERT INTO vault.identifier VALUES (%s, %s, 'alias')", name.encode(), citizen)
        if name != "bare":
            run("INSERT INTO vault.password (citizen_id, hash) VALUES (%s, %s)", citizen, f"hash of {name}")
        run("INSERT INTO vault.device (citizen_id, device_hash, forget_at) VALUES (%s, 'known', now() + interval '1 day'),"
            " (%s, 'forgotten', now() - interval '1 day')", citizen, citizen)  # fmt: skip
        for kind in FACTORS[name]:
            run("INSERT INTO vault.factor (citizen_id, kind, secret, counter, blocked_at) VALUES (%s, %s, %s, 7, %s)", citizen, kind,
                kind.encode(), "2020-01-01" if kind == "sandbox_code" else None)  # fmt: skip
    run("INSERT INTO vault.throttle VALUES ('throttled unknown', 3, now() + interval '1 day', now() + interval '2 days'),"
        " ('throttled known', 9, now() - interval '1 day', now() + interval '2 days'),"
        " ('plain unknown', 5, now() - interval '2 days', now() - interval '1 day')")  # fmt: skip
    run("INSERT INTO vault.spent_partial VALUES (%s, %s)", PARTIAL, EXPIRES)


def fail(instance):
    """Each time anew: housekeeping, which `pratu migrate` calls, deletes old ones."""
    instance.sql("DELETE FROM vault.factor_failure")
    for name, *row in FAILURES:
        instance.sql("INSERT INTO vault.factor_failure (citizen_id, kind, device_hash, known, failures, told, last_at)"
                     " VALUES (%s, %s, %s, %s, %s, %s, now() - %s::interval)", [CITIZENS[name], *row])  # fmt: skip


def answers(instance):
    """To both functions, as the vault's role; spans of time to ten minutes."""
    found = {}
    fail(instance)
    for name in (*NAMES, "nobody"):
        for device in DEVICES:
            found["password", name, device] = instance.sql(
                "SELECT subject_id, locked, hash, credentials_us, known_device, failures, round(wait_ms / 600000.0)"
                " FROM vault.password_begin(%s, %s, %s, %s)",
                [name.encode(), device, f"{name} unknown".encode(), f"{name} known".encode()], user="pratu_vault")  # fmt: skip
            for partial, expires in ((PARTIAL, EXPIRES), (PARTIAL, "2040-01-02T00:00:00Z"), (uuid.uuid4(), EXPIRES)):
                found["factor", name, device, partial == PARTIAL, expires] = instance.sql(
                    "SELECT locked, credentials_us, spent, known_device, stopped, kind, secret, counter, blocked, failures,"
                    " round(since_ms / 600000.0), total FROM vault.factor_begin(%s, %s, %s, %s)",
                    [CITIZENS.get(name, uuid.UUID(int=0)), device, partial, expires], user="pratu_vault")  # fmt: skip
    return found


@pytest.fixture(scope="module")
def both(instances):
    one = instances("signin_functions")
    one.init()
    one.migrate("--to", BEFORE)
    fill(one)
    before = answers(one)
    one.migrate()
    return before, answers(one)


def test_each_question_is_answered_as_before(both):
    before, after = both
    for question, rows in before.items():
        assert after[question] == rows, question


def test_the_questions_tell_apart_what_they_should(both):
    """The rows above are not all alike to the functions."""
    rows = [row for (what, *_), found in both[1].items() if what == "factor" for row in found]
    assert {len(found) for (what, *_), found in both[1].items() if what == "factor"} == {0, 1, 2}
    for column, least in ((0, 2), (2, 2), (3, 2), (4, 4), (5, 3), (8, 2), (9, 4), (10, 3), (11, 4)):
        assert len({row[column] for row in rows}) >= least, column
    rows = [row for (what, *_), found in both[1].items() if what == "password" for row in found]
    for column, least in ((0, 8), (1, 3), (2, 7), (4, 2), (5, 3), (6, 2)):
        assert len({row[column] for row in rows}) >= least, column
