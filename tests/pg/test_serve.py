# SPDX-License-Identifier: Apache-2.0
"""The supervisor: it restarts what dies, ends in order, and leaves nobody behind."""
import os
import pwd
import shutil
import signal
import ssl
import time
import urllib.error
import urllib.request

import pytest


def children(pid):
    """{role: pid} of the supervisor's children."""
    found = {}
    for one in os.listdir("/proc"):
        if not one.isdigit():
            continue
        try:
            with open(f"/proc/{one}/stat", encoding="utf-8") as file:
                state, parent = file.read().rpartition(")")[2].split()[:2]
            with open(f"/proc/{one}/cmdline", encoding="utf-8") as file:
                words = file.read().split("\0")
        except OSError:
            continue
        if int(parent) == pid and state != "Z" and len(words) > 1:
            found[words[1]] = int(one)
    return found


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def until(true, timeout_s=60):
    end = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


def get(instance, path):
    trust = ssl.create_default_context(cafile=instance.certificate)
    with urllib.request.urlopen(f"{instance.issuer}{path}", context=trust, timeout=30) as answer:
        return answer.status, answer.read()


def publishes_keys(instance):
    """The keys are fetched by a thread of their own, so that they may come a moment after the role is ready."""
    try:
        return b'"keys"' in get(instance, "/jwks")[1]
    except urllib.error.HTTPError as refused:
        assert refused.code == 503
        return False


@pytest.fixture
def supervisor(instance):
    instance.log.unlink(missing_ok=True)
    with instance.serve() as process:
        yield process


def test_it_is_ready_when_all_answer(instance, supervisor):
    assert set(children(supervisor.pid)) == {"web", "courier", "vault"}
    assert get(instance, "/.well-known/openid-configuration")[0] == 200
    assert b'"keys"' in get(instance, "/jwks")[1]
    assert instance.pratu("doctor")
    first, *others = [line["ready"] for line in instance.log_lines("role.ready")]
    assert first == "vault" and sorted(others) == ["courier", "web"]


@pytest.mark.parametrize("role", ["web", "vault", "courier"])
def test_a_killed_role_comes_back(instance, supervisor, role):
    before = children(supervisor.pid)
    os.kill(before[role], signal.SIGKILL)
    until(lambda: len(instance.log_lines("role.ready")) == 4)
    after = children(supervisor.pid)
    assert after.pop(role) != before.pop(role)
    assert after == before, "the others were left alone"
    (line,) = instance.log_lines("role.ended")
    assert (line["ended"], line["by"]) == (role, "signal 9")

    def served():
        try:
            return get(instance, "/jwks")[0] == 200
        except OSError:
            return False

    until(served)


def test_a_role_that_keeps_dying_is_tried_ever_more_slowly(instance):
    instance.log.unlink(missing_ok=True)
    key = instance.dir / "key"
    key.rename(instance.dir / "key.away")
    try:
        with instance.serve(ready=False) as process:
            until(lambda: len(instance.log_lines("role.ended")) >= 4)
            assert process.poll() is None
            times = [line["time"] for line in instance.log_lines("role.ended") if line["ended"] == "vault"]
            (instance.dir / "key.away").rename(key)
            until(lambda: instance.log_lines("serve.ready"))
        seconds = [float(t[-7:-1]) + 60 * int(t[-10:-8]) for t in times]
        gaps = [b - a for a, b in zip(seconds, seconds[1:])]
        assert gaps[0] >= 0.1 and gaps[1] >= 0.2 and gaps[2] >= 0.4
    finally:
        if not key.exists():
            (instance.dir / "key.away").rename(key)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_cleanly_web_first(instance, supervisor, number):
    roles = children(supervisor.pid)
    supervisor.send_signal(number)
    assert supervisor.wait(40) == 0
    assert not any(alive(pid) for pid in roles.values())
    whats = [(line["role"], line["what"]) for line in instance.log_lines()]
    assert whats[-1] == ("serve", "serve.stopped")
    assert not instance.log_lines("role.killed") and not instance.log_lines("role.ended")
    assert not list(instance.sockets.glob("*.sock")), "the vault took its sockets away"


