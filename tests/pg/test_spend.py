# SPDX-License-Identifier: Apache-2.0
"""The statements that spend codes and refresh tokens: each guard by itself, and each race by one transaction that holds a
row while the other is seen waiting for it."""
from concurrent.futures import ThreadPoolExecutor

import pytest
from lib.access import Access, handle, sha256
from lib.statements import call, run, wait_until_blocked


@pytest.fixture(scope="module")
def db(instance):
    with instance.connect() as one:
        one.autocommit = True
        yield one


@pytest.fixture
def web(instance):
    with instance.connect("pratu_web") as one:
        one.autocommit = True
        yield one


@pytest.fixture
def other(instance):
    with instance.connect("pratu_web") as one:
        one.autocommit = True
        yield one


def spent(db, table, column, value):
    return db.execute(f"SELECT spent_at IS NOT NULL FROM idp.{table} WHERE {column} = %s", [sha256(value)]).fetchone()[0]


def usable(db, access):
    return db.execute("SELECT count(*) FROM idp.refresh_token WHERE grant_id = %s AND spent_at IS NULL", [access.grant_id]).fetchone()[0]


def waits(other, db, name, given):
    """Start the statement on the other connection, and come back when it waits for a lock."""
    text, pid = call(other, name, given), other.info.backend_pid
    pool = ThreadPoolExecutor(1)
    future = pool.submit(lambda: other.execute(text.encode()).fetchall())
    wait_until_blocked(db, pid)
    return future


# -------------------------------------------------------------------------------------------- codes


def test_a_code_gives_what_signing_needs_and_a_row(db, web):
    access = Access(db, claims='{"id_token": {"email": null}}')
    code = access.code()
    given = access.redeem(code, scopes=["email", "openid"])
    (row,) = run(web, "web/token_redeem", **given)
    assert row["ticket"] == "grant ticket" and row["nonce"] == "n" and row["scope"] == "openid email"
    assert row["citizen_claims"] == {"email": "a@example.th"} and row["citizen_updated_at_s"] > 0
    ((kind, outcome, grant, jti, scope, subject, actor, session, acr, amr, writer),) = db.execute(
        "SELECT kind, outcome, grant_id::text, jti, scope, subject_id::text, actor_id::text, session_id::text, acr, amr, writer"
        " FROM record.event WHERE jti = %s", [given["jti"]]).fetchall()  # fmt: skip
    assert (kind, outcome, grant, scope, writer) == ("token", "ok", access.grant_id, "openid email", "pratu_web")
    assert (subject, actor, session) == (access.citizen_id, access.citizen_id, access.session_id)
    assert (acr, amr) == ("urn:pratu:loa:2", ["pwd", "otp"])
    assert run(web, "web/token_redeem", **given) == [], "once"


def test_citizens_claims_leave_only_for_an_id_token_that_asks(db, web):
    access = Access(db)
    (row,) = run(web, "web/token_redeem", **access.redeem(access.code()))
    assert row["citizen_claims"] is None and row["citizen_updated_at_s"] is None


@pytest.mark.parametrize("offline", [True, False])
def test_a_refresh_token_for_an_offline_grant_alone(db, web, offline):
    access, token = Access(db, offline=offline), handle()
    (row,) = run(web, "web/token_redeem", **access.redeem(access.code(), refresh=token))
    assert row["offline"] is offline and usable(db, access) == offline
    if offline:
        ((grant, same_time, within),) = db.execute(
            "SELECT k.grant_id::text, k.grant_created_at = g.created_at, k.expires_at <= g.expires_at FROM idp.refresh_token k"
            " JOIN idp.authz_grant g USING (grant_id) WHERE token_hash = %s", [sha256(token)]).fetchall()  # fmt: skip
        assert (grant, same_time, within) == (access.grant_id, True, True)


