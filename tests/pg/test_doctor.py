# SPDX-License-Identifier: Apache-2.0
"""`pratu doctor` finds each fault that is planted, and nothing where all is well."""
import json
import os
import re
import subprocess

import pytest
from lib.gateways import Scripted
from lib.instance import ROOT, make_certificate
from lib.isolated import CAN_MOUNT, MOUNTS, left_out
from lib.ports import free_port


def examine(instance, conf=None, faults=None):
    """{check: [(verdict, found)]}; faults: how many there must be, None: any."""
    done = instance.json("doctor", conf=conf, status=None)
    checks = {}
    for line in done["checks"]:
        checks.setdefault(line["check"], []).append((line["verdict"], line["found"]))
        assert line["verdict"] == "ok" or line["todo"], f"no advice for {line}"
    assert faults is None or done["faults"] == faults, checks
    return checks


def found(instance, check, words, verdict="fault", conf=None):
    """That fault is found, and the exit status says so."""
    lines = examine(instance, conf).get(check, [])
    assert any(v == verdict and words in text for v, text in lines), lines
    instance.pratu("doctor", conf=conf, status=1 if verdict == "fault" else None)


def test_all_is_well(vault, tmp_path):
    conf = vault.write_settings(tmp_path / "pratu.conf", mode="production")
    checks = examine(vault, conf, faults=0)
    assert {v for lines in checks.values() for v, _ in lines} == {"ok"}
    assert set(checks) == {"settings", "limits", "disk", "key file", "certificate", "database", "clock", "migrations", "restore", "grants",
                           "partitions", "keys", "vault", "gateways"}  # fmt: skip
    assert "faults: 0" in vault.pratu("doctor", conf=conf).stdout


@pytest.mark.parametrize("unit", ["pratu-web", "pratu"])
def test_the_units_allow_what_max_connections_may_take(vault, unit):
    ((verdict, text),) = examine(vault)["limits"]
    memory_mib, files = map(int, re.search(r"= 10000: .* (\d+) MiB \(MemoryMax\) and (\d+) files", text).groups())
    lines = dict(line.split("=", 1) for line in (ROOT / f"deploy/systemd/{unit}.service").read_text().splitlines()
                 if line.startswith(("MemoryMax=", "LimitNOFILE=")))
    assert memory_mib <= int(lines["MemoryMax"].removesuffix("G")) * 1024
    assert files <= int(lines["LimitNOFILE"])
    assert verdict == "ok"


def test_more_connections_than_memory_is_a_warning(vault, conf):
    found(vault, "limits", "max_connections = 1000000", "warn", conf=conf(max_connections=1000000))


def test_sandbox_is_a_warning(vault):
    found(vault, "settings", "sandbox", "warn")
    vault.pratu("doctor")


def test_gateways(vault, conf, tmp_path):
    absent = f"http://127.0.0.1:{free_port()}/cgi-bin/sendsms"
    found(vault, "gateways", f"{absent} takes no connection", conf=conf(sms_gateways=absent))
    found(vault, "gateways", "smtp://nowhere.invalid takes no", conf=conf(smtp_url="smtp://nowhere.invalid", mail_from="a@b"))
    auth = tmp_path / "sms.auth"
    with Scripted("accept") as gateway:
        path = conf(sms_gateways=gateway.url, sms_auth_file=auth)
        found(vault, "gateways", "No such file", conf=path)
        auth.write_text("pratu secret\n")
        auth.chmod(0o640)
        found(vault, "gateways", "mode 0640", conf=path)
        auth.chmod(0o600)
        examine(vault, path, faults=0)
        assert not gateway.requests, "it was not asked for anything"


@pytest.fixture
def conf(vault, tmp_path):
    """Makes settings with changes."""
    return lambda **changes: vault.write_settings(tmp_path / "pratu.conf", **changes)


