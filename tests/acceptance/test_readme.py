# SPDX-License-Identifier: Apache-2.0
"""What the README has an agency do works as it is written there: the client, mod_auth_openidc, Authlib."""
import ast
import html
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.jwk import KeySet
from lib.citizen import FILL, Page, cancel, follow, get, origin, step_of
from lib.ports import free_port
from lib.stack import ROOT, wait_until

MODULES = (
    "mpm_event authn_core authz_core authz_user alias dir env mime socache_shmcb ssl auth_openidc"
)


def block(language: str) -> str:
    """The README's one block of code in a language."""
    found = re.findall(rf"^```{language}\n(.*?)^```", (ROOT / "README.md").read_text(), re.S | re.M)
    assert len(found) == 1, language
    return found[0]


@pytest.fixture(scope="module")
def port():
    return free_port()


@pytest.fixture(scope="module")
def local(stack, port):
    """A text of the README with this stack's ports and paths."""

    def change(text):
        text = text.replace("localhost:8443", urlsplit(stack.issuer).netloc)
        text = text.replace("localhost:9010", f"localhost:{port}")
        text = text.replace("/path/to/your/clone/.run/tls/ca.pem", str(stack.ca))
        return text.replace(".run/tls/ca.pem", str(stack.ca))

    return change


def member() -> dict:
    """What the README has registered for Debian's mod_auth_openidc."""
    [text] = re.findall(r'Register such a client with `("[^`]*)`', (ROOT / "README.md").read_text())
    return json.loads("{" + text + "}")


@pytest.fixture(scope="module")
def client(stack, local):
    stack.apply(json.loads(local(block("json"))))


@pytest.fixture(scope="module")
def without_iss(stack, local):
    document = json.loads(local(block("json")))
    document["clients"][0] |= member()
    stack.apply(document)


def sign_in_through(stack, session, response):
    """From an agency's redirect through Pratu's pages to the address that Pratu sends back to."""
    home, citizen = stack.issuer, stack.sandbox("somying")
    end = follow(session, response, home)
    while end.page is not None and not end.params:
        step = step_of(end.page)
        assert step, end.page.words()
        end = follow(session, FILL[step](session, end.page, citizen), home)
    return end.url


def test_authlib_as_written(stack, client, local, port):
    program = subprocess.Popen(
        [sys.executable, "-u", "-c", local(block("python"))], cwd=ROOT, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )
    address = program.stdout.readline().split(maxsplit=1)[1].strip()
    session = stack.session()
    answer = sign_in_through(stack, session, get(session, address))
    output, wrong = program.communicate(answer + "\n", timeout=30)
    assert program.returncode == 0, wrong
    assert "somying@example.th" in output and "สมหญิง" in output
    assert len(done(stack, "refresh")) == 1
    away = get(session, re.search(r"Sign out at (\S+)", output).group(1))
    assert away.headers["Location"] == f"https://localhost:{port}/"
    assert [row["reason"] for row in done(stack, "logout")] == ["hint"]


def done(stack, kind) -> list:
    """What the record has of the README's client, and was not refused."""
    return stack.records("--client", "my-agency", "--kind", kind, "--outcome", "ok")


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_the_defaults_of_libraries_fit_the_client(stack, client, local, method):
    """RS256, as a library expects that is told nothing, and the secret where it puts it."""
    [asked] = json.loads(local(block("json")))["clients"]
    agency = OAuth2Session(
        asked["client_id"], asked["client_secret"], redirect_uri=asked["redirect_uris"][0], scope="openid",
        token_endpoint_auth_method=method,
    )  # fmt: skip
    agency.verify, agency.trust_env = str(stack.ca), False
    url, _ = agency.create_authorization_url(stack.issuer + "/authorize")
    session = stack.session()
    answer = sign_in_through(stack, session, get(session, url))
    token = agency.fetch_token(stack.issuer + "/token", authorization_response=answer)
    keys = KeySet.import_key_set(agency.get(stack.issuer + "/jwks", withhold_token=True).json())
    assert jwt.decode(token["id_token"], keys, algorithms=["RS256"]).claims["aud"] == "my-agency"


@pytest.fixture
def place(stack):
    """A directory that Apache's workers can enter, with the CA in it; outside the checkout only if that is closed."""
    place = stack.dir / "apache"  # `demo up` has seen to it that www-data can enter where it serves from
    open_to_all = os.geteuid() != 0 or (place / "www").exists()
    with tempfile.TemporaryDirectory(dir=stack.dir if open_to_all else "/var/tmp") as name:
        os.chmod(name, 0o755)
        shutil.copy(stack.ca, name)
        yield pathlib.Path(name)


