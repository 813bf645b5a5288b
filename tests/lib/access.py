# SPDX-License-Identifier: Apache-2.0
"""Rows of citizens, sessions, grants, codes and refresh tokens, put into the database as the web role stores them."""
import hashlib
import secrets
import time
import uuid

REDIRECT = "https://rp.example/cb"
SCOPE = "openid email offline_access"
DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def now_ms():
    return time.time_ns() // 1_000_000


def handle(ms=None):
    """As idp/base/handle.c makes it: eight characters of time, 256 random bits."""
    ms = ms or now_ms()
    return "".join(DIGITS[ms >> (6 * i) & 63] for i in reversed(range(8))) + secrets.token_urlsafe(32)


def uuid7(ms=None):
    value = (ms or now_ms()) << 80 | 7 << 76 | secrets.randbits(12) << 64 | 2 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=value))


def sha256(text):
    return hashlib.sha256(text.encode()).digest()


def signed_in(db, citizen_id, client_id="tax", offline=(True,), sub=None, user_agent="test"):
    """A session of a citizen, with a grant to the client for each of offline: the ids of the session and of the grants."""
    ms = now_ms()
    session_id, authentication_id = uuid7(ms), uuid7(ms)
    db.execute(
        "INSERT INTO idp.session (session_id, token_hash, subject_id, actor_id, authentication_id, ticket, acr, amr,"
        " auth_time, created_at, expires_at, user_agent) VALUES (%s, %s, %s, %s, %s, 'ticket', 'urn:pratu:loa:2', '{pwd,otp}',"
        " now(), idp.at_ms(%s), now() + interval '1 hour', %s)",
        [session_id, secrets.token_bytes(32), citizen_id, citizen_id, authentication_id, ms, user_agent])  # fmt: skip
    grants = [uuid7(ms) for _ in offline]
    for grant_id, is_offline in zip(grants, offline):
        db.execute(
            "INSERT INTO idp.authz_grant (grant_id, client_id, subject_id, actor_id, session_id, session_created_at,"
            " authentication_id, sub, scope, ticket, offline, created_at, expires_at) VALUES (%s, %s, %s, %s, %s,"
            " idp.at_ms(%s), %s, %s, 'openid', 'x', %s, idp.at_ms(%s), now() + interval '1 day')",
            [grant_id, client_id, citizen_id, citizen_id, session_id, ms, authentication_id, sub or str(uuid.uuid4()),
             is_offline, ms])  # fmt: skip
    return session_id, grants


