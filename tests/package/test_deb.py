# SPDX-License-Identifier: Apache-2.0
"""The package: lintian, its units, its completion; installed, upgraded, removed and purged in a clean Debian."""
import os
import shutil
import subprocess
import textwrap

import pytest
from conftest import run
from lib.isolated import CAN_INSTALL

UNITS = ("pratu.service", "pratu.socket", "pratu-vault.service", "pratu-web.service", "pratu-web.socket", "pratu-courier.service", "pratu-records.service",
         "pratu-records.timer", "pratu-backup.service", "pratu-backup.timer")  # fmt: skip


@pytest.fixture(scope="session")
def tree(deb, tmp_path_factory):
    """What is in it."""
    place = tmp_path_factory.mktemp("deb") / "tree"
    run("dpkg-deb", "-x", deb, place)
    return place


def test_lintian_finds_nothing(deb):
    done = subprocess.run(["lintian", "--allow-root", "--no-cfg", "--display-info", "--fail-on", "error,warning,info",
                           *deb.parent.glob("*.deb")], capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_package_has_the_program_that_the_tests_run(deb, tree):
    version = run(tree / "usr/bin/pratu", "version").split()[1]
    assert run("dpkg-deb", "-f", deb, "Version").strip() == version


def test_systemd_verifies_the_units(tree, tmp_path):
    """In a tree with systemd's own units beside ours."""
    root = tmp_path / "root"
    shutil.copytree(tree, root, symlinks=True)
    shutil.copytree("/lib/systemd/system", root / "lib/systemd/system", symlinks=True, dirs_exist_ok=True)
    (root / "bin").mkdir()
    shutil.copy("/bin/sh", root / "bin/sh")
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", f"--root={root}",
                           *(f"/lib/systemd/system/{u}" for u in UNITS)], capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0 and "pratu" not in done.stderr, done.stderr
    broken = root / "lib/systemd/system/pratu-web.service"
    broken.write_text(broken.read_text().replace("ExecStart=/usr/bin/pratu", "ExecStart=pratuu", 1))
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", f"--root={root}",
                           "/lib/systemd/system/pratu-web.service"], capture_output=True, text=True)  # fmt: skip
    assert done.returncode != 0 or "pratu" in done.stderr, "this check sees a unit that is broken"


@pytest.mark.parametrize("unit", [u for u in UNITS if u.endswith(".service")])
def test_each_unit_is_bounded_and_its_files_are_there(tree, unit):
    lines = (tree / "lib/systemd/system" / unit).read_text().splitlines()
    values = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    assert values["MemoryMax"].endswith(("G", "M")) and values["NoNewPrivileges"] == "yes"
    assert not any("/usr/local" in line for line in lines)
    for line in lines:
        if line.startswith("ExecStart="):
            assert (tree / line.removeprefix("ExecStart=/").split()[0]).exists()
    for word in values["Documentation"].split():
        if word.startswith("file:/"):
            assert (tree / word.removeprefix("file:/")).exists()


def lines_of(tree, unit):
    """Of each key all values, in order."""
    found = {}
    for line in (tree / "lib/systemd/system" / unit).read_text().splitlines():
        if "=" in line and not line.startswith("#"):
            key, value = line.split("=", 1)
            found.setdefault(key, []).extend(value.split())
    return found


@pytest.mark.parametrize("name", ["pratu", "pratu-web"])
def test_a_socket_outlives_its_service(tree, name):
    """It is at the address that the settings have by default, under the name by which the role asks for it, comes with the service,
    and is as closed to the network as that is."""
    listening, service = lines_of(tree, f"{name}.socket"), lines_of(tree, f"{name}.service")
    sample = (tree / "usr/share/doc/pratu/pratu.conf.sample").read_text()
    assert f"#listen = {listening['ListenStream'][0]}\n" in sample and listening["FileDescriptorName"] == ["web"]
    assert f"{name}.socket" in service["Requires"] and f"{name}.socket" in service["After"] and service["Also"] == [f"{name}.socket"]
    assert listening["IPAddressDeny"] == service["IPAddressDeny"] == ["any"]
    assert listening["IPAddressAllow"] == service["IPAddressAllow"] == ["localhost"]


