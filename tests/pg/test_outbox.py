# SPDX-License-Identifier: Apache-2.0
"""The outbox as the database keeps it: who writes what, which state follows which, and that what is over is wiped."""
import select
import sys

import pytest
from lib.instance import ROOT
from lib.outbox import EPOCH_S, Outbox
from lib.vault import Ended, Vault
from psycopg.errors import CheckViolation, InsufficientPrivilege

sys.path.insert(0, str(ROOT / "deploy" / "build"))
from queries import parse_query  # noqa: E402

STATES = ("waiting", "claimed", "handed_over", "delivered", "failed", "unknown", "expired")
NEXT = {
    "waiting": {"claimed", "expired"},
    "claimed": {"claimed", "waiting", "handed_over", "delivered", "failed", "unknown", "expired"},
    "handed_over": {"delivered", "failed"},
    "unknown": {"delivered", "failed"},
    "delivered": set(),
    "failed": set(),
    "expired": set(),
}


@pytest.fixture(scope="module")
def outbox(vault):
    return Outbox(vault)


def move(instance, message_id, state, user="pratu_courier", **columns):
    values = {"state": state, "sealed": b"sealed" if state in ("waiting", "claimed") else None, **columns}
    if user == "pratu_courier":
        instance.sql("UPDATE courier.message SET lease_until = CASE WHEN %s = 'claimed' THEN now() + interval '15 s' END, "
                     + ", ".join(f"{name} = %s" for name in values) + " WHERE message_id = %s",
                     [state, *values.values(), message_id], user=user)  # fmt: skip
    else:
        instance.sql("UPDATE courier.message SET lease_until = NULL, state = %s, sealed = %s WHERE message_id = %s",
                     [*values.values(), message_id], user=user)  # fmt: skip


def brought_to(outbox, state):
    """A message in that state."""
    message_id = outbox.put("sms", "+66800000000", "x")
    for step in {"waiting": (), "claimed": ("claimed",), "expired": ("expired",)}.get(state, ("claimed", state)):
        move(outbox.instance, message_id, step)
    return message_id


@pytest.mark.parametrize("state", STATES)
def test_which_state_follows_which(vault, outbox, state):
    for after in STATES:
        message_id = brought_to(outbox, state)
        if after in NEXT[state]:
            move(vault, message_id, after)
            assert outbox.row(message_id)["state"] == after
        else:
            with pytest.raises(CheckViolation, match="message_move"):
                move(vault, message_id, after)
            assert outbox.row(message_id)["state"] == state


def test_what_may_have_been_sent_is_not_claimed_again(vault, outbox):
    message_id = brought_to(outbox, "claimed")
    vault.sql("UPDATE courier.message SET begun_at = now() WHERE message_id = %s", [message_id], user="pratu_courier")
    with pytest.raises(CheckViolation, match="message_move"):
        move(vault, message_id, "claimed", begun_at=None, attempts=2)
    with pytest.raises(CheckViolation, match="message_begins_claimed"):
        move(vault, message_id, "waiting")
    move(vault, message_id, "unknown")


@pytest.mark.parametrize("state", sorted(set(STATES) - {"waiting", "claimed"}))
def test_number_and_text_are_there_only_while_they_are_needed(vault, outbox, state):
    message_id = brought_to(outbox, "waiting" if state == "expired" else "claimed")
    with pytest.raises(CheckViolation, match="message_is_wiped"):
        move(vault, message_id, state, sealed=b"still there")
    move(vault, message_id, state)
    assert outbox.row(message_id)["sealed"] is None


def test_the_vault_takes_back_what_was_not_sent(vault, outbox):
    for state in ("waiting", "claimed"):
        message_id = brought_to(outbox, state)
        move(vault, message_id, "expired", user="pratu_vault")
        assert outbox.row(message_id)["sealed"] is None
    with pytest.raises(InsufficientPrivilege):
        vault.sql("UPDATE courier.message SET begun_at = NULL", user="pratu_vault")
    with pytest.raises(InsufficientPrivilege):
        vault.sql("SELECT sealed FROM courier.message", user="pratu_vault")


