# SPDX-License-Identifier: Apache-2.0
"""The clients that the web role holds in memory."""
from concurrent.futures import ThreadPoolExecutor

import pytest
from lib.agency import Agency
from lib.citizen import get, new_session
from lib.stack import wait_until

LOCK = 4711
SLOW = f"""
CREATE FUNCTION idp.test_waits() RETURNS boolean LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_advisory_xact_lock_shared({LOCK}); RETURN true; END $$;
GRANT EXECUTE ON FUNCTION idp.test_waits() TO pratu_web;
CREATE POLICY slow ON idp.client FOR SELECT USING (client_id <> 'slow' OR current_user <> 'pratu_web' OR idp.test_waits());
ALTER TABLE idp.client ENABLE ROW LEVEL SECURITY"""
FAST = "ALTER TABLE idp.client DISABLE ROW LEVEL SECURITY; DROP POLICY slow ON idp.client; DROP FUNCTION idp.test_waits()"


@pytest.fixture
def agencies(stack):
    made = {name: Agency(stack, name, "basic") for name in ("slow", "other")}
    stack.apply({"clients": [a.document() for a in made.values()]})
    return made


@pytest.fixture
def held(stack, agencies):
    """What reads the client "slow" waits, with the snapshot that it has, until this lock is given back."""
    stack.sql(SLOW)
    with stack.connect() as holder:
        holder.execute(f"SELECT pg_advisory_lock({LOCK})")
        yield holder
    stack.sql(FAST)


def status(stack, agency):
    return get(new_session(str(stack.certificate)), agency.authorize_url()).status_code


def disable(stack, client_id, silent=False):
    trigger = "ALTER TABLE idp.client {} TRIGGER USER"
    with stack.connect() as db, db.transaction():
        if silent:
            db.execute(trigger.format("DISABLE"))
        db.execute("UPDATE idp.client SET disabled = true WHERE client_id = %s", [client_id])
        if silent:
            db.execute(trigger.format("ENABLE"))


def test_a_client_that_changes_while_it_is_read_is_not_held(stack, agencies, held):
    slow, other = agencies["slow"], agencies["other"]
    assert status(stack, other) == 303
    disable(stack, "other", silent=True)
    first = ThreadPoolExecutor(1).submit(status, stack, slow)
    wait_until(lambda: stack.sql("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND NOT granted", [LOCK]))
    disable(stack, "slow")
    # Notifications are delivered in order: once this one was heard, the one of "slow" was.
    stack.sql("SELECT pg_notify('pratu_client', 'other')")
    wait_until(lambda: status(stack, other) == 400, what="the notification")
    held.execute(f"SELECT pg_advisory_unlock({LOCK})")
    assert first.result(30) == 303, "read before it changed"
    assert status(stack, slow) == 400
