# SPDX-License-Identifier: Apache-2.0
"""Metrics of the roles as a real Prometheus takes them, the alert rules and the dashboard on top; and what
/health/ready says when the vault or the database is away."""
import json
import os
import re
import signal
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import requests
from lib.agency import CITIZENS, Agency, browser_of
from lib.citizen import Citizen, new_session, sign_in_http
from lib.courier import wait_state
from lib.gateways import Scripted
from lib.instance import ROOT
from lib.outbox import Outbox
from lib.ports import free_port
from lib.stack import wait_until

DEPLOY = ROOT / "deploy" / "prometheus"
RULES = DEPLOY / "pratu-alerts.yml"
DASHBOARD = DEPLOY / "grafana-dashboard.json"
PAGES = ("/metrics", "/metrics/vault", "courier")
NAME = re.compile(r"\b(?:pratu|process)_[a-z_]+\b")
SAMPLE = re.compile(r'^[a-z_]+(?:\{(?:[a-z]+="(?:[^"\\\n]|\\.)*",?)*\})? -?[0-9.]+$')
TYPED = "hunter2-typed-by-a-stranger"


def run(*command, stdin=None):
    done = subprocess.run(list(map(str, command)), input=stdin, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def stack(instance):
    """All roles, the courier with a gateway."""
    with Scripted("accept") as gateway:
        instance.settings["sms_gateways"] = gateway.url
        instance.write_settings()
        with instance.serve():
            yield instance


@pytest.fixture(scope="module")
def busy(stack):
    """Somebody has signed in, somebody mistyped, an agency has used a wrong secret, a stranger has looked around."""
    agency = Agency(stack, "basic", "basic")
    stack.apply({"clients": [agency.document()], "citizens": CITIZENS})
    browser = browser_of(stack)
    assert browser.get(agency.authorize_url(), allow_redirects=False).status_code == 303
    other = CITIZENS[1]
    sign_in_http(new_session(str(stack.certificate)), stack.issuer + "/", Citizen(other["alias"], TYPED))
    stranger = new_session(str(stack.certificate))
    assert stranger.get(f"{stack.issuer}/{TYPED}").status_code == 404
    wrong = {"grant_type": "authorization_code", "code": "A" * 43, "redirect_uri": "https://a.example/cb"}
    assert stranger.post(stack.issuer + "/token", data=wrong, auth=(agency.client_id, TYPED)).status_code in (400, 401)
    wait_until(lambda: stack.metric("pratu_partitions") > 0, what="the look at the partitions")
    outbox = Outbox(stack)
    wait_state(outbox, outbox.put("sms", "+66812345678", "123456"), "handed_over")
    return stack


def test_the_format_is_prometheus_own(busy):
    for page in PAGES:
        text = busy.metrics(page)
        run("promtool", "check", "metrics", stdin=text)
        samples = [line for line in text.splitlines() if not line.startswith("#")]
        assert all(SAMPLE.match(line) for line in samples), [line for line in samples if not SAMPLE.match(line)]
        series = [line.rsplit(" ", 1)[0] for line in samples]
        assert len(series) == len(set(series)) and len(series) < 2000


def test_sign_ins_are_counted_by_factor_and_outcome(busy):
    def checks(factor, outcome):
        return busy.metric("pratu_signin_checks_total", "/metrics/vault", factor=factor, outcome=outcome)

    assert checks("password", "ok") == 1 and checks("password", "refused") == 1
    assert checks("sandbox_code", "ok") == 1
    before = checks("password", "ok"), checks("sandbox_code", "ok")
    browser_of(busy, alias=CITIZENS[0]["alias"])
    assert (checks("password", "ok"), checks("sandbox_code", "ok")) == (before[0] + 1, before[1] + 1)
    hashes = busy.metric("pratu_password_hashes_total", "/metrics/vault")
    assert hashes >= 3
    assert busy.metric("pratu_vault_operations_total", "/metrics/vault", op="password", outcome="refused") == 1
    assert busy.metric("pratu_vault_calls_total", op="factor", outcome="ok") >= 2


def test_requests_are_counted_by_route_and_status(busy):
    def requests_of(route, status):
        return busy.metric("pratu_http_requests_total", route=route, status=status)

    before = requests_of("/jwks", "200"), requests_of("other", "404")
    session = new_session(str(busy.certificate))
    assert session.get(busy.issuer + "/jwks").status_code == 200
    assert session.get(f"{busy.issuer}/{TYPED}/again").status_code == 404
    wait_until(lambda: (requests_of("/jwks", "200"), requests_of("other", "404")) == (before[0] + 1, before[1] + 1))
    assert busy.metric("pratu_http_request_duration_seconds_count", route="/jwks") == requests_of("/jwks", "200")
    assert busy.metric("pratu_http_lane_requests_total", lane="slow", outcome="done") >= 2
    assert busy.metric("pratu_database_calls_total", query="web/sign_in_commit", outcome="ok") >= 1
    assert busy.metric("pratu_database_pool_connections", "/metrics/vault") == 10


def test_jobs_in_a_statement_can_be_read(busy):
    def figures():
        of = {"query": "web/token_redeem"}
        return (busy.metric("pratu_database_batches_total", **of), busy.metric("pratu_database_batch_jobs_total", **of),
                busy.metric("pratu_sign_batches_total"), busy.metric("pratu_sign_batch_jobs_total"))  # fmt: skip

    agency = Agency(busy, "basic", "basic")
    browser = browser_of(busy)
    codes = [agency.code(browser) for _ in range(6)]
    before = figures()
    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(lambda code: agency.redeem(code).status_code == 200, codes))
    batches, jobs, frames, signed = (now - was for now, was in zip(figures(), before))
    assert jobs == 6 and 1 <= batches <= 6
    assert signed == 6 and 1 <= frames <= 6


