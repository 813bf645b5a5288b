# SPDX-License-Identifier: Apache-2.0
"""The cost of password hashes is raised: what was hashed before."""
import pathlib

from lib.vault import Vault, make_citizen


def web_of(instance):
    return Vault(instance.sockets / "web.sock")


def test_a_higher_cost_reaches_a_hash_at_its_next_sign_in(instance):
    with instance.vault():
        somchai = make_citizen(instance)
    hash_of = "SELECT hash FROM vault.password WHERE citizen_id = %s"
    ((before,),) = instance.sql(hash_of, [somchai.citizen_id])
    assert "m=8192,t=1" in before
    instance.write_settings(password_passes=2)
    try:
        with instance.vault():
            web = web_of(instance)
            assert somchai.password(web, "not the password")["outcome"] == "refused"
            assert instance.sql(hash_of, [somchai.citizen_id]) == [(before,)]
            instance.sql("UPDATE vault.throttle SET next_at = now()")
            assert somchai.password(web)["outcome"] == "ok"
            ((after,),) = instance.sql(hash_of, [somchai.citizen_id])
            assert "m=8192,t=2" in after
            assert somchai.password(web)["outcome"] == "ok"
            assert instance.sql(hash_of, [somchai.citizen_id]) == [(after,)]
    finally:
        instance.write_settings()


def hashing_ns(pid):
    """CPU time of the threads that check passwords."""
    tasks = [task for task in pathlib.Path(f"/proc/{pid}/task").iterdir() if (task / "comm").read_text() == "hash\n"]
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks)


def test_a_hash_of_less_cost_does_not_tell_itself_by_time(instance):
    """It is an eighth of the work of what nobody's name costs: the rest is computed besides."""
    with instance.vault():
        older, locked = make_citizen(instance), make_citizen(instance)
        instance.sql("UPDATE idp.citizen SET locked = true WHERE citizen_id = %s", [locked.citizen_id])
    instance.write_settings(password_memory_kib=65536)
    try:
        with instance.vault() as process:
            web = web_of(instance)
            took = {}
            for what, ask in (
                ("nobody", lambda: older.password(web, login="nobody.at.all")),
                ("older", lambda: older.password(web, "not the password")),
                ("locked", lambda: locked.password(web)),
            ):  # fmt: skip
                before = hashing_ns(process.pid)
                assert ask() == {"outcome": "refused"}
                took[what] = hashing_ns(process.pid) - before
            assert all(0.4 < took[what] / took["nobody"] < 2.5 for what in ("older", "locked")), took
            instance.sql("UPDATE vault.throttle SET next_at = now()")
            assert older.password(web)["outcome"] == "ok"
    finally:
        instance.write_settings()