OTHER = {
    "client": {"client_id": "somebody-else"},
    "version": {"client_version": 1},
    "redirect_uri": {"redirect_uri": "https://rp.example/CB"},
    "challenge": {"code_challenge": "x"},
    "no session that young": {"session_absolute_s": 0},
    "idle": {"session_idle_s": 0},
}
ENDED = {
    "code expired": "UPDATE idp.code SET expires_at = now() WHERE grant_id = %(grant)s",
    "grant expired": "UPDATE idp.authz_grant SET expires_at = now() WHERE grant_id = %(grant)s",
    "grant revoked": "UPDATE idp.authz_grant SET revoked_at = now() WHERE grant_id = %(grant)s",
    "session ended": "UPDATE idp.session SET ended_at = now() WHERE session_id = %(session)s",
    "session expired": "UPDATE idp.session SET expires_at = now() WHERE session_id = %(session)s",
    "session gone": "DELETE FROM idp.session WHERE session_id = %(session)s",
    "citizen locked": "UPDATE idp.citizen SET locked = true WHERE citizen_id = %(citizen)s",
    "client disabled": "UPDATE idp.client SET disabled = true WHERE client_id = %(client)s",
    "client changed": "UPDATE idp.client SET updated_at = now() WHERE client_id = %(client)s",
    "grant of another": "UPDATE idp.authz_grant SET client_id = 'other' WHERE grant_id = %(grant)s",
}


def end(db, access, how):
    db.execute(ENDED[how], {"grant": access.grant_id, "session": access.session_id, "citizen": access.citizen_id,
                            "client": access.client_id})  # fmt: skip


@pytest.mark.parametrize("what", OTHER)
def test_a_code_with_anything_else_changes_nothing(db, web, what):
    access = Access(db)
    code = access.code()
    assert run(web, "web/token_redeem", **access.redeem(code, **OTHER[what])) == []
    assert not spent(db, "code", "code_hash", code)
    assert db.execute("SELECT count(*) FROM record.event WHERE grant_id = %s", [access.grant_id]).fetchone() == (0,)
    assert len(run(web, "web/token_redeem", **access.redeem(code))) == 1


@pytest.mark.parametrize("how", ENDED)
def test_a_code_of_what_has_ended_changes_nothing(db, web, how):
    access = Access(db)
    code = access.code()
    end(db, access, how)
    version = db.execute("SELECT version FROM idp.client WHERE client_id = %s", [access.client_id]).fetchone()[0]
    if how == "client disabled":
        access.version = version
    assert run(web, "web/token_redeem", **access.redeem(code)) == []
    assert not spent(db, "code", "code_hash", code)


def test_another_clients_code_is_not_redeemed(db, web):
    """Also if the grant behind it were the asking client's."""
    access = Access(db)
    code = access.code()
    db.execute("UPDATE idp.code SET client_id = 'other' WHERE grant_id = %s", [access.grant_id])
    assert run(web, "web/token_redeem", **access.redeem(code)) == []
    assert not spent(db, "code", "code_hash", code)


@pytest.mark.parametrize("how", ["session ended", "session expired", "session gone"])
def test_an_offline_grant_needs_no_session(db, web, how):
    access = Access(db, offline=True)
    end(db, access, how)
    assert len(run(web, "web/token_redeem", **access.redeem(access.code()))) == 1


def test_a_code_without_challenge_is_none_with_verifier_and_the_other_way_round(db, web):
    access = Access(db)
    code = access.code(challenge="S256 of it")
    assert run(web, "web/token_redeem", **access.redeem(code)) == []
    assert run(web, "web/token_redeem", **access.redeem(code, code_challenge="another")) == []
    assert len(run(web, "web/token_redeem", **access.redeem(code, code_challenge="S256 of it"))) == 1