def test_named_files_are_looked_at_as_the_role_that_reads_them(vault, conf, tmp_path):
    tmp_path.chmod(0o755)
    seal, listed = tmp_path / "seal.svg", tmp_path / "listed"
    seal.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    listed.write_text("river-market\n")
    both = {"seal_file": seal, "password_blocklist": listed}
    good = examine(vault, conf(**both), faults=0)["files"]
    assert [v for v, _ in good] == ["ok", "ok"] and str(seal) in good[0][1] and str(listed) in good[1][1]
    assert "files" not in examine(vault)
    seal.write_text("GIF89a")
    found(vault, "files", "seal.svg: expected SVG or PNG", conf=conf(**both))
    seal.write_bytes(b"<svg" + b" " * 65536)
    found(vault, "files", "at most 64 KiB", conf=conf(**both))
    listed.unlink()
    found(vault, "files", "listed: No such file", conf=conf(**both))
    found(vault, "files", "at most 64 MiB", conf=conf(password_blocklist=tmp_path))


def test_a_seal_that_the_web_role_may_not_read(vault, conf, tmp_path):
    seal = tmp_path / "seal.svg"
    seal.write_text("<svg/>")
    # Root looks as the web role's user; anybody else as themselves.
    seal.chmod(0o600 if os.geteuid() == 0 else 0)
    found(vault, "files", "seal.svg: Permission denied", conf=conf(seal_file=seal, web_user="nobody"))


def test_settings(vault, conf, tmp_path):
    found(vault, "settings", "line", conf=conf(listn="x"))
    found(vault, "settings", "No such file", conf=tmp_path / "none.conf")


def test_missing_user(vault, conf):
    """Only root gives roles their users; for everyone else the setting means nothing."""
    path = conf(web_user="pratu_nobody_here")
    if os.geteuid() == 0:
        found(vault, "settings", "no user pratu_nobody_here", conf=path)
    else:
        examine(vault, path, faults=0)


def test_password_that_everybody_may_read(vault, conf):
    path = conf(web_database=vault.settings["web_database"] + " password=x")
    path.chmod(0o644)
    found(vault, "settings", "everybody may read it", conf=path)
    path.chmod(0o640)
    examine(vault, path, faults=0)


def test_key_file(vault, conf, tmp_path):
    key = tmp_path / "key"
    path = conf(key_file=key)
    found(vault, "key file", "No such file", conf=path)
    key.write_text("ab" * 32 + "\n")
    key.chmod(0o640)
    found(vault, "key file", "mode 0640", conf=path)
    key.chmod(0o600)
    examine(vault, path, faults=0)
    for text in ("", "ab" * 31, "ab" * 33, "zz" * 32):
        key.write_text(text)
        found(vault, "key file", "64 hexadecimal digits", conf=path)


def test_certificate(vault, conf, tmp_path):
    for name in "abc":
        (tmp_path / name).mkdir()
    good, other = make_certificate(tmp_path / "a"), make_certificate(tmp_path / "b", host="elsewhere.example")
    examine(vault, conf(tls_cert_file=good[0], tls_key_file=good[1]), faults=0)
    found(vault, "certificate", "is not its key", conf=conf(tls_cert_file=good[0], tls_key_file=other[1]))
    found(vault, "certificate", "does not name localhost", conf=conf(tls_cert_file=other[0], tls_key_file=other[1]))
    found(vault, "certificate", "No such file", conf=conf(tls_cert_file="/nowhere", tls_key_file=good[1]))
    found(vault, "certificate", "No such file", conf=conf(tls_cert_file=good[0], tls_key_file="/nowhere"))
    found(vault, "certificate", "none in PEM", conf=conf(tls_cert_file="/dev/null", tls_key_file=good[1]))
    soon = make_certificate(tmp_path / "c", days="13")
    found(vault, "certificate", "expires in 1", conf=conf(tls_cert_file=soon[0], tls_key_file=soon[1]))
    encrypted = tmp_path / "encrypted.pem"
    subprocess.run(["openssl", "pkcs8", "-topk8", "-in", good[1], "-out", encrypted, "-passout", "pass:x"], check=True)
    found(vault, "certificate", "none in PEM", conf=conf(tls_cert_file=good[0], tls_key_file=encrypted))


