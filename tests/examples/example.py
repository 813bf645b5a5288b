# SPDX-License-Identifier: Apache-2.0
"""Runs an example of examples/ as it is written, against a stack, and does in a browser what its reader would do."""
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess

from acceptance.steps import CODE, PASSWORD, cancel, give_code, give_password
from lib.ports import free_port
from lib.stack import wait_until
from prepare import SOURCES

CONSENT = "form[action='/signin/consent']"
START_S = 300
DECLINED = "The citizen chose not to continue the sign-in."
SECRET = "replace-me-with-openssl-rand-base64-32"  # as each client.json has it; a sandbox takes it, with a warning


class Example:
    """One folder: its client is registered for a port of this test; everything else comes by the environment."""

    def __init__(self, stack, name):
        self.stack, self.name, self.dir = stack, name, SOURCES / name
        self.port = free_port()
        self.log = stack.dir / f"{name}.log"
        self.ca = str(stack.ca)

    def register(self, document=None):
        """Apply its client.json, with the port changed and nothing else."""
        text = document or (self.dir / "client.json").read_text()
        for was in set(re.findall(r"localhost:(\d+)", text)):
            text = text.replace(f"localhost:{was}", f"localhost:{self.port}")
        document = json.loads(text)
        self.stack.apply(document)
        [client] = document["clients"]
        self.client_id = client["client_id"]
        self.base = f"http://localhost:{self.port}/"

    def copy(self, made):
        """What was made of it, in a place of this test's own."""
        return shutil.copytree(made, self.stack.dir / self.name, dirs_exist_ok=True)

    def environment(self, **more):
        return {
            **os.environ, "ISSUER": self.stack.issuer, "PORT": str(self.port), "no_proxy": "localhost",
            "PYTHONDONTWRITEBYTECODE": "1", **{k: str(v) for k, v in more.items()},
        }  # fmt: skip

    @contextlib.contextmanager
    def run(self, *command, cwd=None, **env):
        """Until the end of the block. Only its own process group is ended."""
        with open(self.log, "wb") as log:
            process = subprocess.Popen(
                [str(word) for word in command], cwd=cwd or self.dir, env=self.environment(**env),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        try:
            yield process
        except BaseException:
            print(self.log.read_text(errors="replace")[-6000:])
            raise
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def listens(self, process):
        """Wait until it answers."""
        def answers():
            assert process.poll() is None, f"{self.name} ended with {process.returncode}"
            with contextlib.suppress(OSError), socket.create_connection(("localhost", self.port), timeout=5):
                return True

        wait_until(answers, timeout_s=START_S, every_s=0.1, what=self.name)

    def asks(self, process, n):
        """The n-th address that the program would have the browser open."""

        def opened():
            found = re.findall(r"^Open (\S+)$", self.log.read_text(), re.M)
            assert len(found) >= n or process.poll() is None, f"{self.name} ended with {process.returncode}"
            return found[n - 1] if len(found) >= n else None

        return wait_until(opened, what=f"address {n} of {self.name}")

    def events(self, kind):
        """Rows of the record about this client, those that went well."""
        rows = self.stack.records("--kind", kind, "--client", self.client_id)
        return [row for row in rows if row["outcome"] == "ok"]


def sign_in(page, citizen):
    """Password, code, and consent where it is asked for; ends when Pratu is left."""
    give_password(page, citizen)
    page.locator(CODE).wait_for()
    give_code(page, citizen)
    page.locator(CODE).wait_for(state="detached")
    page.wait_for_load_state()
    if page.locator(CONSENT).count():
        page.locator(f"{CONSENT} button").first.click()


def press(page, name):
    page.locator("a, button", has_text=name).first.click()


@contextlib.contextmanager
def tab(browser):
    """A page of a browser that was never here; where the block fails, what it showed is told."""
    page = browser(locale="en-US").new_page()
    page.set_default_timeout(30000)
    try:
        yield page
    except BaseException:
        print(page.url, page.locator("body").inner_text(), sep="\n")
        raise


def walk(example, browser, told=DECLINED):
    """Change one's mind, and be told so; then sign in, see the claims of both sources, refresh, sign out, and be unknown."""
    with tab(browser) as page:
        page.goto(example.base)
        press(page, "Sign in")
        cancel(page)
        page.get_by_text(told).first.wait_for()
        assert page.url.startswith(example.base), page.url
        page.goto(example.base)
        press(page, "Sign in")
        sign_in(page, example.stack.sandbox("somying"))
        sees_claims(page, example)
        press(page, "Refresh")
        wait_until(lambda: example.events("refresh"), every_s=0.3, what="the refresh")
        sees_claims(page, example)
        press(page, "Sign out")
        page.locator("a, button", has_text="Sign in").first.wait_for()
        assert page.url.startswith(example.base), page.url
        assert [row["reason"] for row in example.events("logout")] == ["hint"]
        press(page, "Sign in")
        page.locator(PASSWORD).wait_for()


def sees_claims(page, example):
    page.get_by_text("somying@example.th").first.wait_for()  # from UserInfo
    page.get_by_text("urn:pratu:loa:2").first.wait_for()  # from the ID token
    assert page.url.startswith(example.base), page.url