def test_a_restart_of_both_ends_web_first_and_starts_it_last(tree):
    """systemd stops in the reverse of the order in which it starts."""
    assert "pratu-vault.service" in lines_of(tree, "pratu-web.service")["After"]
    assert not any("pratu-web" in one for one in lines_of(tree, "pratu-vault.service")["After"])


@pytest.mark.parametrize("unit", ["pratu.service", "pratu-web.service", "pratu-vault.service"])
def test_each_role_can_be_reloaded(tree, unit):
    assert lines_of(tree, unit)["ExecReload"] == ["/bin/sh", "-c", "'kill", "-HUP", "$MAINPID'"]


def test_the_manual_page_has_every_command(tree):
    text = run("man", "-l", "--warnings", "-E", "UTF-8", tree / "usr/share/man/man8/pratu.8.gz", env={**os.environ, "MANWIDTH": "100"})
    text = " ".join(text.split())
    listed = [line.strip().split("  ")[0] for line in run(tree / "usr/bin/pratu", "--help").splitlines() if line.startswith("  ")]
    assert len(listed) > 15
    for name in listed:
        assert f"pratu {name}" in text.replace("‐", "-")
    assert "--reason TEXT" in text and "3 the database or the vault is away" in text


@pytest.mark.parametrize("typed, offered", [
    (["pratu", ""], {"init", "citizen", "doctor", "help"}),
    (["pratu", "cit"], {"citizen"}),
    (["pratu", "citizen", "l"], {"list", "lock"}),
    (["pratu", "citizen", "lock", "somchai", "--r"], {"--reason"}),
    (["pratu", "--config", "x", "records", "list", "--out"], {"--outcome"}),
    (["pratu", "records", "list", "--outcome", ""], {"ok", "refused", "failed", "abandoned"}),
    (["pratu", "records", "list", "--kind", "sign"], {"sign_in"}),
    (["pratu", "keys", "rotate", "--alg", "E"], {"ES256"}),
])  # fmt: skip
def test_bash_completes(tree, typed, offered):
    script = tree / "usr/share/bash-completion/completions/pratu"
    run("shellcheck", script)
    printed = run("bash", "-c", f'. "{script}"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _pratu; printf "%s\\n" "${{COMPREPLY[@]}}"',
               "bash", *typed).split()  # fmt: skip
    assert offered <= set(printed) and (len(typed[-1]) == 0 or len(printed) == len(offered))


def in_clean_debian(base, deb, script):
    """Run a script as root in a copy of the base that is gone afterwards: an overlay in a mount namespace. Without network."""
    around = textwrap.dedent("""
        set -eu
        mount -t tmpfs tmpfs /mnt
        mkdir /mnt/upper /mnt/work /mnt/debian
        mount -t overlay overlay -o "lowerdir=$1,upperdir=/mnt/upper,workdir=/mnt/work" /mnt/debian
        mount --rbind /dev /mnt/debian/dev
        mount -t proc proc /mnt/debian/proc
        mkdir /mnt/debian/debs
        cp "$2" /mnt/debian/debs/pratu.deb
        exec chroot /mnt/debian sh -euxc "$3"
    """)
    done = subprocess.run(["unshare", "-m", "-n", "-p", "-u", "--fork", "sh", "-c", around, "sh", base, deb, script],
                          capture_output=True, text=True, stdin=subprocess.DEVNULL, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
                                                                                        "DEBIAN_FRONTEND": "noninteractive"})  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