def test_certificate_that_has_expired(vault, conf, tmp_path):
    request, certificate = tmp_path / "request.pem", tmp_path / "old.pem"
    subprocess.run(["openssl", "req", "-new", "-key", vault.key, "-subj", "/CN=localhost", "-out", request], check=True)
    (tmp_path / "index").write_text("")
    (tmp_path / "ca.cnf").write_text(
        f"[ca]\ndefault_ca=d\n[d]\ndatabase={tmp_path}/index\nserial={tmp_path}/serial\nnew_certs_dir={tmp_path}\n"
        "default_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n")  # fmt: skip
    (tmp_path / "serial").write_text("01\n")
    subprocess.run(
        ["openssl", "ca", "-batch", "-selfsign", "-config", tmp_path / "ca.cnf", "-keyfile", vault.key, "-in", request,
         "-out", certificate, "-notext", "-startdate", "20200101000000Z", "-enddate", "20200201000000Z"],
        check=True, capture_output=True)  # fmt: skip
    found(vault, "certificate", "has expired", conf=conf(tls_cert_file=certificate, tls_key_file=vault.key))


@pytest.mark.parametrize("role", ["web", "vault", "courier", "admin"])
def test_database_role(vault, conf, role):
    key = f"{role}_database"
    found(vault, "database", key, conf=conf(**{key: "host=/nowhere"}))
    wrong = vault.settings[key].replace(f"pratu_{role}", "postgres")
    found(vault, "database", f"expected to be pratu_{role}, and is postgres", conf=conf(**{key: wrong}))


def test_durability(vault):
    vault.sql(f"ALTER ROLE pratu_admin IN DATABASE {vault.name} SET synchronous_commit = off")
    try:
        found(vault, "database", "synchronous_commit is off")
    finally:
        vault.sql(f"ALTER ROLE pratu_admin IN DATABASE {vault.name} RESET synchronous_commit")


# What is done to the database, what is reported, and how it is undone.
GRANTS = [
    ("REVOKE SELECT ON idp.client FROM pratu_web", "pratu_web lacks SELECT on idp.client",
     "GRANT SELECT ON idp.client TO pratu_web"),
    ("REVOKE INSERT ON record.event FROM pratu_vault", "pratu_vault lacks INSERT on record.event",
     "GRANT INSERT (kind, outcome, reason, subject_id, actor_id, session_id, authentication_id, grant_id, client_id, jti, scope, factor,"
     " login_hash, acr, amr, address, device, user_agent, correlation_id, n, detail) ON record.event TO pratu_vault"),
    ("GRANT INSERT (at) ON record.event TO pratu_web", "pratu_web can set record.event.at",
     "REVOKE INSERT (at) ON record.event FROM pratu_web"),
    ("GRANT UPDATE (ended_at) ON idp.session TO pratu_web", "pratu_web can set idp.session.ended_at",
     "REVOKE UPDATE (ended_at) ON idp.session FROM pratu_web"),
    ("ALTER TABLE idp.authz_grant DISABLE TRIGGER revoked_stays_revoked",
     "idp.authz_grant lacks the trigger that keeps what was ended", "ALTER TABLE idp.authz_grant ENABLE TRIGGER revoked_stays_revoked"),
    ("REVOKE EXECUTE ON FUNCTION idp.housekeep() FROM pratu_web", "pratu_web may not call idp.housekeep()",
     "GRANT EXECUTE ON FUNCTION idp.housekeep() TO pratu_web"),
    ("GRANT SELECT (hash) ON vault.password TO pratu_web", "pratu_web can read vault.password.hash",
     "REVOKE SELECT (hash) ON vault.password FROM pratu_web"),
    ("GRANT SELECT (secret) ON vault.factor TO pratu_admin", "pratu_admin can read vault.factor.secret",
     "REVOKE SELECT (secret) ON vault.factor FROM pratu_admin"),
    ("GRANT SELECT ON vault.device TO PUBLIC", "pratu_web reaches vault.device",
     "REVOKE SELECT ON vault.device FROM PUBLIC"),
    ("GRANT SELECT (claims) ON idp.citizen TO pratu_courier", "pratu_courier reaches idp.citizen",
     "REVOKE SELECT (claims) ON idp.citizen FROM pratu_courier"),
    ("GRANT SELECT ON vault.device TO pratu_courier", "pratu_courier reaches vault.device",
     "REVOKE SELECT ON vault.device FROM pratu_courier"),
    ("GRANT SELECT (sealed) ON courier.message TO pratu_vault", "pratu_vault can read courier.message.sealed",
     "REVOKE SELECT (sealed) ON courier.message FROM pratu_vault"),
    ("GRANT DELETE ON record.event TO pratu_vault", "pratu_vault can change or remove rows of record.event",
     "REVOKE DELETE ON record.event FROM pratu_vault"),
    ("GRANT UPDATE (detail) ON record.event_default TO pratu_web",
     "pratu_web can change or remove rows of record.event_default",
     "REVOKE UPDATE (detail) ON record.event_default FROM pratu_web"),
    ("ALTER TABLE record.event_default DISABLE TRIGGER append_only", "record.event_default lacks the trigger",
     "ALTER TABLE record.event_default ENABLE TRIGGER append_only"),
    ("GRANT UPDATE (locked) ON idp.citizen TO pratu_web", "pratu_web can change idp.citizen",
     "REVOKE UPDATE (locked) ON idp.citizen FROM pratu_web"),
    ("GRANT CREATE ON SCHEMA public TO pratu_web", "pratu_web may make objects in schema public",
     "REVOKE CREATE ON SCHEMA public FROM pratu_web"),
    ("ALTER ROLE pratu_web CREATEROLE", "pratu_web is a superuser, or may make roles", "ALTER ROLE pratu_web NOCREATEROLE"),
    ("GRANT pratu_vault TO pratu_web", "pratu_web is a member of pratu_vault", "REVOKE pratu_vault FROM pratu_web"),
    ("ALTER TABLE idp.consent OWNER TO postgres", "idp.consent belongs to postgres",
     "ALTER TABLE idp.consent OWNER TO pratu_owner"),
    ("ALTER ROLE pratu_owner LOGIN", "pratu_owner may log in", "ALTER ROLE pratu_owner NOLOGIN"),
]  # fmt: skip


