# SPDX-License-Identifier: Apache-2.0
"""What the web role's memory still holds of a password and a code after they were checked."""
import os
import secrets
import warnings

from lib.agency import CITIZENS, Agency
from lib.citizen import Citizen, fill_code, fill_password, follow, get, new_session
from lib.memory import memory
from lib.processes import children, command

SANITIZED = "ASAN_OPTIONS" in os.environ  # it keeps what was freed, also what the TLS library frees, and never uses it again

if os.geteuid() != 0:
    warnings.warn("what only root can show is left out: the memory of a running role")
if SANITIZED:
    warnings.warn("what a sanitizer keeps of freed memory is left out: the memory of a running role")


def web_of(supervisor: int) -> int:
    [pid] = [p for p in children(supervisor) if "web" in command(p)]
    return pid


def gone(secret, held):
    """Its second half neither: an allocator writes its own words over the first bytes of what is freed."""
    assert b"pratu web" in held, "this reads the memory of that process"
    assert secret.encode() not in held and secret.encode()[len(secret) // 2 :] not in held


if os.geteuid() == 0 and not SANITIZED:

    def test_neither_password_nor_code_stays_in_the_web_role(instance):
        one = CITIZENS[0]
        marker = "marker" + secrets.token_hex(12)
        code = "marker" + secrets.token_hex(5)
        with instance.serve() as supervisor:
            agency = Agency(instance, "basic", "basic")
            instance.apply({"clients": [agency.document()], "citizens": [{**one, "password": marker}]})
            session, web = new_session(str(instance.certificate)), web_of(supervisor.pid)
            page = follow(session, get(session, agency.authorize_url()), instance.issuer).page
            answer = fill_password(session, page, Citizen(one["alias"], marker))
            gone(marker, memory(web))
            page = follow(session, answer, instance.issuer).page
            fill_code(session, page, Citizen(one["alias"], marker, sandbox_code=code))
            gone(code, memory(web))
