# SPDX-License-Identifier: Apache-2.0
"""Rotation of signing keys: no token has a kid that the /jwks of any web process lacks, at any moment."""
import json
import os
import signal
import threading
import uuid
from contextlib import contextmanager

import pytest
from lib.citizen import new_session
from lib.grant import grant_ticket
from lib.ports import free_port
from lib.stack import wait_until
from lib.vault import Vault, unb64url

ALGS = ("ES256", "RS256", "PS256")


def kid_of(token):
    return json.loads(unb64url(token.split(".")[0]))["kid"]


class Tokens:
    """Signs through a vault's socket."""

    def __init__(self, instance, key_of=None):
        self.ticket, self.vault = grant_ticket(key_of or instance), Vault(instance.sockets / "web.sock")

    def kid(self, alg="ES256"):
        """Of a token that is signed now."""
        signed = self.vault.sign(grant_ticket=self.ticket, alg=alg, id_token={})
        assert signed["outcome"] == "ok", signed
        return kid_of(signed["id_token"])

    def kids(self):
        return {alg: self.kid(alg) for alg in ALGS}


class Publisher:
    """A web process as the vault sees one."""

    def __init__(self, instance):
        self.id, self.vault, self.kids = str(uuid.uuid4()), Vault(instance.sockets / "web.sock"), []

    def ask(self):
        """Tell what is published; what is to be published, which this one does not do yet."""
        reply = self.vault.jwks(self.id, self.kids)
        assert reply["outcome"] == "ok"
        return [key["kid"] for key in json.loads(reply["jwks"])["keys"]]

    def publish(self):
        self.kids = self.ask()
        self.ask()
        return self

    def leave(self):
        assert self.vault.jwks(self.id, leaving=True)["outcome"] == "ok"


@pytest.fixture
def quiet(instance):
    """The vault runs and no web process does."""
    instance.sql("DELETE FROM vault.publisher")
    with instance.vault():
        yield instance


def rotate(instance, alg="ES256", now=True):
    """The kid of the new key."""
    admin = Vault(instance.sockets / "admin.sock")
    before = {key["kid"] for key in admin("status")["keys"]}
    reply = admin("keys_rotate", alg=alg, now=now)
    admin.close()
    assert reply["outcome"] == "ok"
    (made,) = {key["kid"] for key in reply["keys"]} - before
    return made


def begun(instance, kid):
    ((yes,),) = instance.sql("SELECT signs_since IS NOT NULL FROM vault.signing_key WHERE kid = %s", [kid])
    return yes


def waiting(instance, n=1):
    """Sessions of the vault that wait for a lock."""
    return lambda: len(instance.sql("SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
                                 " AND usename = 'pratu_vault' AND wait_event_type = 'Lock'")) >= n  # fmt: skip


# ------------------------------------------------------------------ who must acknowledge


def test_without_any_web_process_a_key_signs_at_once(quiet):
    tokens = Tokens(quiet)
    for alg in ALGS:
        assert tokens.kid(alg) != rotate(quiet, alg, now=False)
        made = rotate(quiet, alg)
        assert tokens.kid(alg) == made


def test_each_process_must_publish_it_before_it_signs(quiet):
    tokens, one, other = Tokens(quiet), Publisher(quiet).publish(), Publisher(quiet).publish()
    former = tokens.kid()
    made = rotate(quiet)
    assert tokens.kid() == former
    assert made in one.ask() and made in other.ask(), "told to publish it"
    assert tokens.kid() == former, "neither has yet"
    one.publish()
    assert tokens.kid() == former, "one has"
    other.publish()
    assert tokens.kid() == made, "both have: from the acknowledgement on"


def test_age_and_acknowledgement_both_count(quiet):
    tokens, one = Tokens(quiet), Publisher(quiet).publish()
    former = tokens.kid()
    made = rotate(quiet, now=False)
    one.publish()
    other_alg = rotate(quiet, "PS256")
    one.publish()
    assert tokens.kid("PS256") == other_alg, "whoever looks for keys that may begin has looked"
    assert tokens.kid() == former, "acknowledged, but too young"
    other = Publisher(quiet)
    other.ask()
    quiet.sql("UPDATE vault.signing_key SET active_from = now() WHERE kid = %s", [made])
    one.publish()
    assert tokens.kid() == former, "old enough, but not acknowledged by all"
    other.publish()
    wait_until(lambda: tokens.kid() == made, what="the new key")