@pytest.fixture
def apache(stack, without_iss, local, port, place):
    """Debian's Apache with the README's lines and what any site has besides."""
    (place / "www").mkdir()
    (place / "www" / "index.html").write_text("inside")
    conf = place / "httpd.conf"
    user = "User nobody\nGroup nogroup\n" if os.geteuid() == 0 else ""
    loads = "".join(
        f"LoadModule {m}_module /usr/lib/apache2/modules/mod_{m}.so\n" for m in MODULES.split()
    )
    conf.write_text(f"""{loads}{user}ServerRoot "{place}"
TypesConfig /dev/null
ServerName localhost
DefaultRuntimeDir "{place}"
PidFile "{place}/pid"
ErrorLog "{place}/error.log"
Mutex pthread default
Listen 127.0.0.1:{port}
DocumentRoot "{place}/www"
SSLEngine On
SSLCertificateFile "{stack.dir}/tls/server.pem"
SSLCertificateKeyFile "{stack.dir}/tls/server.key"
{local(block("apache")).replace(str(stack.ca), f"{place}/ca.pem")}""")
    subprocess.run(["/usr/sbin/apache2", "-f", conf, "-k", "start"], check=True)
    pid = place / "pid"
    number = wait_until(lambda: pid.exists() and pid.read_text().strip(), what="Apache's pid file")
    yield f"https://localhost:{port}"
    subprocess.run(["kill", number], check=True)
    wait_until(lambda: not pid.exists(), what="Apache's end")


def first_answer(session, base):
    try:
        return get(session, base + "/")
    except requests.ConnectionError:
        return None


def test_mod_auth_openidc_as_written(stack, apache):
    session = stack.session()
    asked = wait_until(lambda: first_answer(session, apache), what="Apache")
    assert origin(asked.headers["Location"]) == stack.issuer
    back = sign_in_through(stack, session, asked)
    answer = session.get(back, timeout=20)
    assert answer.status_code == 200 and answer.text == "inside"
    before = len(done(stack, "logout"))
    away = get(session, apache + sign_out(apache))
    end = follow(session, get(session, away.headers["Location"]), stack.issuer)
    assert end.url == apache + "/" and len(done(stack, "logout")) == before + 1
    assert "Location" in get(session, apache + "/").headers, "the agency knows nobody now"


def sign_out(apache) -> str:
    """The README's link to sign out."""
    [link] = re.findall(r"^`(/callback\?logout=\S+)`", (ROOT / "README.md").read_text(), re.M)
    return link.replace("9010", apache.rsplit(":", 1)[1])


def test_cancel_reaches_mod_auth_openidc_as_written(stack, apache):
    session = stack.session()
    asked = wait_until(lambda: first_answer(session, apache), what="Apache")
    page = follow(session, asked, stack.issuer).page
    back = cancel(session, page).headers["Location"]
    got = parse_qs(urlsplit(back).query)
    assert got["error"] == ["access_denied"] and "iss" not in got
    answer = session.get(back, allow_redirects=False, timeout=20)
    assert "Location" not in answer.headers, "the agency shows the error, and does not ask again"
    assert "access_denied" in Page(answer.text, back).words()


def shown(stack, n) -> str:
    """The n-th block of settings on /connect, in English."""
    page = get(stack.session(**{"Accept-Language": "en"}), stack.issuer + "/connect").text
    return html.unescape(re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", page, re.S)[n])


def directives(text) -> dict:
    return dict(re.findall(r"^(OIDC\w+) +(.*)$", text, re.M))


def test_connect_shows_the_same_apache(stack, local):
    ours, readme = directives(shown(stack, 0)), directives(local(block("apache")))
    assert len(ours) >= 7 and ours.keys() <= readme.keys()
    for name in ("OIDCProviderMetadataURL", "OIDCPKCEMethod"):
        assert ours[name] == readme[name]


def registered(text) -> tuple:
    """What a program gives to Authlib's register(): the names, and the scope with those beside it."""
    [call] = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Call) and getattr(n.func, "attr", "") == "register"]
    given = {one.arg: one.value for one in call.keywords}
    return set(given), ast.literal_eval(given["client_kwargs"])


def test_connect_shows_what_the_flask_example_does(stack):
    names, options = registered(shown(stack, 1))
    example, of_example = registered((ROOT / "examples/flask/app.py").read_text())
    assert names == example and options == of_example
