# SPDX-License-Identifier: Apache-2.0
"""What acts in a citizen's name: the agencies on the citizen's own page, those with offline access too, and the end of one."""
import pytest
from lib.agency import CITIZENS, Agency, citizen
from lib.citizen import Page, get, new_session, sign_in_http, submit


@pytest.fixture(scope="module")
def agencies(stack):
    made = {name: Agency(stack, name) for name in ("basic", "post")}
    stack.apply({"clients": [a.document() for a in made.values()], "citizens": CITIZENS})
    return made


def tokens(stack, agency, i, scope, **more):
    session = new_session(str(stack.certificate))
    end = sign_in_http(session, agency.authorize_url(scope=scope, **more), citizen(CITIZENS[i]["alias"]))
    answer = agency.redeem(end.params["code"])
    assert answer.status_code == 200, answer.text
    return session, answer.json()


def connected(session, stack) -> dict:
    """The forms that disconnect, by the client that each names; and the page."""
    answer = get(session, stack.issuer + "/")
    page = Page(answer.text, answer.url)
    return page, {f.find(name="client_id")["value"]: f for f in page.forms if f.action.endswith("/agency/end")}


def disconnect(session, stack, client_id):
    page, forms = connected(session, stack)
    return submit(session, page, forms[client_id], {})


def test_offline_access_outlives_the_session_on_the_page_and_ends_there(stack, agencies):
    basic, post = agencies["basic"], agencies["post"]
    first, held = tokens(stack, basic, 0, "openid profile offline_access", prompt="consent")
    page, forms = connected(first, stack)
    assert set(forms) == {basic.client_id}
    submit(first, page, next(f for f in page.forms for b in f.buttons if b.get("value") == "this"), {"which": "this"})
    second, _ = tokens(stack, post, 0, "openid profile")
    _, forms = connected(second, stack)
    assert set(forms) == {basic.client_id, post.client_id}, "no session of the first one's lives"

    answer = disconnect(second, stack, basic.client_id)
    assert answer.status_code == 303 and answer.headers["Location"] == "/?ended=agency"
    assert set(connected(second, stack)[1]) == {post.client_id}
    refused = basic.refresh(held["refresh_token"])
    assert refused.status_code == 400 and refused.json()["error"] == "invalid_grant"
    [(n,)] = stack.sql("SELECT count(*) FROM record.event WHERE kind = 'revoke' AND reason = 'disconnect' AND client_id = %s"
                       " AND subject_id = actor_id AND correlation_id IS NOT NULL", [basic.client_id])
    assert n == 1
    # Without offline access: the session lives on, the agency's grant does not.
    disconnect(second, stack, post.client_id)
    assert connected(second, stack)[1] == {} and get(second, stack.issuer + "/").status_code == 200
    [(scope,)] = stack.sql("SELECT string_agg(scope, '') FROM idp.consent k JOIN idp.citizen c USING (citizen_id)"
                           " WHERE client_id IN (%s, %s)", [basic.client_id, post.client_id])
    assert not scope, "what was allowed is forgotten"


def test_nobody_ends_what_is_anothers(stack, agencies):
    basic = agencies["basic"]
    _, held = tokens(stack, basic, 0, "openid profile offline_access", prompt="consent")
    other, _ = tokens(stack, basic, 1, "openid profile offline_access", prompt="consent")
    disconnect(other, stack, basic.client_id)
    assert basic.refresh(held["refresh_token"]).status_code == 200
    kept = stack.sql("SELECT scope FROM idp.consent k JOIN vault.identifier i USING (citizen_id) JOIN idp.citizen z USING (citizen_id)"
                     " WHERE client_id = %s AND i.kind = 'alias' AND z.claims ->> 'email' = %s", [basic.client_id, CITIZENS[0]["email"]])
    assert [set(scope.split()) for (scope,) in kept] == [{"openid", "profile", "offline_access"}]
    stranger = new_session(str(stack.certificate))
    answer = stranger.post(stack.issuer + "/agency/end", data={"client_id": basic.client_id},
                           headers={"Origin": stack.issuer}, allow_redirects=False)
    assert answer.headers["Location"] == "/?ended=0"
    foreign = other.post(stack.issuer + "/agency/end", data={"client_id": basic.client_id},
                         headers={"Origin": "https://evil.example"}, allow_redirects=False)
    assert foreign.status_code == 403