def test_a_process_that_ends_or_was_not_seen_for_150_s_is_not_waited_for(quiet):
    tokens, stays, leaves, dies = Tokens(quiet), *(Publisher(quiet).publish() for _ in range(3))
    made = rotate(quiet)
    stays.publish()
    leaves.leave()
    stays.ask()
    assert tokens.kid() != made, "one has died, which nobody knows"
    quiet.sql("UPDATE vault.publisher SET seen_at = now() - interval '110 s' WHERE process_id = %s", [dies.id])
    stays.ask()
    assert tokens.kid() != made
    quiet.sql("UPDATE vault.publisher SET seen_at = now() - interval '151 s' WHERE process_id = %s", [dies.id])
    wait_until(lambda: tokens.kid() == made, what="the new key, by the vault's own look")


def test_a_rotation_at_once_withdraws_a_key_that_waits(quiet):
    planned = rotate(quiet, now=False)
    made = rotate(quiet)
    assert Tokens(quiet).kid() == made
    ((withdrawn, signed),) = quiet.sql(
        "SELECT retired_at <= now(), signs_since IS NOT NULL FROM vault.signing_key WHERE kid = %s", [planned])
    assert withdrawn and not signed
    assert planned not in Publisher(quiet).ask()


def test_a_former_key_stays_published_until_its_tokens_have_expired(quiet):
    former = Tokens(quiet).kid()
    one = Publisher(quiet).publish()
    made = rotate(quiet)
    end = "SELECT extract(epoch FROM retired_at - now())::bigint FROM vault.signing_key WHERE kid = %s"
    assert quiet.sql(end, [former]) == [(None,)], "its time runs when its successor signs"
    one.publish()
    ((left_s,),) = quiet.sql(end, [former])
    assert begun(quiet, made) and abs(left_s - (600 + 43200 + 300)) < 60


def test_two_vaults_know_the_same_processes(instances, quiet):
    second = instances("keys2")
    second.settings = {**quiet.settings, "vault_socket_dir": second.sockets}
    second.write_settings()
    with second.vault():
        one, other, tokens = Publisher(quiet).publish(), Publisher(second).publish(), Tokens(second, quiet)
        former = tokens.kid()
        made = rotate(second)
        other.publish()
        assert tokens.kid() == former, "a process of the other vault lacks it"
        assert made in one.ask(), "that vault has read it for this answer"
        one.publish()
        assert Tokens(quiet).kid() == made
        wait_until(lambda: tokens.kid() == made, what="the new key at the other vault")


# ------------------------------------------------------------------ races, each held still


def test_a_process_that_is_just_registering_is_waited_for(quiet):
    made = None
    newcomer = str(uuid.uuid4())
    one = Publisher(quiet).publish()
    tokens = Tokens(quiet)
    with quiet.connect() as db:
        with db.transaction():
            made = rotate(quiet)
            db.execute("SELECT count(*) FROM vault.keys_publish(%s, ARRAY['an older key'])", [newcomer])
            begin = threading.Thread(target=one.publish)
            begin.start()
            wait_until(waiting(quiet), what="the vault at the lock")
        begin.join()
    assert not begun(quiet, made) and tokens.kid() != made
    quiet.sql("DELETE FROM vault.publisher WHERE process_id = %s", [newcomer])
    one.ask()
    assert tokens.kid() == made


def test_a_process_that_registers_while_a_key_begins_is_told_of_it(quiet):
    one, other, told = Publisher(quiet).publish(), Publisher(quiet), []
    made = rotate(quiet)
    with quiet.connect() as db:
        with db.transaction():
            db.execute("DELETE FROM vault.publisher WHERE process_id = %s", [one.id])
            assert db.execute("SELECT vault.keys_begin(150, 3600)").fetchall() == [(made,)]
            asking = threading.Thread(target=lambda: told.extend(other.ask()))
            asking.start()
            wait_until(waiting(quiet), what="the vault at the lock")
            assert not told
        asking.join()
    assert made in told