def test_a_message_lives_no_longer_than_its_key(outbox):
    outbox.put("sms", "+66800000000", "x", ttl_s=EPOCH_S)
    for ttl_s in (0, EPOCH_S + 1):
        with pytest.raises(CheckViolation, match="message_lives_hours"):
            outbox.put("sms", "+66800000000", "x", ttl_s=ttl_s)


def test_a_new_message_is_told_at_commit(vault, outbox):
    with vault.connect("pratu_courier") as db:
        db.execute("LISTEN courier")
        outbox.put("email", "a@b.example", "x", "subject")
        select.select([db.fileno()], [], [], 30)
        assert [note.channel for note in db.notifies(timeout=5, stop_after=1)] == ["courier"]


def test_the_keys_are_given_to_the_courier_alone(vault, outbox):
    assert len(outbox.keys) == 3 and len({*outbox.keys.values(), outbox.report_key}) == 4
    sealing = {item["key"] for item in Vault(vault.sockets / "web.sock")("seal_keys")["keys"]}
    assert not sealing & set(outbox.keys.values())
    for socket in ("web", "admin"):
        with pytest.raises(Ended):
            Vault(vault.sockets / f"{socket}.sock")("outbox_keys")


def test_the_messages_of_a_week_are_kept(vault):
    assert vault.sql("SELECT step, keep = interval '7 days' FROM idp.partition_policy WHERE table_name = 'message'") == [("day", True)]


def scans(plan):
    yield from ([plan] if "Scan" in plan["Node Type"] else [])
    for child in plan.get("Plans", []):
        yield from scans(child)


@pytest.fixture(scope="module")
def week(vault):
    """Partitions of days before today, as there are when Pratu has run for a while."""
    days = range(2, 8)  # yesterday's is there where midnight has just passed
    for day in days:
        vault.sql("SET ROLE pratu_owner; SET timezone = 'UTC'; DO $do$ DECLARE policy idp.partition_policy;"
                  f" first timestamptz := date_trunc('day', now()) - interval '{day} days'; BEGIN"
                  " SELECT * INTO policy FROM idp.partition_policy WHERE schema_name = 'courier';"
                  f" PERFORM idp.partition_new(policy, 'message_{day}');"
                  f" PERFORM idp.partition_attach(policy, 'message_{day}', first, first + interval '1 day'); END $do$")  # fmt: skip
    return days


@pytest.mark.parametrize("path", sorted((ROOT / "sql/query/courier").glob("*.sql")), ids=lambda path: path.stem)
def test_messages_are_found_by_an_index(vault, week, path):
    """However many there are of a week: by key, or in the index of those that are not over. What is due is looked for in the
    partitions of its hours, and a key names one."""
    query = parse_query(path)
    with vault.connect("pratu_courier") as db:
        types = f"({', '.join(query.wire_types)})" if query.wire_types else ""
        values = f"({', '.join('NULL' if kind == 'uuid' else '0' for kind in query.wire_types)})" if types else ""
        db.execute(f"PREPARE one {types} AS {query.sql}".encode())
        ((got,),) = db.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE one{values}".encode()).fetchall()
    used = [one for one in scans(got[0]["Plan"]) if "Index Name" in one or one["Node Type"] == "Seq Scan"]
    assert used and not [one for one in used if one["Node Type"] == "Seq Scan"]
    touched = {one["Index Name"] for one in used if one["Actual Loops"] > 0}
    today_and_ahead = 4  # the DEFAULT one, and for four hours yesterday's
    most = {"message_claim": today_and_ahead, "message_figures": today_and_ahead, "message_sweep": len(week) + 3}
    assert len(touched) <= most.get(path.stem, 1), touched
