# SPDX-License-Identifier: Apache-2.0
"""A client's secret is changed while two are taken; a client is removed."""
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from lib.access import Access, issue_job
from lib.agency import CITIZENS, SECRET, Agency, basic, browser_of
from lib.citizen import get, new_session
from lib.stack import wait_until
from lib.statements import run

DUMMY = {"grant_type": "authorization_code", "code": "x" * 43, "redirect_uri": "https://x.example/"}


@pytest.fixture
def agency(stack):
    one = Agency(stack, "changing", "basic")
    stack.apply({"clients": [one.document()], "citizens": CITIZENS})
    yield one
    stack.pratu("client", "remove", "changing", status=None)


def error_with(agency, secret) -> str:
    answer = agency.post("/token", DUMMY, {"Authorization": basic(agency.client_id, secret)}, proof=False)
    return answer.json()["error"]


def taken(agency, *secrets):
    """Each is good for its client, as soon as the web role has heard of it."""
    for one in secrets:
        wait_until(lambda: error_with(agency, one) == "invalid_grant", what="a good secret")


def refused(agency, *secrets):
    for one in secrets:
        wait_until(lambda: error_with(agency, one) == "invalid_client", what="a refused secret")


def renew(stack, *arguments) -> dict:
    return stack.json("client", "secret", "new", "changing", *arguments)


def test_two_secrets_overlap_while_one_is_changed(stack, agency):
    taken(agency, SECRET)
    made = renew(stack)
    assert len(made["client_secret"]) >= 43 and made["former_until"]
    taken(agency, made["client_secret"], SECRET)
    assert stack.json("client", "show", "changing")["former_secret_until"]
    stack.sql("UPDATE idp.client SET former_secret_until = now() WHERE client_id = 'changing'")
    refused(agency, SECRET)
    taken(agency, made["client_secret"])


def test_a_document_with_the_former_secret_does_not_bring_it_back(stack, agency):
    made = renew(stack)["client_secret"]
    stack.apply({"clients": [agency.document()]})
    taken(agency, made, SECRET)
    third = {**agency.document(), "client_secret": "0123456789abcdef0123456789abcdef"}
    stack.apply({"clients": [third]})
    taken(agency, third["client_secret"])
    refused(agency, made, SECRET)


def test_a_leaked_secret_ends_at_once(stack, agency):
    made = renew(stack, "--days", "0")
    assert "former_until" not in made
    refused(agency, SECRET)
    taken(agency, made["client_secret"])


def test_only_the_hash_of_a_new_secret_is_stored_and_the_record_has_neither(stack, agency):
    made = renew(stack)["client_secret"]
    ((stored,),) = stack.sql("SELECT secret_hash = sha256(%s) FROM idp.client WHERE client_id = 'changing'", [made.encode()])
    assert stored
    ((detail,),) = stack.sql(
        "SELECT detail FROM record.event WHERE kind = 'apply' AND client_id = 'changing' ORDER BY at DESC LIMIT 1"
    )
    assert detail["change"] == "secret" and made not in json.dumps(detail)
    assert made not in stack.log.read_text()


def test_a_client_without_a_secret_gets_none(stack, agency):
    stack.apply({"clients": [{**Agency(stack, "open", "public").document()}]})
    for name in ("open", "nobody"):
        answer = stack.pratu("client", "secret", "new", name, status=1)
        assert "no such client with a secret" in answer.stderr