def test_nothing_of_a_citizen_or_a_stranger_is_shown(busy):
    people = [one[key] for one in CITIZENS for key in ("alias", "national_id", "password", "name") if key in one]
    ids = [str(value) for row in busy.sql("SELECT citizen_id FROM idp.citizen") for value in row]
    for page in PAGES:
        text = busy.metrics(page)
        for secret in (TYPED, *people, *ids):
            assert secret not in text
        assert '"127.0.0.1"' not in text and "sha256:" not in text


def test_the_citizens_listener_shows_none(busy):
    session = new_session(str(busy.certificate))
    assert session.get(busy.issuer + "/metrics").status_code == 404
    assert session.get(busy.issuer + "/metrics/vault").status_code == 404
    there = f"http://127.0.0.1:{busy.metrics_port}"
    assert requests.get(there + "/jwks", timeout=30).status_code == 404
    assert requests.get(there + "/", timeout=30).status_code == 404
    assert requests.post(there + "/metrics", timeout=30).status_code == 405


def test_partitions_are_the_databases_own(busy):
    rows = busy.sql("SELECT schema_name || '.' || table_name, count(to_at), extract(epoch FROM max(to_at))::bigint"
                    " FROM idp.partition GROUP BY 1")
    assert rows
    for table, n, until in rows:
        assert busy.metric("pratu_partitions", table=table) == n
        assert busy.metric("pratu_partition_end_timestamp_seconds", table=table) == until


def expressions():
    """Of the dashboard and the alerts."""
    board = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    found = [target["expr"] for panel in board["panels"] for target in panel.get("targets", [])]
    return found + [RULES.read_text(encoding="utf-8")]


def test_what_dashboard_and_alerts_name_is_there(busy):
    shown = "".join(busy.metrics(page) for page in PAGES)
    have = set(re.findall(r"^([a-z_]+)[{ ]", shown, re.M))
    named = set().union(*(NAME.findall(text) for text in expressions()))
    assert len(named) > 20 and named <= have, named - have
    left_out = {name for name in have - named if not re.search(r"_(bucket|sum|count)$", name)}
    assert not left_out, f"no panel or alert shows {left_out}"