def test_of_two_at_once_one_redeems(db, web, other):
    access = Access(db, offline=True)
    code = access.code()
    with web.transaction():
        assert len(run(web, "web/token_redeem", **access.redeem(code, refresh=handle()))) == 1
        second = waits(other, db, "web/token_redeem", access.redeem(code, refresh=handle()))
    assert second.result(10) == []
    assert usable(db, access) == 1
    assert db.execute("SELECT count(*) FROM record.event WHERE grant_id = %s", [access.grant_id]).fetchone() == (1,)


def test_one_that_was_taken_back_leaves_the_code_to_the_other(db, web, other):
    access = Access(db)
    code = access.code()
    with web.transaction(force_rollback=True):
        assert len(run(web, "web/token_redeem", **access.redeem(code))) == 1
        second = waits(other, db, "web/token_redeem", access.redeem(code))
    assert len(second.result(10)) == 1


def test_what_was_spent_stays_spent(db, web):
    access = Access(db, offline=True)
    code, token = access.code(), access.refresh_token()
    run(web, "web/token_redeem", **access.redeem(code))
    run(web, "web/token_rotate", **access.rotate(token, handle()))
    for table, column, value in (("code", "code_hash", code), ("refresh_token", "token_hash", token)):
        with pytest.raises(Exception, match="what was spent stays spent"):
            web.execute(f"UPDATE idp.{table} SET spent_at = NULL WHERE {column} = %s", [sha256(value)])
        assert spent(db, table, column, value)


# -------------------------------------------------------------------------------------------- refresh tokens


def test_a_token_that_is_kept_renews_again_and_again(db, web):
    access = Access(db, offline=True)
    token = access.refresh_token()
    for _ in range(2):
        given = access.renew(token)
        (row,) = run(web, "web/token_renew", **given)
        assert row["ticket"] == "grant ticket" and row["scope"] == "openid email offline_access"
        assert db.execute("SELECT kind, outcome, grant_id::text FROM record.event WHERE jti = %s", [given["jti"]]).fetchall() == [
            ("refresh", "ok", access.grant_id)]  # fmt: skip
    assert not spent(db, "refresh_token", "token_hash", token)


def test_scope_narrows_and_never_widens(db, web):
    access = Access(db, offline=True)
    token = access.refresh_token()
    assert run(web, "web/token_renew", **access.renew(token, scopes=["email"], wanted=["email"]))[0]["scope"] == "email"
    assert run(web, "web/token_renew", **access.renew(token, wanted=["email", "phone"])) == []
    assert run(web, "web/token_rotate", **access.rotate(token, handle(), wanted=["phone"])) == []
    assert run(web, "web/token_rotate", **access.rotate(token, handle(), scopes=["openid"]))[0]["scope"] == "openid"


def test_a_spent_token_renews_nothing(db, web):
    """Of a client that cannot authenticate before, and can now."""
    access = Access(db, offline=True)
    token = access.refresh_token()
    run(web, "web/token_rotate", **access.rotate(token, handle()))
    assert run(web, "web/token_renew", **access.renew(token)) == []


REFRESH_ENDED = ["grant expired", "grant revoked", "citizen locked", "client disabled", "client changed", "grant of another"]


@pytest.mark.parametrize("how", [*REFRESH_ENDED, "token expired", "not offline"])
@pytest.mark.parametrize("way", ["renew", "rotate"])
def test_a_token_of_what_has_ended_changes_nothing(db, web, how, way):
    access = Access(db, offline=how != "not offline")
    token = access.refresh_token()
    if how in ENDED:
        end(db, access, how)
    if how == "client disabled":
        access.version = db.execute("SELECT version FROM idp.client WHERE client_id = %s", [access.client_id]).fetchone()[0]
    if how == "token expired":
        db.execute("UPDATE idp.refresh_token SET expires_at = now() WHERE token_hash = %s", [sha256(token)])
    given = access.renew(token) if way == "renew" else access.rotate(token, handle())
    assert run(web, f"web/token_{way}", **given) == []
    assert not spent(db, "refresh_token", "token_hash", token) and usable(db, access) == 1
    assert db.execute("SELECT count(*) FROM record.event WHERE grant_id = %s", [access.grant_id]).fetchone() == (0,)