def test_a_removed_client_is_unknown_at_once_and_its_tokens_end(stack, agency):
    browser = browser_of(stack)
    tokens = agency.tokens(browser, scope="openid offline_access")
    code = agency.code(browser)
    done = stack.pratu("client", "remove", "changing")
    assert "changing is removed; grants revoked: 2" in done.stdout
    refused(agency, SECRET)
    assert agency.refresh(tokens["refresh_token"]).json()["error"] == "invalid_client"
    assert agency.redeem(code).json()["error"] == "invalid_client"
    assert agency.userinfo(tokens["access_token"]).status_code == 401
    assert get(new_session(str(stack.certificate)), agency.authorize_url()).status_code == 400
    assert stack.sql("SELECT count(*) FROM idp.client WHERE client_id = 'changing'") == [(0,)]
    rows = stack.sql(
        "SELECT kind, reason, detail ->> 'change' FROM record.event WHERE client_id = 'changing'"
        " AND correlation_id = (SELECT correlation_id FROM record.event WHERE detail ->> 'change' = 'removed'"
        " ORDER BY at DESC LIMIT 1) ORDER BY kind"
    )
    assert rows == [("apply", None, "removed")] + [("revoke", "client_removed", None)] * 2
    again = stack.pratu("client", "remove", "changing", status=1)
    assert "no such client" in again.stderr


def issue(web, agency, access):
    """A code's grant for this client, not committed yet."""
    version, created = web.execute(
        "SELECT c.version, s.created_at FROM idp.client c, idp.session s WHERE client_id = %s AND session_id = %s",
        [agency.client_id, access.session_id]).fetchone()  # fmt: skip
    job = issue_job(access, session_created_at=created, client_id=agency.client_id, client_version=version, offline=True)
    return job["grant_id"], run(web, "web/code_issue", **job)


def waits_for_grants(db):
    return db.execute("SELECT count(*) FROM pg_locks WHERE relation = 'idp.authz_grant'::regclass AND NOT granted").fetchone() == (1,)


def test_a_grant_that_is_being_stored_is_ended_too(stack, agency):
    with stack.connect() as db, stack.connect("pratu_web") as web:
        db.autocommit = True
        web.autocommit = False
        grant_id, made = issue(web, agency, Access(db))
        assert made == [{"job": 1, "issued": True}]
        with ThreadPoolExecutor(1) as pool:
            removal = pool.submit(stack.pratu, "client", "remove", "changing")
            wait_until(lambda: waits_for_grants(db), what="the command to wait")
            assert db.execute("SELECT disabled FROM idp.client WHERE client_id = 'changing'").fetchone() == (True,)
            web.commit()
            assert "grants revoked: 1" in removal.result().stdout
        assert db.execute("SELECT revoked_at IS NOT NULL FROM idp.authz_grant WHERE grant_id = %s", [grant_id]).fetchone() == (True,)


def test_a_removal_that_would_hold_up_sign_ins_gives_up_and_may_be_repeated(stack, agency):
    with stack.connect() as db, stack.connect("pratu_web") as web:
        db.autocommit = True
        web.autocommit = False
        issue(web, agency, Access(db))
        done = stack.pratu("client", "remove", "changing", status=3)
        assert "is disabled, but not removed" in done.stderr and "repeat" in done.stderr
        web.rollback()
    assert "grants revoked: 0" in stack.pratu("client", "remove", "changing").stdout


WEAK = ["short", "correct horse battery", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "replace-me-with-openssl-rand-base64-32"]  # fmt: skip


@pytest.mark.parametrize("secret", WEAK)
def test_a_weak_secret_is_refused_and_in_a_sandbox_warned_of(stack, agency, secret, tmp_path):
    document = {"clients": [{**agency.document(), "client_secret": secret}]}
    done = stack.apply(document, "--dry-run")
    assert "expected a random secret of 128 bits" in done.stderr
    production = tmp_path / "pratu.conf"
    production.write_text(stack.conf.read_text().replace("mode = sandbox", "mode = production"))
    refused = stack.apply(document, "--dry-run", conf=production, status=1)
    assert "clients[0].client_secret: expected a random secret of 128 bits" in refused.stderr
    assert secret not in refused.stderr


def test_a_misspelt_member_names_the_one_that_was_meant(stack, agency):
    document = {"clients": [{**agency.document(), "redirect_uri": "https://x.example/"}]}
    refused = stack.apply(document, status=1)
    assert "clients[0].redirect_uri: is not a member that is known here; did you mean redirect_uris?" in refused.stderr
