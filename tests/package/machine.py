#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A machine for one test: the package installed, Pratu's units' commands under the users they name, PostgreSQL, and Debian's
nginx with the settings of the package.

It runs in namespaces of its own (mounts, network, processes), on a copy of this machine's files that is gone at the end:
`unshare -m -n -p --fork --kill-child machine.py DEB`. Prints "ready"; then each line of its
input is "start UNIT", for a unit to start anew, or "close UNIT", for its socket, answered in the same way, until the input ends.
"""
import fcntl
import os
import pathlib
import pwd
import grp
import re
import shutil
import socket
import struct
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from lib.handed import Handed  # noqa: E402
from lib.instance import CLUSTER, ROOT, Ready  # noqa: E402

NAME = "signin.example.go.th"
CONF = pathlib.Path("/etc/pratu/pratu.conf")
UNIT_DIR = pathlib.Path("/lib/systemd/system")
LISTENING = {}


def run(*words, **options):
    subprocess.run([str(w) for w in words], check=True, stdin=subprocess.DEVNULL, stdout=sys.stderr, **options)


def enter_copy():
    """This machine's files below, a file system in memory above; what is mounted here is not there, but the project."""
    run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/mnt")
    for name in ("upper", "work", "machine"):
        os.mkdir(f"/mnt/{name}")
    run("mount", "-t", "overlay", "overlay", "-o", "lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work", "/mnt/machine")
    (pathlib.Path("/mnt/machine") / ROOT.relative_to("/")).mkdir(parents=True, exist_ok=True)
    run("mount", "--bind", ROOT, f"/mnt/machine{ROOT}")
    run("mount", "--rbind", "/dev", "/mnt/machine/dev")
    run("mount", "-t", "proc", "proc", "/mnt/machine/proc")
    run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/mnt/machine/run")
    run("mount", "-t", "tmpfs", "-o", "mode=1777", "tmpfs", "/mnt/machine/tmp")
    os.chroot("/mnt/machine")
    os.chdir("/")


def loopback_up():
    with socket.socket() as one:
        fcntl.ioctl(one, 0x8914, struct.pack("16sh", b"lo", 0x41))  # SIOCSIFFLAGS: IFF_UP, IFF_RUNNING
    with open("/etc/hosts", "a") as hosts:
        hosts.write(f"127.0.0.1 {NAME}\n")


def unit(name, kind="service"):
    """The lines of a unit by key, the last of each."""
    lines = (UNIT_DIR / f"{name}.{kind}").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if re.match(r"[A-Z]\w+=", line))


def listen(name):
    """The socket of the unit's own socket unit, if it has one, open from the first start until it is stopped."""
    if name not in LISTENING and (UNIT_DIR / f"{name}.socket").exists():
        lines = unit(name, "socket")
        host, port = lines["ListenStream"].rsplit(":", 1)
        LISTENING[name] = Handed(**{lines["FileDescriptorName"]: (host, int(port))})
    return LISTENING.get(name)


def start(name):
    """As the unit starts it: its command, user, group and directory; returns when it is ready."""
    lines = unit(name)
    user, group = pwd.getpwnam(lines["User"]), grp.getgrnam(lines["Group"])
    if "RuntimeDirectory" in lines:
        directory = pathlib.Path("/run") / lines["RuntimeDirectory"]
        directory.mkdir(exist_ok=True)
        os.chown(directory, user.pw_uid, group.gr_gid)
        directory.chmod(int(lines["RuntimeDirectoryMode"], 8))
    handed = listen(name)
    ready = Ready(f"/run/ready-{name}")
    os.chmod(ready.path, 0o777)
    words = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={group.gr_gid}", "--init-groups", *lines["ExecStart"].split()]
    how = handed.command(words) if handed else {"args": words, "env": dict(os.environ)}
    how["env"]["NOTIFY_SOCKET"] = ready.path
    with open(f"/var/log/{name}.log", "ab") as log:
        process = subprocess.Popen(stdin=subprocess.DEVNULL, stdout=log, stderr=log, **how)
    if handed:
        handed.started(how)
    ready.wait(process)
    ready.close()
    (pathlib.Path("/run") / f"{name}.pid").write_text(str(process.pid))


def configure(socket_dir):
    run("pratu", "init", "--issuer", f"https://{NAME}")
    text = CONF.read_text()
    for key, value in {"listen": "127.0.0.1:8443", "trusted_proxies": "127.0.0.1"}.items():
        text = re.sub(rf"(?m)^#?{key} = .*$", f"{key} = {value}", text, count=1)
    text = re.sub(r"(?m)^#?(\w+_database = )host=\S+", rf"\1host={socket_dir}", text)
    CONF.write_text(text)


def start_nginx():
    """The settings of the package as they are: only the certificate is put where they name it (and IPv6 is left out
    where this kernel has none)."""
    tls = pathlib.Path("/etc/ssl/pratu")
    tls.mkdir()
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", tls / "key.pem",
        "-out", tls / "chain.pem", "-days", "3", "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}",
        stderr=subprocess.DEVNULL)  # fmt: skip
    sites = pathlib.Path("/etc/nginx/sites-enabled")
    shutil.rmtree(sites)
    sites.mkdir()
    text = pathlib.Path("/usr/share/pratu/nginx.conf").read_text()
    if not os.path.exists("/proc/net/if_inet6"):
        text = re.sub(r"(?m)^\tlisten \[::\].*\n", "", text)
    (sites / "pratu").write_text(text)
    pathlib.Path("/var/log/nginx").mkdir(exist_ok=True)
    run("nginx", "-q", "-t")
    run("nginx")


def main():
    package = pathlib.Path(sys.argv[1]).read_bytes()
    enter_copy()
    loopback_up()
    deb = pathlib.Path("/var/tmp/pratu.deb")
    deb.write_bytes(package)
    run("dpkg", "-i", deb)
    os.environ["PRATU_PG_USERS"] = "pratu_web pratu_vault pratu_courier pratu_admin"
    run(CLUSTER, "start", "/var/lib/pratu-pg")
    where = subprocess.run([CLUSTER, "socket", "/var/lib/pratu-pg"], check=True, capture_output=True, text=True).stdout.strip()
    configure(where)
    run("pratu", "migrate")
    start("pratu-vault")
    start("pratu-web")
    start_nginx()
    print("ready", flush=True)
    for line in sys.stdin:
        verb, name = line.split()
        if verb == "start":
            start(name)
        else:
            LISTENING.pop(name).close()
        print("ready", flush=True)


main()
