# SPDX-License-Identifier: Apache-2.0
"""The command line's manners: help, usage, exit statuses, `pratu init`."""
import json
import os
import pathlib
import stat
import subprocess

import pytest

COMMANDS = (
    "init", "migrate", "serve", "web", "vault", "apply", "client list", "client show", "citizen list",
    "citizen show", "citizen lock", "citizen unlock", "keys list", "keys rotate", "records list",
    "records expire", "doctor", "version",
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(instance, command):
    text = instance.pratu(*command.split(), "--help").stdout
    assert text.startswith(f"usage: pratu {command}")
    for word in ("--config FILE", "--json", "exit status", "3  the database or the vault is away"):
        assert word in text
    assert max(map(len, text.splitlines())) <= 110


def test_help_lists_every_command(instance):
    text = subprocess.run([instance.binary, "--help"], capture_output=True, text=True, check=True).stdout
    for command in COMMANDS:
        assert f"\n  {command}" in text


@pytest.mark.parametrize("arguments, word", [
    (["frobnicate"], "unknown command frobnicate"),
    (["citizen"], "citizen lock"),
    (["citizen", "lick", "x"], "citizen lock"),
    (["citizen", "lock"], "expected WHO"),
    (["citizen", "lock", "a", "b"], "one argument too many: b"),
    (["migrate", "--frob"], "unknown option --frob"),
    (["migrate", "--to"], "--to"),
    (["migrate", "--to", "x"], "expected a number from 0"),
    (["migrate", "--status=yes"], "--status takes no value"),
    (["migrate", "--status", "--status"], "given twice"),
    (["keys", "rotate", "--alg", "HS256"], "expected ES256|RS256|PS256, received HS256"),
    (["migrate", "--sta", "--frob"], "unknown option --frob"),
    (["records", "list", "--s", "1h"], "ambiguous option --s"),
    (["migrate", "-x"], "unknown option -x"),
    (["migrate", "--", "--status"], "one argument too many: --status"),
    (["records", "list", "--kind", "signin"], "--kind: expected one of access_end apply authorize"),
    (["records", "list", "--kind", ""], "--kind: expected one of access_end apply authorize"),
    (["records", "list", "--outcome", "bad"], "expected ok|refused|failed|abandoned|sent|delivered|unknown, received bad"),
    (["records", "list", "--outcome", "ok|refused"], "expected ok|refused|failed|abandoned|sent|delivered|unknown, received"),
    (["records", "list", "--outcome", "o"], "expected ok|refused|failed|abandoned|sent|delivered|unknown, received o"),
    (["init", "--issuer", "https://a.example", "--mode", "test"], "expected production|sandbox, received test"),
    (["citizen", "lock", "x", "--reason", ""], "--reason: expected 1 to 500 bytes"),
    (["citizen", "unlock", "x", "--reason", "r" * 501], "received 501 bytes"),
    (["records", "list", "--since", "yesterday"], "expected 2026-11-20"),
    (["records", "list", "--since", "2026-02-30"], "expected 2026-11-20"),
    (["records", "list", "--since", "2026-01-01T25:00:00Z"], "expected 2026-11-20"),
    (["records", "list", "--limit", "0"], "expected a number from 1"),
    (["records", "list", "--session", "x"], "expected an id"),
    (["citizen", "list", "--after", "x"], "expected a citizen_id"),
])  # fmt: skip
def test_usage_is_2_and_said(instance, arguments, word):
    done = instance.pratu(*arguments, status=2)
    assert word in done.stderr + done.stdout


def test_help_of_a_command_of_a_group_and_of_nothing_there_is(instance):
    assert instance.pratu("help", "citizen", "lock").stdout == instance.pratu("citizen", "lock", "--help").stdout
    assert "citizen unlock" in instance.pratu("help", "citizen").stdout
    assert "unknown command frob" in instance.pratu("help", "frob", status=2).stderr


def test_nothing_at_all_is_usage(instance):
    done = subprocess.run([instance.binary], capture_output=True, text=True)
    assert done.returncode == 2 and "usage: pratu" in done.stderr and done.stdout == ""


def test_version(instance):
    version = instance.json("version")["version"]
    assert instance.pratu("version").stdout == f"pratu {version}\n"


def test_option_before_the_command_and_joined(instance):
    done = subprocess.run(
        [instance.binary, f"--config={instance.conf}", "--json", "client", "list"], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "[]\n")


def test_options_before_between_and_after_the_arguments(instance):
    for words in (["--limit=1", "--outcome", "ok"], ["--limi", "1", "--outcome=ok"]):
        assert instance.pratu("records", "list", *words).stdout.startswith("AT")
    assert "usage: pratu records list" in instance.pratu("records", "list", "-h").stdout


def test_config_from_the_environment(instance):
    done = subprocess.run([instance.binary, "client", "list", "--json"], capture_output=True, text=True,
                          env={**os.environ, "PRATU_CONFIG": str(instance.conf)})  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "[]\n")