@pytest.mark.parametrize("plant, words, undo", GRANTS, ids=[g[1] for g in GRANTS])
def test_grants(vault, plant, words, undo):
    vault.sql(plant)
    try:
        found(vault, "grants", words)
    finally:
        vault.sql(undo)
    assert examine(vault)["grants"] == [("ok", "each role has what it needs, no more")]


def test_migrations(instances):
    one = instances("doctor_migrations")
    one.init()
    with one.cluster.connect("postgres") as db:  # the roles are the cluster's, the right to connect is the database's
        db.execute(f'REVOKE CONNECT ON DATABASE "{one.name}" FROM PUBLIC')
    checks = examine(one)
    assert "database" not in checks, "one fault, not one for each role that does not exist yet"
    ((verdict, text),) = checks["migrations"]
    assert verdict == "fault" and text.startswith("the database is new")
    one.migrate("--to", "5")
    found(one, "migrations", "not applied")
    one.migrate()
    assert examine(one)["migrations"][0][0] == "ok"
    one.sql("UPDATE idp.migration SET sha256 = ''  WHERE version = 2")
    found(one, "migrations", "is not the file that was applied")


@pytest.mark.parametrize("off, verdict", [("0 seconds", "ok"), ("5 seconds", "warn"), ("-40 seconds", "fault"), ("2 days", "fault")])
def test_clock(vault, off, verdict):
    """The database of one role has another time: its clock_timestamp() is found before PostgreSQL's."""
    vault.sql("CREATE SCHEMA other_clock")
    vault.sql("CREATE FUNCTION other_clock.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS"
              f" $$ SELECT pg_catalog.clock_timestamp() + interval '{off}' $$")  # fmt: skip
    vault.sql("GRANT USAGE ON SCHEMA other_clock TO pratu_admin")
    vault.sql(f"ALTER ROLE pratu_admin IN DATABASE {vault.name} SET search_path = other_clock, pg_catalog")
    try:
        ((told, text),) = examine(vault)["clock"]
        assert told == verdict and (verdict == "ok" or "s apart" in text)
    finally:
        vault.sql(f"ALTER ROLE pratu_admin IN DATABASE {vault.name} RESET search_path")
        vault.sql("DROP SCHEMA other_clock CASCADE")


def disk(instance, directory, fill, conf=None):
    """What doctor finds of the disks where this directory is a file system of 100 MiB of its own, with so much in it."""
    script = ('mount -t tmpfs -o size=100m tmpfs "$1" && head -c "$2" /dev/zero >"$1/fill" && cp "$3" "$1/pratu.conf" &&'
              ' shift 3 && exec "$@"')  # fmt: skip
    conf = conf or instance.conf
    done = subprocess.run(
        [*MOUNTS, "sh", "-c", script, "sh", directory, str(fill), instance.conf,
         instance.binary, "doctor", "--json", "--config", conf],
        capture_output=True, text=True)  # fmt: skip
    assert done.stdout, done.stderr
    lines = [line for line in json.loads(done.stdout)["checks"] if line["check"] == "disk"]
    return [(line["verdict"], line["found"]) for line in lines if line["found"].startswith(str(directory))]


