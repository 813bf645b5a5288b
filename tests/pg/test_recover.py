# SPDX-License-Identifier: Apache-2.0
"""A backup, then what ends or is used up, then a restore: what was acknowledged before is there, and nothing that was over
works again. Each is tried over HTTP, at real processes."""
import base64
import copy
import json
import secrets
import time

import pytest
from lib.agency import CITIZENS, Agency, browser_of, header_of
from lib.citizen import STEP_S, Citizen, fill_code, follow, national_id, new_session, origin, sign_in_http, totp
from lib.stack import wait_until

SEED = base64.b32encode(secrets.token_bytes(20)).decode()
SUDA = {"national_id": national_id("250000000001"), "alias": "suda", "password": "orchid-lantern-rowing-58",
        "totp_secret": SEED, "name": "สุดา"}  # fmt: skip
OFFLINE = "openid profile email offline_access"


def document(agency):
    return {"clients": [agency.document()], "citizens": [*CITIZENS, SUDA]}


def home(instance, browser) -> bool:
    """Whether Pratu knows who has this browser."""
    page = browser.get(instance.issuer + "/", timeout=30)
    assert page.status_code == 200
    return "signin" not in page.url


def silent(agency, browser):
    """What the agency is told that asks without showing a page."""
    answer = browser.get(agency.authorize_url(prompt="none"), allow_redirects=False, timeout=30)
    return answer.headers["Location"]


def kids(instance, browser):
    keys = browser.get(instance.issuer + "/jwks", timeout=30).json()["keys"]
    return {key["kid"] for key in keys}


def half_done(instance, alias):
    """A browser of which the second factor is asked, and the page with its form."""
    browser, citizen = new_session(str(instance.certificate)), sandbox(alias)
    end = sign_in_http(browser, instance.issuer + "/", citizen, stop_at="factor")
    assert end.steps == ["password"] and end.page.form_with(autocomplete="one-time-code")
    return browser, end.page, citizen


def sandbox(alias):
    one = next(c for c in CITIZENS if c["alias"] == alias)
    return Citizen(alias, one["password"], sandbox_code=one["sandbox_code"])


def by_totp(instance, citizen):
    browser = new_session(str(instance.certificate))
    return browser, sign_in_http(browser, instance.issuer + "/", citizen)


class Used(Citizen):
    """Types the code of the last step once more, whatever the time is."""

    def code(self):
        return totp(self.totp_secret, self.last_step)


class Drill:
    """From the first sign-in to the restored database, which is left for the tests to try."""

    def __init__(self, instances, name):
        self.one = one = instances(name)
        one.init()
        one.migrate()
        self.agency = agency = Agency(one, "basic")
        self.backup_dir = one.dir / "backup"
        self.target = name + "_restored"
        with one.cluster.connect("postgres") as db:
            db.execute(f'DROP DATABASE IF EXISTS "{self.target}" WITH (FORCE)')
            db.execute(f'CREATE DATABASE "{self.target}"')
        with one.serve():
            one.apply(document(agency))
            self.before()
            one.pratu("backup", self.backup_dir)
            self.acknowledged = self.sign_ins(one.name)
            self.after()
        self.conf = one.write_settings(one.dir / "restored.conf", **{
            f"{role}_database": one.settings[f"{role}_database"].replace(f"dbname={one.name}", f"dbname={self.target}")
            for role in ("web", "vault", "admin", "owner")})  # fmt: skip
        self.said = one.pratu("restore", self.backup_dir, "--json", conf=self.conf).stdout
        self.step = int(time.time()) // STEP_S  # of codes that are void

    def sign_ins(self, database):
        with self.one.cluster.connect(database) as db:
            return {row for row in db.execute("SELECT event_id, at, authentication_id FROM record.event WHERE kind = 'sign_in'"
                                              " AND outcome = 'ok'").fetchall()}  # fmt: skip

    def before(self):
        one, agency = self.one, self.agency
        self.somchai, self.malee, self.leaver = (browser_of(one, a) for a in ("somchai", "malee", "somchai"))
        self.suda = Citizen("suda", SUDA["password"], SEED)
        tokens = agency.tokens(self.somchai, scope=OFFLINE)
        self.refresh, self.access, self.kid = tokens["refresh_token"], tokens["access_token"], header_of(tokens["id_token"])["kid"]
        self.of_session = agency.tokens(self.malee)["access_token"]
        self.half = half_done(one, "malee")
        self.half_later = copy.deepcopy(self.half[0].cookies)
        self.code, self.unspent = agency.code(self.somchai), agency.code(self.somchai)

    def after(self):
        """Everything that the backup holds alive ends, or is used up."""
        one, agency = self.one, self.agency
        assert agency.redeem(self.code).status_code == 200
        assert agency.refresh(self.refresh).status_code == 200
        sign_out(one, self.leaver)
        assert not home(one, self.leaver)
        browser, end = by_totp(one, self.suda)
        assert end.steps == ["password", "factor"] and home(one, browser)
        self.lost = browser
        browser, page, citizen = self.half
        assert follow(browser, fill_code(browser, page, citizen), origin(one.issuer)).response.status_code == 200
        assert home(one, browser)
        browser.cookies = self.half_later
        malee = next(c["citizen_id"] for c in one.json("citizen", "list") if c["name"] == "มาลี")
        one.pratu("citizen", "lock", malee, "--reason", "drill")
        assert not home(one, self.malee)
        one.pratu("keys", "rotate", "--now")
        wait_until(lambda: self.kid_now() != self.kid, what="the new key")

    def kid_now(self):
        return header_of(self.agency.tokens(self.somchai)["id_token"])["kid"]


