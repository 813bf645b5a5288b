# SPDX-License-Identifier: Apache-2.0
"""Two runs of one command: never at once, and one after the other without a refusal."""
import json
import subprocess

import pytest

DOCUMENT = json.dumps({"clients": [{
    "client_id": "c1", "client_name": "C", "redirect_uris": ["https://c.example/cb"], "token_endpoint_auth_method": "none",
}]})  # fmt: skip
LOCK = "hashtextextended('pratu.{}', 0)"


def start(instance, *arguments):
    return subprocess.Popen([instance.binary, *arguments, "--config", instance.conf], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)  # fmt: skip


def wait_until_it_waits(db, process):
    """It has asked for the lock that db holds."""
    waiting = ("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
               " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")  # fmt: skip
    while db.execute(waiting).fetchone() == (0,):
        assert process.poll() is None, f"it did not wait: {process.communicate()}"


@pytest.mark.parametrize("command", ["apply", "migrate"])
def test_the_second_goes_on_when_the_first_ends(instance, command):
    process_arguments = ("apply", "-") if command == "apply" else ("migrate",)
    with instance.connect() as db:
        db.execute(f"SELECT pg_advisory_lock({LOCK.format(command)})")
        process = start(instance, *process_arguments)
        if command == "apply":
            process.stdin.write(DOCUMENT)
        process.stdin.close()
        wait_until_it_waits(db, process)
        db.execute(f"SELECT pg_advisory_unlock({LOCK.format(command)})")
        printed = process.stderr.read()
        assert process.wait() == 0, printed
    assert f"waiting for another `pratu {command}` to end" in printed
    process.stdout.close()
    process.stderr.close()


@pytest.mark.parametrize("command", ["apply", "migrate"])
def test_one_that_goes_on_working_is_named(instance, command):
    with instance.connect() as db:
        db.execute(f"SELECT pg_advisory_lock({LOCK.format(command)})")
        arguments = ("apply", "-") if command == "apply" else ("migrate",)
        done = instance.pratu(*arguments, stdin=DOCUMENT, status=3)
    assert f"another `pratu {command}` is running" in done.stderr


def test_twenty_pairs_one_after_the_other(instance):
    for _ in range(20):
        for _ in range(2):
            instance.pratu("apply", "-", stdin=DOCUMENT)
