# SPDX-License-Identifier: Apache-2.0
"""The courier on an instance, with the gateways that a test gives it.

    with running(instance, sms=[gateway.url], smtp=exim.url) as courier: …
    courier.metric("pratu_courier_messages_total", state="handed_over")
"""
import re
import urllib.error
import urllib.request
from contextlib import contextmanager

from lib.gateways import PASSWORD
from lib.ports import free_ports
from lib.stack import wait_until


class Courier:
    def __init__(self, instance, process, reports_port, metrics_port):
        self.instance, self.process = instance, process
        self.reports = f"http://127.0.0.1:{reports_port}/report"
        self.metrics_port = metrics_port

    def metrics(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=30) as answer:
            return answer.read().decode()

    def metric(self, name, **labels):
        wanted = [f'{key}="{value}"' for key, value in labels.items()]
        lines = [line for line in self.metrics().splitlines() if re.match(rf"{name}[{{ ]", line)]
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if all(word in line for word in wanted))


def private(instance, name, text):
    path = instance.dir / name
    path.touch(0o600)
    path.chmod(0o600)
    path.write_text(text)
    return path


@contextmanager
def running(instance, sms=(), smtp=None, name="courier", ready=True, **settings):
    reports_port, metrics_port = free_ports(2)
    changes = {
        "sms_gateways": " ".join(sms), "gateway_timeout_s": 2, "gateway_ca_file": instance.certificate,
        "sms_auth_file": private(instance, "sms.auth", f"pratu {PASSWORD}\n" * len(sms)) if sms else None,
        "reports_listen": f"127.0.0.1:{reports_port}", "reports_url": f"http://127.0.0.1:{reports_port}/report",
        "courier_metrics_listen": f"127.0.0.1:{metrics_port}",
        **({"smtp_url": smtp, "mail_from": "no-reply@login.example",
            "smtp_auth_file": private(instance, "smtp.auth", f"pratu {PASSWORD}")} if smtp else {}),
        **settings,
    }  # fmt: skip
    conf = instance.write_settings(instance.dir / f"{name}.conf", **changes)
    with instance.run("courier", conf=conf, ready=ready) as process:
        yield Courier(instance, process, reports_port, metrics_port)


def wait_state(outbox, message_id, *states, timeout_s=60):
    """The row, once it is in one of these states."""
    def there():
        row = outbox.row(message_id)
        return row if row["state"] in states else None

    return wait_until(there, timeout_s=timeout_s, what=f"{message_id} {states}, still {outbox.row(message_id)}")


def events(instance, message_id):
    """(outcome, reason) of the record's rows about a message, in order."""
    return instance.sql("SELECT outcome, reason FROM record.event WHERE kind = 'message' AND detail->>'message_id' = %s"
                        " ORDER BY at, event_id", [str(message_id)])  # fmt: skip


def report(courier, message_id, mac, status="1"):
    """A delivery report; the status of its answer."""
    try:
        with urllib.request.urlopen(f"{courier.reports}?id={message_id}&mac={mac}&status={status}", timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as refused:
        return refused.code