if CAN_INSTALL:
    # A package of a later version, without another build.
    NEXT = """
        dpkg-deb -R /debs/pratu.deb /debs/next
        sed -i 's/^Version: .*/&+next/' /debs/next/DEBIAN/control
        dpkg-deb --root-owner-group -b /debs/next /debs/next.deb
    """

    def test_installs_and_runs(base, deb):
        printed = in_clean_debian(base, deb, """
            dpkg -i /debs/pratu.deb
            pratu version
            pratu --help >/dev/null
            id -nG pratu_web; id -nG pratu_vault; id -nG pratu_courier; id -nG pratu_admin
            test ! -e /etc/systemd/system/multi-user.target.wants/pratu-web.service
            pratu init --issuer https://signin.example.go.th
            stat -c '%U %a %n' /etc/pratu/key /etc/pratu/pratu.conf
            pratu doctor || test $? = 1
            dpkg -V pratu
        """)  # fmt: skip
        for role in ("web", "vault", "courier", "admin"):
            assert f"pratu_{role} pratu" in printed
        assert "pratu_vault 600 /etc/pratu/key" in printed and "root 644 /etc/pratu/pratu.conf" in printed
        assert "fault  database" in printed, "doctor runs, and finds what is not there"

    def test_an_upgrade_keeps_what_is_there_and_starts_nothing(base, deb):
        printed = in_clean_debian(base, deb, NEXT + """
            dpkg -i /debs/pratu.deb
            pratu init --issuer https://signin.example.go.th
            sha256sum /etc/pratu/key /etc/pratu/pratu.conf >/before
            dpkg -i /debs/next.deb
            sha256sum -c /before
            dpkg-query -W -f '${Version} ${db:Status-Status}' pratu
        """)  # fmt: skip
        assert "+next installed" in printed

    def test_only_a_removal_stops_what_runs(base, deb):
        """With systemd as the package sees it: a directory, and a command that is asked."""
        printed = in_clean_debian(base, deb, NEXT + """
            mkdir -p /run/systemd/system
            printf '#!/bin/sh\\necho "asked: $*" >>/asked\\n' >/usr/bin/deb-systemd-invoke
            ln -sf /usr/bin/deb-systemd-invoke /usr/bin/systemctl
            dpkg -i /debs/pratu.deb
            dpkg -i /debs/next.deb 2>/told
            grep -q 'Run pratu migrate, then systemctl restart pratu-vault pratu-web' /told
            echo UPGRADED >>/asked
            dpkg -r pratu
            cat /asked
        """)  # fmt: skip
        upgraded, removed = printed.split("UPGRADED")
        for verb in ("start", "restart", "stop", "try-restart"):
            assert f"asked: {verb}" not in upgraded and f" {verb} pratu" not in upgraded
        stops = [line for line in removed.splitlines() if line.startswith("asked: stop")]
        assert len(stops) == 2 and "pratu-web.service" in stops[0] and "pratu-vault.service" in stops[1]
        assert "pratu-web.socket" in stops[0] and "pratu.socket" in stops[0], "or a connection starts it again"

    def test_a_purge_leaves_the_key_alone(base, deb):
        printed = in_clean_debian(base, deb, """
            find / -xdev -not -path '/debs*' -not -path '/run/*' | sort >/debs/before
            dpkg -i /debs/pratu.deb
            pratu init --issuer https://signin.example.go.th
            dpkg -r pratu
            test -e /etc/pratu/pratu.conf
            dpkg -P pratu
            ls -A /etc/pratu
            rm -r /etc/pratu
            find / -xdev -not -path '/debs*' -not -path '/run/*' | sort >/debs/after
            echo LEFT; comm -13 /debs/before /debs/after
        """)  # fmt: skip
        kept, left = printed.split("LEFT")
        assert kept.splitlines()[-1] == "key"
        own = [line for line in left.split() if "pratu" in line and not line.startswith("/var/lib/systemd/deb-systemd-helper")]
        assert own == []

    def test_a_purge_without_a_key_leaves_nothing(base, deb):
        in_clean_debian(base, deb, "dpkg -i /debs/pratu.deb; dpkg -P pratu; test ! -e /etc/pratu; test ! -e /usr/share/doc/pratu")
