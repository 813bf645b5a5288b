# SPDX-License-Identifier: Apache-2.0
"""The vault's process: its sockets, its key file, a database that goes and comes, restarts, two at once."""
import os
import signal
import stat
import struct
import time
import uuid
import warnings
from concurrent.futures import ThreadPoolExecutor

import pytest
from lib import vault_codec
from lib.instance import Cluster
from lib.vault import Ended, Vault, code_now, failures, make_citizen, second_step


def until(what, timeout_s=60):
    end = time.monotonic() + timeout_s
    while not what():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.1)


def web_of(instance):
    return Vault(instance.sockets / "web.sock")


# ------------------------------------------------------------------ sockets and frames


def test_sockets_are_for_their_users_only(instance):
    with instance.vault():
        modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in instance.sockets.iterdir() if p.is_socket()}
    assert modes["web.sock"] == 0o660 and modes["admin.sock"] == 0o600
    assert not (instance.sockets / "web.sock").exists()


def test_another_user_is_turned_away(instance):
    with instance.vault():
        instance.sockets.chmod(0o755)
        for name in ("web.sock", "admin.sock"):
            (instance.sockets / name).chmod(0o666)
            pid = os.fork()
            if pid == 0:
                os.chdir(instance.sockets)
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
                try:
                    Vault(name)("status")
                    os._exit(0)
                except (Ended, OSError):
                    os._exit(7)
            assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
        assert web_of(instance)("status")["outcome"] == "ok"
    refused = instance.log_lines("vault.connection_refused")
    assert [line["uid"] for line in refused[-2:]] == ["65534", "65534"]


def start_in(instance, directory, **settings):
    """What a vault says that is to put its sockets there, and does not start."""
    conf = instance.write_settings(instance.dir / "sockets.conf", vault_socket_dir=directory, **settings)
    ended = instance.pratu("vault", status=1, conf=conf, timeout=60).stderr
    assert str(directory) in ended and "expected a directory" in ended
    return ended


def test_a_socket_directory_that_others_may_write_to_stops_the_start(instance):
    directory = instance.dir / "open"
    directory.mkdir()
    for mode in (0o777, 0o1777, 0o703):
        directory.chmod(mode)
        ended = start_in(instance, directory)
        assert "only root and the vault's user or group" in ended and f"{mode:04o}" in ended
    assert not list(directory.iterdir())


def test_a_socket_directory_that_is_a_link_or_a_file_stops_the_start(instance):
    target, link, file = instance.dir / "target", instance.dir / "link", instance.dir / "file"
    target.mkdir(0o700)
    link.symlink_to(target)
    file.write_text("")
    for path in (link, file):
        assert "found a link or another file" in start_in(instance, path)
    assert not list(target.iterdir())


def test_a_socket_directory_of_another_user_or_group_stops_the_start(instance):
    directory = instance.dir / "theirs"
    directory.mkdir(0o700)
    os.chown(directory, 65534, -1)
    ended = start_in(instance, directory)
    assert "of root or of the vault's user (uid 0), found one of uid 65534" in ended
    os.chown(directory, 0, 65534)
    directory.chmod(0o770)
    ended = start_in(instance, directory)
    assert "found mode 0770 and gid 65534" in ended


if os.geteuid() != 0:
    warnings.warn("what only root can show is left out: another user at the sockets, and a directory of another user")
    del test_another_user_is_turned_away
    del test_a_socket_directory_of_another_user_or_group_stops_the_start


def test_what_is_no_request_ends_the_connection_and_no_other(instance):
    good = vault_codec.request("status")
    bind = {"ticket": "t", "client_id": "c", "client_version": 1, "scope": "s", "grant_id": str(uuid.uuid4()), "expires_at": 1}
    bound = vault_codec.request("bind", jobs=[bind])
    job = {"grant_ticket": "t"}
    frames = [
        b"\x00\x00\x00\x00", b"\xff\xff\xff\xff", struct.pack(">I", 262145), b"\x00\x00\x00\x02[]",
        b"GET / HTTP/1.1\r\n\r\n", vault_codec.frame(good) * 2,
    ]  # fmt: skip
    bodies = [
        good[:5], good + b"\0", vault_codec.u32(vault_codec.FINGERPRINT ^ 1) + good[4:],
        good[:4] + b"\xff\xff", good[:4] + struct.pack(">H", len(vault_codec.TABLE)),
        vault_codec.request("keys_rotate", now=True), vault_codec.request("prepare_citizen", citizen_id=str(uuid.uuid4()), words=[], factors=[]),
        bound[:-1], bound + b"\0", bound.replace(b"\x01t\0", b"\x01t\1"),
        *(vault_codec.request("bind", jobs=[{**bind, "client_id": bad}]) for bad in (b"\xff", b"a\0b", "c" * 257)),
        vault_codec.request("sign", jobs=[job] * 65),
        vault_codec.request("sign", jobs=[])[:-4] + b"\xff\xff\xff\xff",
        vault_codec.request("password", login="x", password="y", transaction="t", context={"session_id": "1"}),
    ]  # fmt: skip
    with instance.vault():
        other = web_of(instance)
        assert other("status")["outcome"] == "ok"
        for frame in (*frames, *map(vault_codec.frame, bodies)):
            with pytest.raises(Ended):
                web_of(instance).send_raw(frame)
        for op, members in (("national_id", {"grant_ticket": "x"}), ("sign", {"jobs": [job]})):
            with pytest.raises(Ended):
                Vault(instance.sockets / "admin.sock")(op, **members)
        assert [one["outcome"] for one in other("bind", jobs=[bind] * 2)["results"]] == ["refused"] * 2
        assert [one["outcome"] for one in other("sign", jobs=[job] * 64)["results"]] == ["refused"] * 64
        assert other("status")["outcome"] == "ok"
    (line,) = [line for line in instance.log_lines("vault.refused_request") if "theirs" in line]
    assert line["ours"] == f"{vault_codec.FINGERPRINT:08x}" and "another build" in line["error"]