# ------------------------------------------------------------ rules

def series(name, values, **labels):
    text = ",".join(f'{key}="{value}"' for key, value in {"instance": "a", **labels}.items())
    return {"series": f"{name}{{{text}}}", "values": values}


STEADY = "0+600x40"  # ten a second, each minute
WEB, VAULT, COURIER = {"job": "pratu-web"}, {"job": "pratu-vault"}, {"job": "pratu-courier"}
WELL = [
    series("up", "1x40", **WEB), series("up", "1x40", **VAULT), series("pratu_up", "1x40", part="vault", **WEB),
    series("pratu_up", "1x40", part="database", **WEB), series("pratu_keys_known", "1x40", **WEB),
    series("pratu_http_requests_total", STEADY, route="/token", status="200", **WEB),
    series("pratu_http_requests_total", "0+1x40", route="/token", status="503", **WEB),
    series("pratu_http_request_duration_seconds_bucket", STEADY, route="/token", le="0.05", **WEB),
    series("pratu_http_request_duration_seconds_bucket", STEADY, route="/token", le="+Inf", **WEB),
    series("pratu_http_lane_requests_total", "0x40", lane="slow", outcome="refused", **WEB),
    series("pratu_password_queue", "3x40", **VAULT), series("pratu_password_threads", "2x40", **VAULT),
    series("pratu_password_refused_total", "5x40", **VAULT), series("pratu_database_pool_refused_total", "1x40", **VAULT),
    series("pratu_database_calls_total", "0+1x40", query="COMMIT", outcome="error", **WEB),
    series("pratu_signin_checks_total", STEADY, factor="password", outcome="ok", **VAULT),
    series("pratu_signin_checks_total", "0+120x40", factor="password", outcome="refused", **VAULT),
    series("pratu_signin_checks_total", "0x40", factor="totp", outcome="blocked", **VAULT),
    series("pratu_partition_end_timestamp_seconds", "180000x40", table="record.event", **WEB),
    series("process_start_time_seconds", "0x40", **WEB),
    series("up", "1x40", **COURIER), series("pratu_courier_oldest_waiting_seconds", "2x40", channel="sms", **COURIER),
    series("pratu_courier_gateway_up", "1x20 0 1x19", gateway="sms1", **COURIER),
    series("pratu_courier_messages_total", STEADY, channel="sms", state="handed_over", **COURIER),
    series("pratu_courier_messages_total", "0+1x40", channel="sms", state="unknown", **COURIER),
]
# What is wrong, each in place of a series of WELL, and the alert that it must fire.
WRONG = {
    "PratuWebDown": [series("up", "0x40", **WEB)],
    "PratuVaultDown": [series("pratu_up", "0x40", part="vault", **WEB)],
    "PratuDatabaseDown": [series("pratu_up", "0x40", part="database", **WEB)],
    "PratuNoKeys": [series("pratu_keys_known", "0x40", **WEB)],
    "PratuErrors": [series("pratu_http_requests_total", "0+60x40", route="/token", status="503", **WEB)],
    "PratuSlow": [series("pratu_http_request_duration_seconds_bucket", "0x40", route="/token", le="0.05", **WEB),
                  series("pratu_http_request_duration_seconds_bucket", STEADY, route="/token", le="2.5", **WEB)],
    "PratuLaneFull": [series("pratu_http_lane_requests_total", "0+9x40", lane="slow", outcome="refused", **WEB)],
    "PratuSmsBudget": [series("pratu_refusals_total", "0+1x40", kind="code_sent", reason="budget", **VAULT)],
    "PratuPasswordQueue": [series("pratu_password_queue", "17x40", **VAULT)],
    "PratuPasswordRefused": [series("pratu_password_refused_total", "0+1x40", **VAULT)],
    "PratuPoolEmpty": [series("pratu_database_pool_refused_total", "0+1x40", **VAULT)],
    "PratuDatabaseErrors": [series("pratu_database_calls_total", "0+60x40", query="COMMIT", outcome="error", **WEB)],
    "PratuGuessing": [series("pratu_signin_checks_total", "0+2400x40", factor="password", outcome="refused", **VAULT)],
    "PratuFactorsBlocked": [series("pratu_signin_checks_total", "0+1x40", factor="totp", outcome="blocked", **VAULT)],
    "PratuPartitions": [series("pratu_partition_end_timestamp_seconds", "40000x40", table="record.event", **WEB)],
    "PratuRestarts": [series("process_start_time_seconds", "0+60x40", **WEB)],
    "PratuCourierDown": [series("up", "0x40", **COURIER)],
    "PratuMessagesWait": [series("pratu_courier_oldest_waiting_seconds", "90x40", channel="sms", **COURIER)],
    "PratuGatewayAway": [series("pratu_courier_gateway_up", "0x40", gateway="sms1", **COURIER)],
    "PratuMessagesUnknown": [series("pratu_courier_messages_total", "0+120x40", channel="sms", state="unknown", **COURIER)],
}  # fmt: skip
ALERTS = re.findall(r"- alert: (\w+)", RULES.read_text(encoding="utf-8"))