def test_a_role_that_does_not_end_is_killed_on_the_second_signal(instance, supervisor):
    roles = children(supervisor.pid)
    os.kill(roles["web"], signal.SIGSTOP)
    supervisor.send_signal(signal.SIGTERM)
    until(lambda: instance.log_lines("serve.stopping"))
    assert alive(roles["vault"]), "the vault waits for the web role's end"
    supervisor.send_signal(signal.SIGTERM)
    assert supervisor.wait(60) == 0
    assert [line["killed"] for line in instance.log_lines("role.killed")] == ["web"]
    assert not any(alive(pid) for pid in roles.values())


def test_no_role_outlives_a_killed_supervisor(supervisor):
    roles = children(supervisor.pid)
    supervisor.kill()
    supervisor.wait()
    until(lambda: not any(alive(pid) for pid in roles.values()), 40)


def test_hangup_is_handed_on(instance, supervisor):
    before = children(supervisor.pid)
    supervisor.send_signal(signal.SIGHUP)
    until(lambda: {line["role"] for line in instance.log_lines("reload.done")} == {"web", "courier", "vault"})
    assert children(supervisor.pid) == before


def test_ctrl_c_at_the_terminal_strikes_the_supervisor_alone(supervisor):
    """Each role has a process group of its own."""
    groups = {os.getpgid(pid) for pid in [supervisor.pid, *children(supervisor.pid).values()]}
    assert len(groups) == 4


def test_roles_cannot_be_traced_or_dump_their_memory(supervisor):
    for pid in [supervisor.pid, *children(supervisor.pid).values()]:
        with open(f"/proc/{pid}/limits", encoding="utf-8") as file:
            core = next(line for line in file if line.startswith("Max core file size"))
        with open(f"/proc/{pid}/status", encoding="utf-8") as file:
            status = file.read()
        assert "NoNewPrivs:\t1" in status
        assert "asan" in os.environ.get("PRATU_BIN", "") or core.split()[4] == "0"


def real_user(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return next(line for line in file if line.startswith("Uid:")).split()[1:]


def reachable(instance):
    """Whether every user may pass to the tests' directory: a checkout may stand in a closed home."""
    return all(p.stat().st_mode & 0o001 for p in [instance.dir, *instance.dir.parents])


def test_each_role_takes_its_own_user(instance):
    """Started as root, no role stays root; and they still end with their supervisor."""
    users = {"web": "daemon", "vault": "nobody", "courier": "daemon"}
    root = os.geteuid() == 0 and reachable(instance)
    instance.log.unlink(missing_ok=True)
    shutil.rmtree(instance.sockets, ignore_errors=True)
    instance.key.chmod(0o644)
    instance.write_settings(**({f"{role}_user": user for role, user in users.items()} if root else {}))
    try:
        with instance.serve() as process:
            roles = children(process.pid)
            for role, pid in roles.items():
                wanted = pwd.getpwnam(users[role]).pw_uid if root else os.geteuid()
                assert set(real_user(pid)) == {str(wanted)}, role
            until(lambda: publishes_keys(instance))  # the web role reaches the vault's socket
            assert instance.pratu("keys", "list")
            process.kill()
            process.wait()
            until(lambda: not any(alive(pid) for pid in roles.values()), 40)
    finally:
        instance.write_settings()
        shutil.rmtree(instance.sockets, ignore_errors=True)
        instance.sockets.mkdir()


def test_a_missing_user_is_said_at_once(instance, tmp_path):
    conf = instance.write_settings(tmp_path / "pratu.conf", web_user="pratu_nobody_here")
    if os.geteuid() == 0:
        assert "there is no user pratu_nobody_here" in instance.pratu("serve", conf=conf, status=1).stderr
    else:
        instance.pratu("doctor", conf=conf, status=None)