def test_more_connections_than_there_are_places_are_turned_away(instance):
    with instance.vault():
        held = []
        try:
            for _ in range(256):
                held.append(web_of(instance))
                assert held[-1]("status")["outcome"] == "ok"
            with pytest.raises(Ended):
                web_of(instance)("status")
            held.pop().close()
            until(lambda: answers(instance))
        finally:
            for one in held:
                one.close()


def answers(instance):
    try:
        one = web_of(instance)
        ok = one("status")["outcome"] == "ok"
        one.close()
        return ok
    except (Ended, OSError):
        return False


def test_a_socket_file_left_behind_is_replaced_and_a_living_vault_is_not(instance):
    with instance.vault() as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert (instance.sockets / "web.sock").is_socket()
    with instance.vault():
        assert web_of(instance)("status")["outcome"] == "ok"
        assert instance.pratu("vault", status=None).returncode == 1
        assert "another vault listens here" in instance.pratu("vault", status=None).stderr
        assert web_of(instance)("status")["outcome"] == "ok"


def test_what_is_in_flight_is_finished_at_the_end(instance):
    with instance.vault() as process:
        somchai = make_citizen(instance)
        one = web_of(instance)
        body = vault_codec.request("password", login=somchai.alias, password="not the password",
                                   transaction="t", context={})  # fmt: skip
        with instance.connect() as db, db.transaction():
            # The try waits for this row, so that the signal finds it in flight.
            db.execute("LOCK TABLE vault.throttle IN ACCESS EXCLUSIVE MODE")
            one.socket.sendall(vault_codec.frame(body))
            until(lambda: instance.sql("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = 'pratu_vault'"))
            process.send_signal(signal.SIGTERM)
        assert vault_codec.reply("password", one.receive()) == {"outcome": "refused"}
        assert process.wait(45) == 0


def test_two_vaults_with_one_key_file_give_out_the_same_seal_keys(instances):
    first, second = instances("seal"), instances("seal2")
    first.init()
    first.migrate()
    second.settings = {**first.settings, "vault_socket_dir": second.sockets}
    second.write_settings()
    with first.vault(), second.vault():
        now = int(time.time()) // 14400
        keys, others = (web_of(instance)("seal_keys")["keys"] for instance in (first, second))
        assert keys == others or int(time.time()) // 14400 != now
        assert [key["epoch"] - keys[0]["epoch"] for key in keys] == [0, 1, 2] and keys[0]["epoch"] in (now - 1, now)
        assert len({key["key"] for key in keys}) == 3 and {len(key["key"]) for key in keys} == {32}
        with pytest.raises(Ended):
            Vault(first.sockets / "admin.sock")("seal_keys")


# ------------------------------------------------------------------ the key file


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_key_that_others_may_read_stops_the_start(instance, mode):
    key = instance.dir / "key"
    key.chmod(mode)
    try:
        ended = instance.pratu("vault", status=1)
        assert "0600" in ended.stderr and str(key) in ended.stderr
    finally:
        key.chmod(0o600)


def test_a_key_that_is_none_stops_the_start(instance):
    other = instance.dir / "bad-key"
    other.write_text("not hexadecimal\n")
    other.chmod(0o600)
    conf = instance.write_settings(instance.dir / "bad.conf", key_file=other)
    assert "64 hexadecimal digits" in instance.pratu("vault", status=1, conf=conf).stderr


def test_with_another_key_file_nothing_opens_and_nothing_is_made_anew(instance):
    with instance.vault():
        keys = instance.sql("SELECT kid FROM vault.signing_key ORDER BY kid")
    other = instance.dir / "other-key"
    other.write_text("ab" * 32 + "\n")
    other.chmod(0o600)
    instance.write_settings(key_file=other)
    try:
        with instance.run("vault", ready=False):
            until(lambda: answers(instance))
            time.sleep(1)
            assert web_of(instance)("status")["ready"] is False
            assert web_of(instance).jwks() == {"outcome": "failed"}
    finally:
        instance.write_settings()
    assert instance.sql("SELECT kid FROM vault.signing_key ORDER BY kid") == keys