def test_each_rule_is_tried():
    run("promtool", "check", "rules", RULES)
    assert sorted(WRONG) == sorted(ALERTS)


@pytest.mark.parametrize("wrong", ["", *WRONG])
def test_alerts_fire_on_what_they_are_for(tmp_path, wrong):
    """As many as should, and no other: at minute 40 of a service that is well but for one thing."""
    changed = {one["series"]: one for one in WRONG.get(wrong, [])}
    given = {**{one["series"]: one for one in WELL}, **changed}
    fires = "\n".join(
        line for line in run_rules(tmp_path, list(given.values())).splitlines() if "alertname" in line)
    assert set(re.findall(r'alertname="(\w+)"', fires)) == ({wrong} if wrong else set())


def run_rules(directory, given):
    """What fires, as promtool prints it where nothing was expected."""
    test = {
        "rule_files": [str(RULES)], "evaluation_interval": "1m",
        "tests": [{"interval": "1m", "input_series": given,
                   "alert_rule_test": [{"eval_time": "40m", "alertname": name, "exp_alerts": []} for name in ALERTS]}],
    }  # fmt: skip
    path = directory / "rules.test.yml"
    path.write_text(json.dumps(test))  # JSON is YAML
    done = subprocess.run(["promtool", "test", "rules", path], capture_output=True, text=True, timeout=60)
    assert "SUCCESS" in done.stdout or "FAILED" in done.stdout + done.stderr, done.stdout + done.stderr
    return done.stdout + done.stderr


# ------------------------------------------------------------ a real server

@contextmanager
def prometheus(directory, target, courier):
    """A server with deploy/prometheus' own settings, asking our target and more often."""
    port = free_port()
    text = (DEPLOY / "prometheus.yml").read_text(encoding="utf-8")
    assert text.count('"127.0.0.1:9464"') == 2 and text.count('"127.0.0.1:9465"') == 1 and text.count("15s") == 2
    text = text.replace("127.0.0.1:9464", target).replace("127.0.0.1:9465", courier)
    (directory / "prometheus.yml").write_text(text.replace("15s", "1s"))
    (directory / "pratu-alerts.yml").write_bytes(RULES.read_bytes())
    run("promtool", "check", "config", directory / "prometheus.yml")
    with open(directory / "log", "wb") as log:
        process = subprocess.Popen(
            ["prometheus", f"--config.file={directory}/prometheus.yml", f"--storage.tsdb.path={directory}/data",
             f"--web.listen-address=127.0.0.1:{port}"], stdout=log, stderr=log)  # fmt: skip
    try:
        yield f"http://127.0.0.1:{port}/api/v1/"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def ask(server, what, **parameters):
    """The data of its answer; None while it does not answer."""
    try:
        with urllib.request.urlopen(server + what + "?" + urllib.parse.urlencode(parameters), timeout=30) as answer:
            return json.loads(answer.read())["data"]
    except urllib.error.HTTPError as fault:
        if fault.code == 503:  # it has not yet begun
            return None
        raise AssertionError(f"{parameters}: {fault.read()}") from fault
    except urllib.error.URLError:
        return None


