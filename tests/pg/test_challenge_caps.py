# SPDX-License-Identifier: Apache-2.0
"""What each message costs: caps by who asks, by range of numbers and in sum, under locks; and that none of it touches an app's codes."""
from concurrent.futures import ThreadPoolExecutor

import pytest
from psycopg.errors import InsufficientPrivilege
from lib.codes import ask, last_code, mailbox, make_sms_citizen, messages, number, time_passes, type_code
from lib.stack import wait_until
from lib.vault import SEED, Vault, code_now, second_step, together

CAPS = {"sms_budget_per_hour": 4, "sms_budget_per_day": 100, "sms_per_range": 3, "codes_per_address": 5, "sms_prefixes": "+66 +856"}


@pytest.fixture(scope="module")
def capped(instances):
    one = instances("capped", **CAPS)
    one.init()
    one.migrate()
    with one.vault():
        yield one


@pytest.fixture
def web(capped):
    capped.sql("TRUNCATE vault.code_count, vault.code_target")
    one = Vault(capped.sockets / "web.sock")
    yield one
    one.close()


def partial_of(capped, web, **members):
    somchai = make_sms_citizen(capped, **members)
    return somchai, somchai.partial(web)


def alerts(capped):
    return capped.sql("SELECT outcome, reason FROM record.event WHERE kind = 'code_budget' ORDER BY at")


def counts(capped):
    return dict(capped.sql("SELECT scope, sum(sent)::int FROM vault.code_count GROUP BY scope"))


def test_the_budget_of_an_hour_is_spent_once_and_tells(capped, web):
    before = len(alerts(capped))
    for i in range(4):
        assert ask(web, partial_of(capped, web)[1], address=f"192.0.2.{i}")["outcome"] == "ok"
        assert len(alerts(capped)) == before + (i == 3)
    somchai, partial = partial_of(capped, web)
    for _ in range(3):
        assert ask(web, partial, address="192.0.2.9") == {"outcome": "blocked", "reason_blocked": "budget"}
    assert messages(capped, somchai) == [] and counts(capped)["hour"] == 4
    assert alerts(capped)[before:] == [("ok", "hour")], "once"
    # Mail and an app's codes go on.
    malee, partial = partial_of(capped, web, sms_number=None, code_email=mailbox(), totp_secret=SEED)
    assert ask(web, partial, "email", address="192.0.2.9")["outcome"] == "ok"
    assert second_step(web, partial, code_now())["outcome"] == "ok"
    # The next hour has its own.
    capped.sql("UPDATE vault.code_count SET from_at = from_at - interval '1 hour' WHERE scope = 'hour'")
    assert ask(web, somchai.partial(web), address="192.0.2.9")["outcome"] == "ok"


def test_the_budget_of_a_day(capped, web):
    before = len(alerts(capped))
    assert ask(web, partial_of(capped, web)[1])["outcome"] == "ok"
    capped.sql("UPDATE vault.code_count SET sent = 99 WHERE scope = 'day'")
    assert ask(web, partial_of(capped, web)[1])["outcome"] == "ok"
    assert alerts(capped)[before:] == [("ok", "day")]
    assert ask(web, partial_of(capped, web)[1])["reason_blocked"] == "budget"


def test_of_thirty_at_once_the_budget_pays_four(capped, web):
    before = len(alerts(capped))
    partials = [partial_of(capped, web)[1] for _ in range(30)]
    _, ended = together(capped, 30, lambda v, i: ask(v, partials[i], address=f"192.0.2.{i}"))
    assert ended == {"ok": 4, "blocked": 26}
    assert counts(capped)["hour"] == 4 and len(alerts(capped)) == before + 1


def test_a_range_of_numbers_has_its_own(capped, web):
    for i in range(3):
        assert ask(web, partial_of(capped, web, sms_number=f"+6681234000{i}")[1])["outcome"] == "ok"
    assert ask(web, partial_of(capped, web, sms_number="+66812340009")[1]) == {"outcome": "blocked", "reason_blocked": "range"}
    assert ask(web, partial_of(capped, web, sms_number="+66812350009")[1])["outcome"] == "ok"


def test_an_address_has_its_own_and_an_ipv6_network_too(capped, web):
    for i in range(5):
        mail = {"sms_number": None, "code_email": mailbox()}
        assert ask(web, partial_of(capped, web, **mail)[1], "email", address=f"2001:db8::{i}")["outcome"] == "ok"
    partial = partial_of(capped, web, sms_number=None, code_email=mailbox())[1]
    assert ask(web, partial, "email", address="2001:db8:0:0:9::1") == {"outcome": "blocked", "reason_blocked": "address"}
    assert ask(web, partial, "email", address="2001:db8:0:1::1")["outcome"] == "ok"
    sms = partial_of(capped, web)[1]
    for i in range(4):
        assert ask(web, partial_of(capped, web)[1], address="192.0.2.7")["outcome"] == "ok"
    capped.sql("UPDATE vault.code_count SET sent = 0 WHERE scope IN ('hour', 'range')")
    assert ask(web, sms, address="192.0.2.7")["outcome"] == "ok"
    assert ask(web, partial_of(capped, web)[1], address="192.0.2.7")["reason_blocked"] == "address"


