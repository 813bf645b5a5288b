# SPDX-License-Identifier: Apache-2.0
"""`pratu migrate` from the schema of the release before, while that release's statements run: none fails, and what each acknowledged
is there once. This release's roles, where they are started too early, wait for it and then serve."""
import itertools
import threading
import time

import pytest
from lib.access import Access, handle, now_ms, sha256, time_of, uuid7
from lib.agency import CITIZENS, Agency, browser_of
from lib.stack import wait_until
from lib.statements import run

RELEASED = 15  # the last migration of the release before
WORKERS = 3
OLD = "tests/pg/released"  # its statements, as they were


@pytest.fixture
def old(instances):
    one = instances("upgrade")
    one.init()
    one.migrate("--to", RELEASED)
    one.sql("SELECT * FROM idp.housekeep()")
    return one


class Worker:
    """Sign-ins, codes and refresh tokens without end, as the roles of that release sent them; what was acknowledged is kept."""

    def __init__(self, instance, stop):
        self.stop, self.failure, self.longest_s, self.rounds = stop, None, 0, 0
        self.sign_ins, self.jtis, self.sessions = [], [], []
        self.admin, self.web, self.vault = (instance.connect(user) for user in ("postgres", "pratu_web", "pratu_vault"))
        self.access = Access(self.admin, offline=True)
        self.admin.execute("INSERT INTO vault.factor (citizen_id, kind, secret) VALUES (%s, 'totp', 'sealed')", [self.access.citizen_id])
        self.admin.execute("UPDATE idp.citizen SET credentials_at = now() - interval '1 day' WHERE citizen_id = %s",
                           [self.access.citizen_id])  # fmt: skip
        self.thread = threading.Thread(target=self.work)

    def work(self):
        try:
            for step in itertools.count(1):
                if self.stop.is_set():
                    return
                began = time.monotonic()
                self.round(step)
                self.longest_s = max(self.longest_s, time.monotonic() - began)
                self.rounds += 1
        except Exception as failure:  # noqa: BLE001 - the test tells it
            self.failure = failure

    def round(self, step):
        self.sign_in(step)
        access, code = self.access, self.access.code()
        first, second = handle(), handle()
        redeem = access.redeem(code, first)
        assert len(run(self.web, f"{OLD}/web/token_redeem", **redeem)) == 1
        self.jtis.append(redeem["jti"])
        rotate = access.rotate(first, second)
        assert len(run(self.web, f"{OLD}/web/token_rotate", **rotate)) == 1
        self.jtis.append(rotate["jti"])
        used = access.userinfo()
        assert run(self.web, f"{OLD}/web/userinfo", **used)[0]["recorded"]
        self.jtis.append(used["jti"])

    def sign_in(self, step):
        citizen, authentication = self.access.citizen_id, uuid7()
        with self.vault.transaction():
            (begun,) = run(self.vault, f"{OLD}/vault/factor_begin", subject_id=citizen, device_hash=b"device", partial_id=authentication,
                           partial_expires_s=int(time.time()) + 600)  # fmt: skip
            assert begun["counter"] == step - 1 and not begun["spent"]
            right = run(self.vault, f"{OLD}/vault/factor_right", subject_id=citizen, factor="totp", step=step,
                        partial_expires_s=int(time.time()) + 600, device_hash=b"device", earned=["totp"], stopped=0,
                        acr="a", amr=["pwd"], authentication_id=authentication)  # fmt: skip
            assert len(right) == 1
        self.sign_ins.append(authentication)
        ms = now_ms()
        session, cookie = uuid7(ms), handle(ms)
        made = run(self.web, f"{OLD}/web/sign_in_commit", session_id=session, session_ms=ms, token_hash=sha256(cookie), subject_id=citizen,
                   actor_id=citizen, authentication_id=authentication, session_ticket="t", acr="a", amr=["pwd"],
                   auth_time_s=ms // 1000, absolute_s=43200, device_hash=b"device", old_from_ms=0, old_until_ms=0,
                   client_version=0, grant_ms=0, offline=False, expires_at_s=0, code_ms=0, code_ttl_s=0,
                   correlation_id="upgrade")  # fmt: skip
        assert len(made) == 1
        self.sessions.append(cookie)


@pytest.fixture
def load(old):
    stop = threading.Event()
    workers = [Worker(old, stop) for _ in range(WORKERS)]
    for worker in workers:
        worker.thread.start()
    yield workers
    stop.set()
    for worker in workers:
        worker.thread.join()


def further(workers, rounds):
    """Until each has done so many more."""
    goals = [worker.rounds + rounds for worker in workers]
    wait_until(lambda: any(w.failure for w in workers) or all(w.rounds >= g for w, g in zip(workers, goals)), what="the load")
    for worker in workers:
        if worker.failure:
            raise worker.failure


def test_nothing_fails_and_nothing_is_lost(old, load):
    further(load, 20)
    old.migrate()
    further(load, 20)
    load[0].stop.set()
    for worker in load:
        worker.thread.join()
        assert worker.failure is None and worker.longest_s < 4, worker.longest_s  # the time-out of a lock
        about = [worker.access.citizen_id]
        found = old.sql("SELECT authentication_id::text FROM record.event WHERE kind = 'sign_in' AND subject_id = %s", about)
        assert sorted(a for (a,) in found) == sorted(worker.sign_ins), "each sign-in stands there once"
        found = old.sql("SELECT jti FROM record.event WHERE jti IS NOT NULL AND subject_id = %s", about)
        assert sorted(j for (j,) in found) == sorted(worker.jtis), "and so does each token"
        for cookie in worker.sessions[:3] + worker.sessions[-3:]:
            ms = time_of(cookie)
            rows = run(worker.web, f"{OLD}/web/session_load", token_hash=sha256(cookie), from_ms=ms, until_ms=ms + 1, idle_s=1800)
            assert len(rows) == 1, "nobody is signed out"


def test_the_new_roles_wait_for_the_new_schema(old):
    agency = Agency(old, "basic")
    with old.vault(ready=False), old.run("web", ready=False):
        wait_until(lambda: {l["role"] for l in old.log_lines("db.connect")} == {"vault", "web"}, what="both are refused")
        old.migrate()
        wait_until(lambda: old.log_lines("vault.ready"), what="the vault")
        wait_until(lambda: old.metric("pratu_up", part="database") == 1 and old.metric("pratu_up", part="vault") == 1, what="the web role")
        old.apply({"clients": [agency.document()], "citizens": CITIZENS})
        assert agency.tokens(browser_of(old))["access_token"]


def test_what_was_alive_is_alive(old):
    """The first confirmation of a database is its migration."""
    with old.connect() as db:
        Access(db)
        old.migrate()
        assert db.execute("SELECT count(*) FROM idp.session WHERE ended_at IS NULL").fetchone() == (1,)
    for role in ("pratu_web", "pratu_vault"):
        old.sql("SELECT idp.admit()", user=role)