def sign_out(instance, browser):
    """The browser keeps its cookies all the same, as somebody does who has copied them."""
    kept = copy.deepcopy(browser.cookies)
    answer = browser.post(instance.issuer + "/session/end", data={"which": "this"}, headers={"Origin": instance.issuer},
                          allow_redirects=False, timeout=30)  # fmt: skip
    assert answer.status_code == 200, answer.text
    browser.cookies = kept


@pytest.fixture(scope="module")
def drill(instances):
    made = Drill(instances, "recover")
    yield made
    with made.one.cluster.connect("postgres") as db:
        db.execute(f'DROP DATABASE IF EXISTS "{made.target}" WITH (FORCE)')


@pytest.fixture(scope="module")
def restored(drill):
    with drill.one.serve(conf=drill.conf):
        yield drill


def test_it_says_what_it_did(drill):
    said = json.loads(drill.said)
    assert said["sessions_ended"] == 4 - 1 and said["grants_revoked"] >= 3 and said["keys_withdrawn"] == 3, said
    assert said["to"] < said["at"] and said["nothing_lost"] is False


def test_what_was_acknowledged_before_is_there(drill):
    """Row by row, and the recovery stands beside it."""
    assert len(drill.acknowledged) == 3
    assert drill.sign_ins(drill.target) == drill.acknowledged
    rows = drill.one.records("--kind", "recover", conf=drill.conf)
    assert len(rows) == 1 and rows[0]["detail"]["to"] == json.loads(drill.said)["to"] and rows[0]["detail"]["by"]


def refused(answer, error="invalid_grant"):
    assert answer.status_code == 400 and answer.json()["error"] == error, answer.text


def test_a_spent_code_stays_spent(restored):
    refused(restored.agency.redeem(restored.code))


def test_a_code_that_was_not_used_is_void(restored):
    refused(restored.agency.redeem(restored.unspent))


def test_a_rotated_refresh_token_stays_rotated(restored):
    refused(restored.agency.refresh(restored.refresh))


def test_no_access_token_works(restored):
    for token in (restored.access, restored.of_session):
        assert restored.agency.userinfo(token).status_code == 401
        assert restored.agency.introspect(token).json() == {"active": False}


@pytest.mark.parametrize("who", ["leaver", "malee", "somchai", "lost"])
def test_no_cookie_works(restored, who):
    """Of one who signed out, was locked, stayed, or came later than the backup."""
    assert "error=login_required" in silent(restored.agency, getattr(restored, who))
    assert not home(restored.one, getattr(restored, who))


def test_a_sign_in_that_was_under_way_begins_anew(restored):
    browser, page, citizen = restored.half
    end = follow(browser, fill_code(browser, page, citizen), origin(restored.one.issuer))
    assert end.page.form_with(type="password"), end.page.words()
    assert not home(restored.one, browser)


def test_a_used_code_of_the_app_stays_used(restored):
    """Were it not for the recovery its step would be good: the counter is as it was before."""
    used = Used(**vars(restored.suda))
    ((counter,),) = restored_sql(restored, "SELECT counter FROM vault.factor WHERE kind = 'totp'")
    assert counter < restored.suda.last_step
    _, end = by_totp(restored.one, used)
    assert end.steps == ["password", "factor"] and end.page.form_with(autocomplete="one-time-code")


def test_no_key_of_before_signs_or_verifies(restored):
    browser = browser_of(restored.one)
    assert restored.kid not in kids(restored.one, browser) and len(kids(restored.one, browser)) == 3
    assert header_of(restored.agency.tokens(browser)["id_token"])["kid"] in kids(restored.one, browser)


def test_everybody_can_sign_in_anew(restored):
    """Also by an app's next code; and the sign-in stands in the record."""
    restored.suda.last_step = restored.step
    browser, end = by_totp(restored.one, restored.suda)
    assert end.steps[:2] == ["password", "factor"] and home(restored.one, browser)
    assert len(restored.sign_ins(restored.target)) > len(restored.acknowledged)


def test_doctor_is_content(restored):
    checks = {c["check"]: c for c in restored.one.json("doctor", conf=restored.conf, status=None)["checks"]}
    assert checks["restore"]["verdict"] == "ok" and "confirmed at" in checks["restore"]["found"]


def restored_sql(drill, statement):
    with drill.one.cluster.connect(drill.target) as db:
        return db.execute(statement).fetchall()