# ------------------------------------------------------------------ restarts and other vaults


def test_a_restart_resets_no_counter_no_step_and_no_delay(instance):
    with instance.vault():
        somchai, malee = make_citizen(instance), make_citizen(instance)
        web = web_of(instance)
        spent, code = somchai.partial(web), code_now()
        assert second_step(web, spent, code)["outcome"] == "ok"
        partial = somchai.partial(web)
        for _ in range(3):
            second_step(web, partial, "000000")
        for _ in range(3):
            assert malee.password(web, "not the password")["outcome"] in ("refused", "wait")
        instance.sql("UPDATE vault.throttle SET next_at = now() + interval '100 seconds'")
        keys = {key["kid"] for key in web.keys()}
    with instance.vault():
        web = web_of(instance)
        assert failures(instance, somchai) == 3
        assert 90 < malee.password(web)["wait_s"] <= 100
        instance.sql("UPDATE vault.throttle SET next_at = now()")
        # Tickets outlive the process; the code and the partial stay spent.
        assert second_step(web, spent, code) == {"outcome": "expired"}
        assert second_step(web, partial, code) == {"outcome": "refused"}
        assert {key["kid"] for key in web.keys()} == keys


def test_sandbox_codes_count_in_sandbox_mode_only(instance):
    with instance.vault():
        somchai = make_citizen(instance)
        assert somchai.sign_in(web_of(instance), code="123456")["outcome"] == "ok"
    instance.write_settings(mode="production")
    try:
        with instance.vault():
            web = web_of(instance)
            assert somchai.sign_in(web, code="123456") == {"outcome": "refused"}
            assert (failures(instance, somchai), failures(instance, somchai, "sandbox_code")) == (1, 0)
            assert somchai.sign_in(web)["outcome"] == "ok"
            only = make_citizen(instance, totp_secret=None)
            assert only.sign_in(web, code="123456") == {"outcome": "refused"}
    finally:
        instance.write_settings()


def test_two_vaults_that_start_at_once_make_one_key_for_each_algorithm(instances):
    first = instances("pair1")
    first.init()
    first.migrate()
    second = instances("pair2")
    second.settings = {**first.settings, "vault_socket_dir": second.sockets}
    second.write_settings()
    second.sockets.mkdir(exist_ok=True)

    def start(instance):
        with instance.vault():
            return sorted(key["kid"] for key in web_of(instance).keys()), until(
                lambda: len(first.sql("SELECT 1 FROM vault.signing_key")) == 3
            )

    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(start, (first, second))
    assert one == two and len(one[0]) == 3
    assert len(first.sql("SELECT 1 FROM vault.signing_key")) == 3


# ------------------------------------------------------------------ the database goes and comes


@pytest.fixture(scope="module")
def own_cluster(tmp_path_factory):
    one = Cluster(tmp_path_factory.mktemp("pg"))
    yield one
    one.remove()


def test_without_the_database_it_answers_failed_and_recovers_by_itself(instances, own_cluster):
    from lib.instance import Instance

    instance = Instance(own_cluster, own_cluster.dir / "h", "away")
    instance.init()
    instance.migrate()
    with instance.vault() as process:
        somchai = make_citizen(instance)
        web = web_of(instance)
        signed_in = somchai.sign_in(web)
        assert signed_in["outcome"] == "ok"
        partial = somchai.partial(web)
        own_cluster.stop()
        assert somchai.password(web) == {"outcome": "failed"}
        assert second_step(web, partial, "123456") == {"outcome": "failed"}
        assert len(web.keys()) == 3  # keys are in memory
        own_cluster.start()
        until(lambda: somchai.password(web)["outcome"] == "ok")
        assert process.poll() is None
        own_cluster.stop()
    with instance.run("vault", ready=False) as process:  # and it starts while it is away
        until(lambda: answers(instance))
        web = web_of(instance)
        assert web("status")["ready"] is False
        assert somchai.password(web) == {"outcome": "failed"}
        assert web.jwks() == {"outcome": "failed"}
        own_cluster.start()
        until(lambda: web("status")["ready"] is True)
        until(lambda: somchai.password(web)["outcome"] == "ok")
        assert process.poll() is None
    instance.remove()


def test_no_sign_in_is_acknowledged_without_its_record(instance):
    """Where the record cannot be written, the code is not spent either: all of it or nothing."""
    with instance.vault():
        somchai = make_citizen(instance)
        web = web_of(instance)
        partial, code = somchai.partial(web), code_now()
        instance.sql("REVOKE INSERT ON record.event FROM pratu_vault")
        try:
            assert second_step(web, partial, code) == {"outcome": "failed"}
            ((step,),) = instance.sql("SELECT counter FROM vault.factor WHERE citizen_id = %s AND kind = 'totp'", [somchai.citizen_id])
            assert step == 0
        finally:
            instance.sql("GRANT INSERT ON record.event TO pratu_vault")
        assert second_step(web, partial, code)["outcome"] == "ok"