def test_settings_fault_names_its_line(instance, tmp_path):
    conf = tmp_path / "bad.conf"
    conf.write_text("issuer = https://localhost\nisuer = x\n")
    done = instance.pratu("client", "list", "--json", conf=conf, status=1)
    assert "line 2" in done.stderr and "isuer" in done.stderr
    assert "line 2" in json.loads(done.stdout)["error"]


def test_database_away_is_3(instance, tmp_path):
    conf = instance.write_settings(tmp_path / "away.conf", admin_database="host=/nowhere user=x")
    assert "the database is away" in instance.pratu("client", "list", conf=conf, status=3).stderr


def test_vault_away_is_3(instance):
    assert "the vault is away" in instance.pratu("citizen", "show", "somchai", status=3).stderr
    assert "the vault is away" in instance.pratu("keys", "rotate", status=3).stderr


def test_output_that_cannot_be_written_is_a_failure(instance):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [instance.binary, "client", "list", "--config", instance.conf], stdout=full, stderr=subprocess.PIPE
        )
    assert done.returncode == 1


# ---------------------------------------------------------------- init


ISSUER = ("--issuer", "https://idp.example")


def init(instance, conf, *arguments, status=0):
    return instance.pratu("init", *arguments, conf=conf, status=status)


def test_init_makes_what_is_missing(instance, tmp_path):
    conf = tmp_path / "deep" / "etc" / "pratu.conf"
    printed = init(instance, conf, "--issuer", "https://idp.example:8443", "--mode", "sandbox").stdout
    assert printed.count("made") == 3 and "next:" in printed
    key = conf.parent / "key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert len(bytes.fromhex(key.read_text().strip())) == 32
    assert (conf.parent / "sockets").is_dir()
    assert not stat.S_IMODE((conf.parent / "sockets").stat().st_mode) & 0o007
    lines = conf.read_text().splitlines()
    assert "issuer = https://idp.example:8443" in lines and "mode = sandbox" in lines
    assert sorted(p.name for p in conf.parent.iterdir()) == ["key", "pratu.conf", "sockets"]


def test_init_without_an_issuer_is_an_error(instance, tmp_path):
    conf = tmp_path / "etc" / "pratu.conf"
    for more in ([], ["--mode", "sandbox"]):
        assert "expected --issuer https://HOST" in init(instance, conf, *more, status=2).stderr
    assert list(tmp_path.iterdir()) == []


def test_init_changes_no_settings_that_are_there(instance, tmp_path):
    conf = tmp_path / "pratu.conf"
    conf.write_text("issuer = https://one.example\n")
    for more in (["--issuer", "https://two.example"], ["--issuer", "https://one.example"], ["--mode", "sandbox"]):
        assert "exists and is not changed" in init(instance, conf, *more, status=1).stderr
    assert [p.name for p in tmp_path.iterdir()] == ["pratu.conf"]
    assert conf.read_text() == "issuer = https://one.example\n"


def test_init_again_changes_nothing(instance, tmp_path):
    conf = tmp_path / "pratu.conf"
    init(instance, conf, *ISSUER)
    before = {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in (conf, tmp_path / "key")}
    answer = json.loads(init(instance, conf, "--json").stdout)
    assert set(answer.values()) == {"kept"}
    assert {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in before} == before


def test_two_keys_differ(instance, tmp_path):
    for name in ("a", "b"):
        init(instance, tmp_path / name / "pratu.conf", *ISSUER)
    assert (tmp_path / "a" / "key").read_text() != (tmp_path / "b" / "key").read_text()


def test_init_refuses_a_bad_value_and_leaves_no_file(instance, tmp_path):
    conf = tmp_path / "pratu.conf"
    done = init(instance, conf, "--issuer", "http://plain.example", status=1)
    assert "issuer" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_init_says_where_it_may_not_write(instance):
    done = instance.pratu("init", *ISSUER, conf=pathlib.Path("/proc/nowhere/pratu.conf"), status=1)
    assert "/proc/nowhere" in done.stderr
