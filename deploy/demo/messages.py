#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The messages that the demo's phones and mailboxes have received, as one page, newest first.

  messages.py PHONES MAILBOX PAGE    write PAGE now, and again whenever a message arrives, until SIGTERM

PHONES is what Kannel's fake SMS centre prints (fakesmsc), MAILBOX a maildir that Exim fills. Tests import it to read both.
"""
import email
import email.policy
import html
import os
import pathlib
import re
import sys
import time
import urllib.parse

SHOWN = 50
LOOK_S = 0.3
PAGE = """<!DOCTYPE html>
<html lang="th">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="2">
<title>ข้อความที่ได้รับ · Messages</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/agency.css">
</head>
<body>
<header><p class="agency">โทรศัพท์และอีเมลของผู้ทดลอง <span lang="en">The demo's phones and mailboxes</span></p></header>
<main>
<h1>ข้อความที่ได้รับ <span lang="en">Messages that arrived, newest first</span></h1>
%s
</main>
</body>
</html>
"""
EMPTY = '<p>ยังไม่มีข้อความ <span lang="en">None yet. This page looks again by itself.</span></p>'


def text_of(kind, raw):
    """A text as fakesmsc prints it: as it is, or each byte percent-encoded."""
    if kind == "text":
        return raw
    data = urllib.parse.unquote_to_bytes(raw.replace("+", " "))
    return data.decode("utf-16-be") if b"\0" in data or b"\x0e" in data else data.decode("latin-1")


def sms(printed):
    """[time, sender, number, text] of each SMS, in order. A long one arrives in parts, a text of several lines as a
    line each."""
    found, parts = [], {}
    pattern = r"^(\S+ \S+) \[\d+\] \[\d+\] DEBUG: Got message \d+: <(.*)>$"
    for at, line in re.findall(pattern, printed, re.M):
        one = re.match(r"(\S+) (\+?\d+) (?:udh (\S+) )?(text|ucs-2|data) (.*)", line)
        if not one:
            if found:
                found[-1][3] += "\n" + line
            continue
        sender, number, head, kind, raw = one.groups()
        part = head and (number, urllib.parse.unquote_to_bytes(head)[3])
        if part in parts:
            parts[part][3] += text_of(kind, raw)
            continue
        found.append([at, sender, number, text_of(kind, raw)])
        if part:
            parts[part] = found[-1]
    return found


def mails(mailbox):
    """(time, mail) of each, in order."""
    paths = sorted(pathlib.Path(mailbox, "new").glob("*"), key=lambda path: path.stat().st_mtime_ns)
    return [(path.stat().st_mtime, email.message_from_bytes(path.read_bytes(), policy=email.policy.default))
            for path in paths]  # fmt: skip


def entries(phones, mailbox):
    """(time, channel, sender, recipient, subject, text), newest first."""
    printed = pathlib.Path(phones).read_text(errors="replace") if os.path.exists(phones) else ""
    made = [(at, "SMS", sender, number, "", text) for at, sender, number, text in sms(printed)]
    for at, mail in mails(mailbox):
        made.append((time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at)), "E-mail", str(mail["From"]), str(mail["To"]),
                     str(mail["Subject"]), mail.get_content()))  # fmt: skip
    return sorted(made, key=lambda one: one[0], reverse=True)[:SHOWN]


def page(found):
    def entry(at, channel, sender, recipient, subject, text):
        shown = [html.escape(word) for word in (channel, sender, recipient, at, subject, text.strip())]
        head = f"<h2>{shown[0]} → {shown[2]} <span>{shown[1]} · {shown[3]}</span></h2>"
        return f"<article>{head}{f'<p><strong>{shown[4]}</strong></p>' if subject else ''}<pre>{shown[5]}</pre></article>"

    return PAGE % ("\n".join(entry(*one) for one in found) or EMPTY)


def write(path, text):
    new = pathlib.Path(f"{path}.new")
    new.write_text(text, encoding="utf-8")
    new.chmod(0o644)  # the web server is another user
    new.replace(path)


def main(phones, mailbox, out):
    shown = None
    while True:
        found = entries(phones, mailbox)
        if found != shown:
            write(out, page(found))
            shown = found
        time.sleep(LOOK_S)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
