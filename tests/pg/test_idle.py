# SPDX-License-Identifier: Apache-2.0
"""What the processes do while nobody asks for anything: next to nothing."""
import time
from pathlib import Path

import pytest
from lib.processes import children, command
from test_serve import get, publishes_keys, until

SECONDS = 3
WAKES_A_SECOND = {"web": 3, "vault": 3}  # the web role asks for its keys each second, the vault looks at its own every 3 s


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


@pytest.mark.parametrize("role", WAKES_A_SECOND)
def test_an_idle_role_sleeps(roles, role):
    before = wakes(roles[role])
    time.sleep(SECONDS)  # a rate: there is no event to wait for
    after = wakes(roles[role])
    woken = {thread: n - before.get(thread, 0) for thread, n in after.items() if n != before.get(thread, 0)}
    assert sum(woken.values()) <= SECONDS * WAKES_A_SECOND[role], woken
