# SPDX-License-Identifier: Apache-2.0
"""What the processes do while nobody asks for anything: next to nothing."""
import time
from pathlib import Path

import pytest
from lib.processes import children, command
from test_serve import get, publishes_keys, until

SECONDS, WINDOWS = 3, 5
# The web role asks vault and database for a sign of life twice a second, waking for question and answer, and for its keys each
# second; the vault looks at its own keys every 3 s, and each question wakes it once.
WAKES_A_SECOND = {"web": 11, "vault": 7}


def wakes(pid):
    """How often its threads, by id, went to sleep so far."""
    found = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        lines = (task / "status").read_text().splitlines()
        found[task.name] = int(next(l.split()[1] for l in lines if l.startswith("voluntary_ctxt_switches")))
    return found


@pytest.fixture(scope="module")
def roles(instance):
    with instance.serve() as supervisor:
        until(lambda: publishes_keys(instance))
        assert get(instance, "/health/live")[0] == 200
        yield {role: pid for pid in children(supervisor.pid) for role in WAKES_A_SECOND if role in command(pid)}


def woken_within(pid, seconds):
    """Which threads woke, and how often."""
    before = wakes(pid)
    time.sleep(seconds)  # a rate: there is no event to wait for
    return {thread: n - before.get(thread, 0) for thread, n in wakes(pid).items() if n != before.get(thread, 0)}


@pytest.mark.parametrize("role", WAKES_A_SECOND)
def test_an_idle_role_sleeps(roles, role):
    """Some window of several: in the first ones what is done at the start may still be going on."""
    seen = []
    while len(seen) < WINDOWS and (not seen or sum(seen[-1].values()) > SECONDS * WAKES_A_SECOND[role]):
        seen.append(woken_within(roles[role], SECONDS))
    assert sum(seen[-1].values()) <= SECONDS * WAKES_A_SECOND[role], seen
