# SPDX-License-Identifier: Apache-2.0
"""Two terminals with the demo: what one of them ends is not what the other has asked for."""
import os
import signal
import subprocess
from contextlib import contextmanager

import pytest
from conftest import CHECK
from lib.stack import DEMO, Stack, wait_until


@pytest.fixture(scope="module")
def stack():
    one = Stack(CHECK / "terminals", agencies=False)
    yield one
    one.end()


@pytest.fixture
def demo(stack):
    yield stack
    stack.demo("down")


def runs(demo) -> bool:
    """Its process, which the demo's scripts have noted, is there."""
    noted = demo.dir / "pratu.process"
    return noted.exists() and os.path.exists(f"/proc/{noted.read_text().split()[0]}")


@contextmanager
def terminal(demo):
    """`make demo`, from the line that tells how to end it until Ctrl-C; then what else it printed."""
    # A shell that starts the tests in the background has SIGINT ignored, and who inherits that cannot be interrupted.
    process = subprocess.Popen([DEMO / "demo", "foreground"], env=demo.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, start_new_session=True,
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))  # fmt: skip
    try:
        printed = []
        for line in process.stdout:
            printed.append(line)
            if line == "Ctrl-C ends it.\n":
                break
        assert process.poll() is None, "".join(printed)
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        process.after = process.communicate(timeout=60)[0]


def test_what_demo_up_asked_for_outlives_each_terminal(demo):
    with terminal(demo) as before:
        demo.demo("up")
    assert "it goes on, because make demo-up wants it too" in before.after and runs(demo)
    with terminal(demo) as after:
        pass
    assert "it goes on" in after.after and runs(demo)
    demo.demo("down")
    assert not runs(demo)


def test_the_last_of_two_terminals_ends_it(demo):
    with terminal(demo) as second:
        with terminal(demo) as first:
            pass
        assert "another make demo wants it too" in first.after and runs(demo)
    assert "demo: ended" in second.after and not runs(demo)


def test_a_terminal_ends_when_the_demo_is_ended_elsewhere(demo):
    with terminal(demo) as one:
        demo.demo("down")
        wait_until(lambda: one.poll() is not None, what="the end")
    assert one.returncode == 0 and "ended by make demo-down" in one.after


def test_a_demo_up_of_before_a_crash_is_forgotten(demo):
    """Nothing of it lives: the terminal that starts it anew ends it."""
    demo.demo("up")
    os.kill(int((demo.dir / "pratu.process").read_text().split()[0]), signal.SIGKILL)
    wait_until(lambda: not runs(demo), what="its end")
    with terminal(demo) as one:
        pass
    assert "demo: ended" in one.after and not runs(demo)