@pytest.mark.parametrize("theirs", ["token", "grant"])
def test_another_clients_token_is_not_renewed(db, web, theirs):
    """The token itself, and the grant behind it, must be the asking client's."""
    access = Access(db, offline=True)
    token, another = access.refresh_token(), Access(db)
    if theirs == "token":
        db.execute("UPDATE idp.authz_grant SET client_id = %s WHERE grant_id = %s", [another.client_id, access.grant_id])
    else:
        db.execute("UPDATE idp.refresh_token SET client_id = %s WHERE grant_id = %s", [another.client_id, access.grant_id])
    mine = {"client_id": another.client_id, "client_version": another.version}
    assert run(web, "web/token_renew", **access.renew(token, **mine)) == []
    assert run(web, "web/token_rotate", **access.rotate(token, handle(), **mine)) == []


def test_a_spent_token_renews_nothing(db, web):
    access = Access(db, offline=True)
    token = access.refresh_token()
    db.execute("UPDATE idp.refresh_token SET spent_at = now() WHERE token_hash = %s", [sha256(token)])
    assert run(web, "web/token_renew", **access.renew(token)) == []


def test_until_the_successor_is_used_the_former_gets_another(db, web):
    access = Access(db, offline=True)
    former, first, second, third = access.refresh_token(), handle(), handle(), handle()
    assert len(run(web, "web/token_rotate", **access.rotate(former, first))) == 1
    given = access.rotate(former, second)
    assert len(run(web, "web/token_rotate", **given)) == 1
    assert db.execute("SELECT reason FROM record.event WHERE jti = %s", [given["jti"]]).fetchall() == [("again",)]
    assert spent(db, "refresh_token", "token_hash", first) and usable(db, access) == 1
    assert run(web, "web/token_rotate", **access.rotate(first, third)) == [], "what was replaced is of no use"
    assert len(run(web, "web/token_rotate", **access.rotate(second, third))) == 1
    assert run(web, "web/token_rotate", **access.rotate(former, handle())) == [], "its successor was used"
    assert usable(db, access) == 1


def found(connection, access, token):
    (row,) = run(connection, "web/token_find", **access.find(refresh_hash=token))
    return row["spent"], row["successor_unused"]


def test_what_was_found_tells_a_retry_from_a_reuse(db, web):
    access = Access(db, offline=True)
    former, first, second = access.refresh_token(), handle(), handle()
    assert found(web, access, former) == (False, False)
    run(web, "web/token_rotate", **access.rotate(former, first))
    assert found(web, access, former) == (True, True)
    run(web, "web/token_rotate", **access.rotate(first, second))
    assert found(web, access, former) == (True, False)
    assert found(web, access, second) == (False, False)


def test_two_tries_at_once_with_the_same_token_leave_one_successor(db, web, other):
    """The second, which waited for the first, cannot see its successor; with the token held it finds it, and replaces it."""
    access = Access(db, offline=True)
    token, first, second = access.refresh_token(), handle(), handle()
    with web.transaction():
        assert len(run(web, "web/token_rotate", **access.rotate(token, first))) == 1
        late = waits(other, db, "web/token_rotate", access.rotate(token, second))
    assert late.result(10) == [] and usable(db, access) == 1
    with other.transaction():
        assert run(other, "web/token_lock", **access.about("token_hash", token)) == [{"held": 1}]
        assert found(other, access, token) == (True, True)
        assert len(run(other, "web/token_rotate", **access.rotate(token, second))) == 1
    assert spent(db, "refresh_token", "token_hash", first) and not spent(db, "refresh_token", "token_hash", second)
    assert usable(db, access) == 1