class Access:
    """A citizen with a session at one client, and a grant in it. db: a connection that may write all of it."""

    def __init__(self, db, offline=False, claims="{}", age_ms=0, scope=SCOPE):
        self.db, self.ms = db, now_ms() - age_ms
        self.client_id = "rp-" + secrets.token_hex(4)
        self.citizen_id, self.authentication_id = str(uuid.uuid4()), uuid7(self.ms)
        self.session_id, self.grant_id = uuid7(self.ms), uuid7(self.ms)
        ((self.version,),) = db.execute(
            "INSERT INTO idp.client (client_id, metadata, sector) VALUES (%s, '{}', 'rp.example') RETURNING version",
            [self.client_id])  # fmt: skip
        db.execute("INSERT INTO idp.citizen (citizen_id, claims, credentials_at) VALUES (%s, %s, '-infinity')",
                   [self.citizen_id, '{"email": "a@example.th"}'])  # fmt: skip
        db.execute(
            "INSERT INTO idp.session (session_id, token_hash, subject_id, actor_id, authentication_id, ticket, acr, amr,"
            " auth_time, created_at, expires_at) VALUES (%s, %s, %s, %s, %s, 'ticket', 'urn:pratu:loa:2', '{pwd,otp}',"
            " now(), idp.at_ms(%s), now() + interval '1 hour')",
            [self.session_id, secrets.token_bytes(32), self.citizen_id, self.citizen_id, self.authentication_id, self.ms])
        db.execute(
            "INSERT INTO idp.authz_grant (grant_id, client_id, subject_id, actor_id, session_id, session_created_at,"
            " authentication_id, sub, scope, claims, ticket, offline, created_at, expires_at) VALUES (%s, %s, %s, %s, %s,"
            " idp.at_ms(%s), %s, 'sub', %s, %s, 'grant ticket', %s, idp.at_ms(%s), now() + interval '1 hour')",
            [self.grant_id, self.client_id, self.citizen_id, self.citizen_id, self.session_id, self.ms,
             self.authentication_id, scope, claims, offline, self.ms])  # fmt: skip

    def code(self, challenge=None, nonce="n"):
        made = handle()
        self.db.execute(
            "INSERT INTO idp.code (code_hash, grant_id, grant_created_at, client_id, redirect_uri, code_challenge, nonce,"
            " created_at, expires_at) VALUES (%s, %s, idp.at_ms(%s), %s, %s, %s, %s, idp.at_ms(%s), now() + interval '1 minute')",
            [sha256(made), self.grant_id, self.ms, self.client_id, REDIRECT, challenge, nonce, time_of(made)])
        return made

    def refresh_token(self):
        made = handle()
        self.db.execute(
            "INSERT INTO idp.refresh_token (token_hash, grant_id, grant_created_at, client_id, created_at, expires_at)"
            " VALUES (%s, %s, idp.at_ms(%s), %s, idp.at_ms(%s), now() + interval '1 hour')",
            [sha256(made), self.grant_id, self.ms, self.client_id, time_of(made)])
        return made

    # ---------------------------------------------------------------- arguments of the statements

    def about(self, name, value):
        ms = time_of(value)
        return {name: sha256(value), "from_ms": ms, "until_ms": ms + 1}

    def redeem(self, code, refresh=None, **change):
        return {
            **self.about("code_hash", code), "client_id": self.client_id, "client_version": self.version,
            "redirect_uri": REDIRECT, "scopes": SCOPE.split(), "session_idle_s": 1800, "session_absolute_s": 43200,
            "refresh_hash": refresh and sha256(refresh), "refresh_ms": time_of(refresh) if refresh else 0,
            "refresh_ttl_s": 3600, "jti": uuid7(), "correlation_id": code[-8:], **change,
        }  # fmt: skip

    def renew(self, token, **change):
        return {
            **self.about("token_hash", token), "client_id": self.client_id, "client_version": self.version,
            "scopes": SCOPE.split(), "jti": uuid7(), "correlation_id": token[-8:], **change,
        }  # fmt: skip

    def rotate(self, token, fresh, **change):
        return {
            **self.renew(token), "refresh_hash": sha256(fresh), "refresh_ms": time_of(fresh), "refresh_ttl_s": 3600,
            **change,
        }  # fmt: skip

    def find(self, **of):
        (name, value), = of.items()
        about = {"grant_id": value, "from_ms": self.ms, "until_ms": self.ms + 1} if name == "grant_id" else self.about(name, value)
        return {**about, "client_id": self.client_id, "session_idle_s": 1800, "session_absolute_s": 43200}

    def userinfo(self, **change):
        return {
            "grant_id": self.grant_id, "from_ms": self.ms, "until_ms": self.ms + 1, "client_id": self.client_id,
            "session_idle_s": 1800, "session_absolute_s": 43200, "jti": uuid7(), "scope": "openid", **change,
        }  # fmt: skip


def time_of(value):
    ms = 0
    for c in value[:8]:
        ms = ms << 6 | DIGITS.index(c)
    return ms


def session_of(access):
    """How a statement looks its session up, and which client it is for."""
    return {"session_id": access.session_id, "session_from_ms": access.ms, "session_until_ms": access.ms + 1, "idle_s": 1800,
            "client_id": access.client_id, "client_version": access.version}  # fmt: skip


def issue_job(access, grant_id=None, **change):
    """Of web/code_issue: a code in the session of access."""
    grant_id = grant_id or uuid7()
    ms = int(grant_id.replace("-", "")[:12], 16)
    ((created,),) = access.db.execute("SELECT created_at FROM idp.session WHERE session_id = %s", [access.session_id]).fetchall()
    return {**session_of(access), "session_created_at": created, "grant_id": grant_id, "grant_ms": ms, "sub": "s",
            "scope": "openid", "claims": "{}", "ticket": "granted", "offline": False, "expires_at_s": ms // 1000 + 3600,
            "code_hash": secrets.token_bytes(32), "code_ms": ms, "code_ttl_s": 60, "redirect_uri": "https://rp.example/cb",
            "consented": False, "consent_claims": "[]", "correlation_id": "c", **change}  # fmt: skip
