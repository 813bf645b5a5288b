# SPDX-License-Identifier: Apache-2.0
"""What the courier speaks to: Debian's Kannel with its fake SMS centre, Debian's Exim, and a gateway that a test scripts.

    with Kannel() as kannel, Exim(certificate, key) as exim: …
    kannel.messages()   # what phones have received
    exim.mails()        # what lies in the mailbox, as email.message.EmailMessage
    with Scripted("busy", "accept") as gateway: …; gateway.requests

Kannel and Exim run as ordinary processes of an ordinary user, in a directory of their own.
"""
import getpass
import grp
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading

from lib.instance import ROOT
from lib.ports import free_port, free_ports
from lib.stack import wait_until

DEMO = ROOT / "deploy" / "demo"
sys.path.insert(0, str(DEMO))
import messages  # noqa: E402

PASSWORD = "correct-horse"
AS_NOBODY = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.geteuid() == 0 else []


def answers(port):
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


class Server:
    """Processes in a directory that the user may enter under whom they run."""

    def __enter__(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="pratu-gateway-"))
        self.dir.chmod(0o755)
        self.processes = {}
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for name in list(self.processes):
            self.end(name)
        shutil.rmtree(self.dir, ignore_errors=True)

    def render(self, template, **values):
        text = (DEMO / template).read_text()
        for name, value in {"RUN": self.dir, "PASSWORD": PASSWORD, **values}.items():
            text = text.replace(f"@{name}@", str(value))
        path = self.dir / template.removesuffix(".in")
        path.write_text(text)
        return path

    def give(self):
        """All that is there to the user of the processes."""
        if AS_NOBODY:
            for path in [self.dir, *self.dir.rglob("*")]:
                shutil.chown(path, "nobody", "nogroup")

    def run(self, name, *command):
        with open(self.dir / f"{name}.out", "ab") as out:
            self.processes[name] = subprocess.Popen([*AS_NOBODY, *command], stdin=subprocess.DEVNULL, stdout=out,
                                                    stderr=out, cwd=self.dir)  # fmt: skip

    def end(self, name, how=signal.SIGTERM):
        process = self.processes.pop(name)
        process.send_signal(signal.SIGCONT)
        process.send_signal(how)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def signal(self, name, number):
        self.processes[name].send_signal(number)

    def out(self, name):
        return (self.dir / f"{name}.out").read_text(errors="replace")


class Kannel(Server):
    def start(self):
        self.admin, self.box, self.smsc, self.port = free_ports(4)
        self.url = f"http://127.0.0.1:{self.port}/cgi-bin/sendsms"
        self.conf = self.render("kannel.conf.in", ADMIN_PORT=self.admin, BOX_PORT=self.box, SMSC_PORT=self.smsc,
                                SENDSMS_PORT=self.port, LOG_LEVEL=1)  # fmt: skip
        self.give()
        self.run("bearerbox", "/usr/sbin/bearerbox", self.conf)
        wait_until(lambda: answers(self.box) and "Start-up done" in self.log("bearerbox"), what="bearerbox")
        self.start_smsbox()
        self.start_phones()

    def start_smsbox(self):
        self.run("smsbox", "/usr/sbin/smsbox", self.conf)
        wait_until(lambda: answers(self.port), what="smsbox")

    def start_phones(self):
        """The far end: without it messages wait in Kannel."""
        seen = self.online()
        self.run("phones", "/usr/lib/kannel/test/fakesmsc", "-H", "127.0.0.1", "-r", str(self.smsc), "-i", "1", "-m", "0",
                 "1 1 text unused")  # fmt: skip
        wait_until(lambda: self.online() > seen, what="the fake SMS centre")

    def online(self):
        return self.log("bearerbox").count("Fakesmsc client connected")

    def log(self, name):
        path = self.dir / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def messages(self):
        """(sender, number, text) of each."""
        return [tuple(one[1:]) for one in messages.sms(self.out("phones"))]


class Exim(Server):
    def __init__(self, certificate, key, starttls=True):
        self.certificate, self.key, self.starttls = certificate, key, starttls

    def start(self):
        self.port = free_port()
        self.url = f"smtp://localhost:{self.port}"
        for name, path in (("cert.pem", self.certificate), ("key.pem", self.key)):
            shutil.copy(path, self.dir / name)
        user, group = ("nobody", "nogroup") if AS_NOBODY else (getpass.getuser(), grp.getgrgid(os.getegid()).gr_name)
        (self.dir / "spool").mkdir()
        self.conf = self.render("exim.conf.in", USER=user, GROUP=group, SMTP_PORT=self.port, CERTIFICATE=self.dir / "cert.pem",
                                KEY=self.dir / "key.pem", TLS_HOSTS="*" if self.starttls else "")  # fmt: skip
        self.give()
        self.run("exim", "/usr/sbin/exim4", "-C", self.conf, "-bdf")
        wait_until(lambda: answers(self.port), what="exim")

    def mails(self):
        return [mail for _, mail in messages.mails(self.dir / "mail")]


class Scripted:
    """A gateway that does what it was told with one request after the other, and the last for all that follow:

    accept, busy (503), refuse (400), login (403), fault (500): answers; keep: accepts, and waits on the same connection for
    the next; drop: takes the request and closes; hang: takes it and says nothing until the end. With deaf=True it never even begins the TLS that its address promises."""

    REPLIES = {"accept": (202, "0: Accepted for delivery"), "busy": (503, "4: Temporal failure, try again later."),
               "refuse": (400, "Missing receiver(s) number(s), rejected"), "fault": (500, "fault"),
               "login": (403, "Authorization failed for sendsms")}  # fmt: skip

    def __init__(self, *script, port=None, deaf=False, tls=None):
        self.script, self.port, self.deaf, self.tls = list(script) or ["accept"], port or free_port(), deaf, tls
        self.url = f"{'https' if deaf or tls else 'http'}://localhost:{self.port}/cgi-bin/sendsms"
        self.requests, self.connections, self.changed, self.held = [], 0, threading.Condition(), []

    def __enter__(self):
        self.socket = socket.create_server(("127.0.0.1", self.port))
        self.thread = threading.Thread(target=self.accept, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join()
        for one in self.held:
            one.close()

    def accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with self.changed:
                self.connections += 1
                self.changed.notify_all()
            if self.deaf:
                self.held.append(connection)
            else:
                threading.Thread(target=self.answer, args=(connection,), daemon=True).start()

    def answer(self, connection):
        if self.tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self.tls)
            connection = context.wrap_socket(connection, server_side=True)
        self.follow(connection)

    def follow(self, connection):
        head, body = self.receive(connection)
        if not head:
            return  # the other side has gone without a word
        with self.changed:
            act = self.script.pop(0) if len(self.script) > 1 else self.script[0]
            self.requests.append((head, body))
            self.changed.notify_all()
        if act == "hang":
            self.held.append(connection)
            return
        if act != "drop":
            status, text = self.REPLIES["accept" if act == "keep" else act]
            connection.sendall(f"HTTP/1.1 {status} X\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode())
        if act == "keep":
            self.follow(connection)
        connection.close()

    @staticmethod
    def receive(connection):
        raw = b""
        while b"\r\n\r\n" not in raw:
            raw += connection.recv(65536) or b"\r\n\r\n"
        head, _, body = raw.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        while len(body) < int(fields.get("content-length", 0)):
            body += connection.recv(65536)
        return fields, body.decode()

    def wait(self, n, timeout_s=60):
        """Until there were n requests."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.requests) >= n, timeout_s), f"{len(self.requests)} of {n} requests"
        return self.requests