if not CAN_MOUNT:
    left_out("what pratu doctor finds of a disk that is nearly full")
else:

    def test_disk_of_the_settings(vault, tmp_path):
        conf = tmp_path / "pratu.conf"
        for used_mib, verdict in ((85, "ok"), (92, "warn"), (97, "fault"), (99, "fault")):
            ((told, text),) = disk(vault, tmp_path, used_mib << 20, conf)
            assert told == verdict and f"{99 - used_mib} of 100 MiB are free" in text

    def test_disk_of_the_database(vault):
        ((directory,),) = vault.sql("SHOW data_directory")
        assert [v for v, _ in disk(vault, directory, 0)] == ["ok"]
        assert [v for v, _ in disk(vault, directory, 98 << 20)] == ["fault"]


def test_disk_of_a_database_that_cannot_be_seen(vault, conf):
    lines = examine(vault, conf(owner_database="host=/nowhere"))["disk"]
    assert ("ok", "the database's disk cannot be seen from here; watch it where it is") in lines


def test_partitions(instances):
    one = instances("doctor_partitions")
    one.init()
    one.migrate()
    assert [v for v, _ in examine(one)["partitions"]] == ["ok"]
    one.sql("UPDATE idp.partition_policy SET ahead = '3 days' WHERE table_name = 'code'")
    found(one, "partitions", "idp.code has partitions only until", "warn")
    names = one.sql("SELECT name FROM idp.partition WHERE table_name = 'code' AND from_at IS NOT NULL")
    for (name,) in names:
        one.sql(f"DROP TABLE idp.{name}")
    found(one, "partitions", "idp.code has no partition for today")
    one.migrate()
    assert [v for v, _ in examine(one)["partitions"]] == ["ok"]
    one.sql("INSERT INTO record.event (kind, outcome, at) VALUES ('x', 'ok', '2001-01-01')")
    found(one, "partitions", "record.event has rows in its DEFAULT partition", "warn")


def test_signing_keys(vault):
    vault.sql("UPDATE vault.signing_key SET active_from = now() + interval '1 day' WHERE alg = 'PS256'")
    found(vault, "keys", "no key signs PS256")
    vault.sql("UPDATE vault.signing_key SET active_from = now() - interval '500 days' WHERE alg = 'PS256'")
    found(vault, "keys", "the key that signs PS256 is 500 days old", "warn")
    vault.sql("UPDATE vault.signing_key SET active_from = created_at WHERE alg = 'PS256'")


def test_vault_away(vault, conf):
    found(vault, "vault", "no answer on /nowhere/admin.sock", conf=conf(vault_socket_dir="/nowhere"))


def test_it_speaks_to_people(vault, conf):
    text = vault.pratu("doctor", conf=conf(vault_socket_dir="/nowhere"), status=1).stdout
    assert "fault  vault" in text and "-> start it" in text and "faults: 1" in text


def test_through_the_eyes_of_the_roles(vault, conf):
    """Root may read and reach everything; what counts is whether the role's own user can."""
    users = {"web_user": "daemon", "vault_user": "nobody", "courier_user": "daemon"}  # the tests' cluster lets these two be Pratu's roles
    if os.geteuid() != 0 or not all(p.stat().st_mode & 0o001 for p in vault.conf.parents):
        examine(vault, conf(**users))
        return
    mode = vault.key.stat().st_mode
    vault.key.chmod(0o644)
    try:
        vault.sql("SELECT 1")
        checks = examine(vault, conf(**users))
        assert [v for v, _ in checks["database"]] == ["ok"] * 4
        assert [v for v, _ in checks["certificate"]] == ["ok"]
        found(vault, "database", "web_database", conf=conf(**{**users, "web_user": "bin"}))
        vault.key.chmod(0o600)
        found(vault, "certificate", "the web role may not read", conf=conf(**users))
    finally:
        vault.key.chmod(mode)