def test_while_a_token_is_held_no_try_goes_between(db, web, other):
    access = Access(db, offline=True)
    token, first, second = access.refresh_token(), handle(), handle()
    run(web, "web/token_rotate", **access.rotate(token, first))
    with web.transaction():
        run(web, "web/token_lock", **access.about("token_hash", token))
        late = waits(other, db, "web/token_rotate", access.rotate(token, second))
        assert len(run(web, "web/token_rotate", **access.rotate(token, handle()))) == 1
    assert late.result(10) == [] and usable(db, access) == 1


def test_a_retry_that_waits_for_the_use_of_the_successor_changes_nothing(db, web, other):
    access = Access(db, offline=True)
    former, first, second = access.refresh_token(), handle(), handle()
    run(web, "web/token_rotate", **access.rotate(former, first))
    with web.transaction():
        assert len(run(web, "web/token_rotate", **access.rotate(first, second))) == 1
        late = waits(other, db, "web/token_rotate", access.rotate(former, handle()))
    assert late.result(10) == []
    assert usable(db, access) == 1 and not spent(db, "refresh_token", "token_hash", second)


def test_a_use_that_waits_for_the_replacement_of_its_token_changes_nothing(db, web, other):
    access = Access(db, offline=True)
    former, first, fresh = access.refresh_token(), handle(), handle()
    run(web, "web/token_rotate", **access.rotate(former, first))
    with web.transaction():
        assert len(run(web, "web/token_rotate", **access.rotate(former, fresh))) == 1
        late = waits(other, db, "web/token_rotate", access.rotate(first, handle()))
    assert late.result(10) == []
    assert usable(db, access) == 1 and not spent(db, "refresh_token", "token_hash", fresh)


# -------------------------------------------------------------------------------------------- assertions, disclosure


def test_an_assertion_counts_once(db, web, other):
    given = {"client_id": "rp", "jti_hash": sha256("j1")}
    ((until,),) = db.execute("SELECT extract(epoch FROM now())::bigint + 60").fetchall()
    with web.transaction():
        assert run(web, "web/client_assertion_spend", **given, until_s=until) == 1
        text = call(other, "web/client_assertion_spend", {**given, "until_s": until})
        late = ThreadPoolExecutor(1).submit(lambda: other.execute(text.encode()).rowcount)
        wait_until_blocked(db, other.info.backend_pid)
    assert late.result(10) == 0
    assert run(web, "web/client_assertion_spend", **given, until_s=until) == 0
    assert run(web, "web/client_assertion_spend", **given, until_s=until + 5) == 0, "whatever its exp is"
    assert run(web, "web/client_assertion_spend", client_id="rp2", jti_hash=sha256("j1"), until_s=until) == 1


def test_userinfo_is_recorded(db, web):
    access = Access(db)
    given = access.userinfo()
    (row,) = run(web, "web/userinfo", **given)
    assert row["recorded"] and row["citizen_claims"] == {"email": "a@example.th"} and row["sub"] == "sub"
    assert db.execute("SELECT kind, outcome, grant_id::text, scope FROM record.event WHERE jti = %s", [given["jti"]]).fetchall() == [
        ("userinfo", "ok", access.grant_id, "openid")]  # fmt: skip


@pytest.mark.parametrize("how", [h for h in ENDED if h not in ("code expired", "client changed")])
def test_userinfo_of_what_has_ended_is_not_recorded(db, web, how):
    access = Access(db)
    end(db, access, how)
    rows = run(web, "web/userinfo", **access.userinfo())
    assert not rows or not rows[0]["recorded"]
    assert db.execute("SELECT count(*) FROM record.event WHERE grant_id = %s AND kind = 'userinfo'", [access.grant_id]).fetchone() == (0,)
    if rows:
        assert [rows[0][name] for name in ("revoked", "grant_expired", "locked")].count(True) == (not how.startswith("session"))
        assert rows[0]["session_lives"] is not how.startswith("session")