def test_a_number_of_a_country_that_is_no_more_allowed_gets_none(capped, web):
    _, partial = partial_of(capped, web, sms_number="+85620123456")
    with capped.vault(conf=capped.write_settings(capped.dir / "narrow.conf", sms_prefixes="+66", vault_socket_dir=capped.dir / "n")):
        other = Vault(capped.dir / "n" / "web.sock")
        assert ask(other, partial) == {"outcome": "blocked", "reason_blocked": "prefix"}
    assert ask(web, partial)["outcome"] == "ok"


# ------------------------------------------------------------------ under locks, seen one by one


@pytest.fixture
def aside(capped):
    pool = ThreadPoolExecutor(4)
    yield lambda call: pool.submit(lambda: call(Vault(capped.sockets / "web.sock")))
    pool.shutdown()


def waiting(capped):
    ((n,),) = capped.sql("SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE a.usename = 'pratu_vault'"
                         " AND a.datname = current_database() AND NOT l.granted")  # fmt: skip
    return n


def test_a_request_waits_for_the_one_before_it_and_sees_its_message(capped, web, aside):
    """Two citizens with one number: nothing but the number's row makes one wait for the other."""
    shared = number()
    (_, first), (_, second) = (partial_of(capped, web, sms_number=shared) for _ in range(2))
    ask(web, first)
    time_passes(capped, 30)
    with capped.connect() as db, db.transaction():
        db.execute("SELECT FROM vault.code_target FOR UPDATE")
        replies = [aside(lambda v, p=p: ask(v, p)) for p in (first, second)]
        wait_until(lambda: waiting(capped) == 2)
    assert sorted(r.result()["outcome"] for r in replies) == ["ok", "wait"]


def test_the_last_of_the_budget_is_given_to_one(capped, web, aside):
    """Two numbers: nothing but the sum's row makes one wait for the other."""
    for i in range(3):
        ask(web, partial_of(capped, web)[1], address=f"192.0.2.{i}")
    partials = [partial_of(capped, web)[1] for _ in range(2)]
    with capped.connect() as db, db.transaction():
        db.execute("SELECT FROM vault.code_count WHERE scope = 'hour' FOR UPDATE")
        replies = [aside(lambda v, i=i: ask(v, partials[i], address=f"192.0.2.1{i}")) for i in range(2)]
        wait_until(lambda: waiting(capped) == 2)
    assert sorted(r.result()["outcome"] for r in replies) == ["blocked", "ok"]


def test_requests_of_one_citizen_wait_for_each_other(capped, web, aside):
    """By two ways with nothing in common: the lock of the factors."""
    somchai, partial = partial_of(capped, web, code_email=mailbox())
    with capped.connect() as db, db.transaction():
        db.execute("SELECT FROM vault.factor WHERE citizen_id = %s FOR UPDATE", [somchai.citizen_id])
        replies = [aside(lambda v, k=k: ask(v, partial, k)) for k in ("sms", "email")]
        wait_until(lambda: waiting(capped) == 2)
    assert [r.result()["outcome"] for r in replies] == ["ok", "ok"]


def test_a_try_waits_for_a_new_code_and_then_is_for_that_one(capped, web, aside):
    somchai, partial = partial_of(capped, web)
    ask(web, partial)
    former = last_code(capped, somchai)
    time_passes(capped, 30)
    with capped.connect() as db, db.transaction():
        db.execute("SELECT FROM vault.code_target FOR UPDATE")
        asked = aside(lambda v: ask(v, partial))
        wait_until(lambda: waiting(capped) == 1)
        typed = aside(lambda v: type_code(v, partial, former))
        wait_until(lambda: waiting(capped) == 2)
    assert asked.result()["outcome"] == "ok"
    if last_code(capped, somchai) != former:
        assert typed.result() == {"outcome": "refused"}, "the former code is over, though it was typed before"


# ------------------------------------------------------------------ what is kept


def test_what_is_counted_is_forgotten_and_names_nobody(capped, web):
    ask(web, partial_of(capped, web)[1])
    capped.sql("UPDATE vault.code_target SET forget_at = now() - interval '1 s'")
    capped.sql("UPDATE vault.code_count SET from_at = from_at - interval '3 days'")
    capped.sql("SELECT idp.housekeep()")
    assert capped.sql("SELECT count(*) FROM vault.code_target") == capped.sql("SELECT count(*) FROM vault.code_count") == [(0,)]


def test_who_may_read_the_counts(capped):
    for table in ("challenge", "code_target", "code_count"):
        for user in ("pratu_web", "pratu_admin", "pratu_courier"):
            with pytest.raises(InsufficientPrivilege):
                capped.sql(f"SELECT FROM vault.{table}", user=user)
        with pytest.raises(InsufficientPrivilege):
            capped.sql(f"DELETE FROM vault.{table}", user="pratu_vault")