def query(server, expression):
    found = ask(server, "query", query=expression)
    return [(one["metric"], float(one["value"][1])) for one in found["result"]] if found else []


def test_a_real_prometheus_reads_it(busy, tmp_path):
    with prometheus(tmp_path, f"127.0.0.1:{busy.metrics_port}", f"127.0.0.1:{busy.courier_metrics_port}") as server:
        wait_until(lambda: sum(value for _, value in query(server, "up")) == 3, what="all jobs")
        assert {one["job"] for one, _ in query(server, "pratu_build_info")} == {"pratu-web", "pratu-vault", "pratu-courier"}
        wait_until(lambda: query(server, 'rate(pratu_http_requests_total[1m])'), what="a second scrape")
        board = json.loads(DASHBOARD.read_text(encoding="utf-8"))
        for panel in board["panels"]:
            for target in panel.get("targets", []):
                expression = target["expr"].replace("$__rate_interval", "1m").replace("$instance", ".*")
                found = ask(server, "query", query=expression)
                assert found is not None, target
        wait_until(lambda: all(rule["health"] == "ok" for group in ask(server, "rules")["groups"]
                               for rule in group["rules"]), what="an evaluation of all rules")
        firing = [one["labels"]["alertname"] for one in ask(server, "alerts")["alerts"] if one["state"] == "firing"]
        assert not set(firing) & {"PratuWebDown", "PratuVaultDown", "PratuDatabaseDown", "PratuNoKeys"}


# ------------------------------------------------------------ ready

@pytest.fixture(scope="module")
def apart(instances):
    """The web role over a vault that can be ended by itself."""
    one = instances("ready")
    one.init()
    one.migrate()
    return one


def ready(instance):
    answer = requests.get(instance.issuer + "/health/ready", verify=str(instance.certificate), timeout=30)
    printed = answer.json()
    assert (answer.status_code == 200) == (printed["status"] == "ready") == (printed["database"] == printed["vault"] == "ok")
    return printed["database"], printed["vault"]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_ready_knows_of_the_vault(apart, how):
    with apart.vault() as vault, apart.run("web"):
        wait_until(lambda: ready(apart) == ("ok", "ok"), what="ready")
        os.kill(vault.pid, how)
        try:
            wait_until(lambda: ready(apart) == ("ok", "away"), timeout_s=10, what="the vault's absence")
            assert apart.metric("pratu_up", part="vault") == 0 and apart.metric("pratu_up", part="database") == 1
            if how == signal.SIGKILL:
                assert requests.get(f"http://127.0.0.1:{apart.metrics_port}/metrics/vault", timeout=30).status_code == 503
        finally:
            os.kill(vault.pid, signal.SIGCONT)
        if how == signal.SIGSTOP:
            wait_until(lambda: ready(apart) == ("ok", "ok"), what="ready again")


def test_ready_asks_nobody(apart):
    """Who asks, however often, causes no call behind it: there are those of the clock alone."""
    with apart.vault(), apart.run("web"):
        wait_until(lambda: ready(apart) == ("ok", "ok"), what="ready")
        session = new_session(str(apart.certificate))
        before = apart.metric("pratu_vault_calls_total", op="status"), apart.metric("pratu_database_calls_total", query="SELECT 1")
        n = 400
        for _ in range(n):
            assert session.get(apart.issuer + "/health/ready").status_code == 200
        after = apart.metric("pratu_vault_calls_total", op="status"), apart.metric("pratu_database_calls_total", query="SELECT 1")
        assert after[0] - before[0] < n / 4 and after[1] - before[1] < n / 4
        assert apart.metric("pratu_http_requests_total", route="/health/ready", status="200") >= n