def test_no_key_is_made_while_a_process_registers(quiet):
    newcomer, made = str(uuid.uuid4()), []
    with quiet.connect() as db:
        with db.transaction():
            db.execute("SELECT count(*) FROM vault.keys_publish(%s, '{}')", [newcomer])
            making = threading.Thread(target=lambda: made.append(rotate(quiet)))
            making.start()
            wait_until(waiting(quiet), what="the vault at the lock")
            assert not made
        making.join()
    assert not begun(quiet, made[0]), "the newcomer was told of the keys before this one"


# ------------------------------------------------------------------ two web processes and a running token loop


class Web:
    def __init__(self, process, address, certificate):
        self.process, self.address, self.http = process, address, new_session(str(certificate))

    def jwks(self):
        answer = self.http.get(self.address + "/jwks", timeout=30)
        assert answer.status_code == 200 and answer.headers["Cache-Control"] == "private, max-age=300"
        return {key["kid"] for key in answer.json()["keys"]}

    def shows(self, kid):
        return lambda: kid in self.jwks()


@pytest.fixture
def webs(quiet):
    port = free_port()
    conf = quiet.write_settings(quiet.dir / "second.conf", listen=f"127.0.0.1:{port}")
    with quiet.run("web") as one, quiet.run("web", conf=conf) as other:
        made = [Web(one, quiet.issuer, quiet.certificate), Web(other, f"https://localhost:{port}", quiet.certificate)]
        for web in made:
            wait_until(lambda web=web: web.http.get(web.address + "/jwks").status_code == 200)
        yield made


@contextmanager
def token_loop(instance, webs):
    """Signs tokens all the time and then looks for their kids at each web process."""
    tokens, seen, faults, stop = Tokens(instance), [], [], threading.Event()
    looking = [Web(web.process, web.address, instance.certificate) for web in webs]

    def run():
        while not stop.is_set():
            for alg in ALGS:
                kid = tokens.kid(alg)
                seen.append(kid)
                faults.extend(f"{alg} {kid} is not at {web.address}" for web in looking if kid not in web.jwks())

    def guarded():
        try:
            run()
        except BaseException as fault:
            faults.append(repr(fault))
            raise

    thread = threading.Thread(target=guarded)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()
    assert not faults, faults[:3]


def test_a_rotation_at_once_leaves_no_token_without_its_key(quiet, webs):
    with token_loop(quiet, webs) as seen:
        for _ in range(3):
            before = Tokens(quiet).kids()
            made = {rotate(quiet, alg) for alg in ALGS}
            assert not made & set(before.values())
            wait_until(lambda made=made: made <= set(seen), what="tokens of the new keys")


def test_a_planned_rotation_leaves_no_token_without_its_key(quiet, webs):
    with token_loop(quiet, webs) as seen:
        made = rotate(quiet, now=False)
        for web in webs:
            wait_until(web.shows(made), what="the next key in /jwks")
        assert made not in seen
        quiet.sql("UPDATE vault.signing_key SET active_from = now() WHERE kid = %s", [made])
        wait_until(lambda: made in seen, what="tokens of the new key")


def test_a_hung_web_process_delays_a_rotation_until_it_is_forgotten(quiet, webs):
    live, hung = webs
    with token_loop(quiet, [live]) as seen:
        os.kill(hung.process.pid, signal.SIGSTOP)
        try:
            made = rotate(quiet)
            wait_until(live.shows(made), what="the new key in /jwks")
            lacking = "SELECT process_id FROM vault.publisher WHERE NOT %s = ANY (kids)"
            ((hung_id,),) = wait_until(lambda: [rows for rows in [quiet.sql(lacking, [made])] if len(rows) == 1])[0]
            Publisher(quiet).publish()
            assert made not in seen and not begun(quiet, made)
            quiet.sql("UPDATE vault.publisher SET seen_at = seen_at - interval '150 s' WHERE process_id = %s", [hung_id])
            wait_until(lambda: made in seen, what="tokens of the new key")
        finally:
            os.kill(hung.process.pid, signal.SIGCONT)
    wait_until(hung.shows(made), what="the new key in /jwks of the process that hung")


def test_a_web_process_that_stops_is_not_waited_for(quiet, webs):
    listed = "SELECT count(*) FROM vault.publisher"
    wait_until(lambda: quiet.sql(listed) == [(2,)])
    webs[1].process.terminate()
    webs[1].process.wait(60)
    assert quiet.sql(listed) == [(1,)]
