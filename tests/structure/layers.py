#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An include may only go down (docs/ARCHITECTURE.md), and each foreign header has its one place."""
import re

from tree import ROOT, Faults, blank_c, files, read

# From where, to where: the longest prefix of a file's path decides. A file may always include its own folder.
MAY = {
    "idp/base/": [],
    "otp/": ["idp/base/"],
    "oidc/": ["idp/base/"],
    "idp/io/": ["idp/base/"],
    "idp/page/": ["idp/base/", "idp/io/", "oidc/", "otp/"],
    "idp/web/": ["idp/base/", "idp/io/", "oidc/", "otp/", "idp/page/"],
    "idp/vault/": ["idp/base/", "idp/io/", "oidc/", "otp/"],
    "idp/courier/": ["idp/base/", "idp/io/", "idp/page/"],
    "idp/cli/": [
        "idp/base/", "idp/io/", "oidc/", "otp/",
        "idp/web/web_main.h", "idp/vault/vault_main.h", "idp/vault/key_check.h",
        "idp/courier/courier_main.h",
    ],
    "tests/": [""],
    "deploy/": ["idp/base/"],
}
# What the build makes, and whose it is. The vault's table is the same on both sides.
SHARED = ("vault_table.h",)
GENERATED = {
    "queries_web.h": "idp/web/", "queries_vault.h": "idp/vault/", "queries_admin.h": "idp/cli/",
    "queries_courier.h": "idp/courier/",
    "vault_handlers.h": "idp/vault/", "message_texts.h": "idp/vault/", "pages.h": "idp/page/", "texts.h": "idp/page/",
    "migrations.h": "idp/cli/",
}
# Foreign headers, and the only files that may name them.
ONE_PLACE = {
    r"microhttpd\.h": r"idp/io/http\w*\.[ch]",
    r"gnutls/.*": r"idp/io/http\w*\.[ch]",
    r"libpq-fe\.h": r"idp/io/db\w*\.[ch]",
    r"liboath/.*": r"otp/totp\.c",
    r"sodium\.h": r"idp/vault/password\.c",
    r"cjose/.*": r"idp/base/jose\w*\.[ch]",
    r"openssl/.*": r"(idp/base/(crypto|jose)\w*|idp/cli/doctor_certificate)\.[ch]",
    r"jansson\.h": r"idp/base/json\.h",
    r"utf8proc\.h": r"otp/\w+\.c",
    r"curl/.*": r"idp/courier/transfer\.c",
    r"zxcvbn\.h": r"otp/strength\.c",
}
# otp and oidc are pure: no socket, file, database, clock or random source.
PURE = ("otp/", "oidc/")
IMPURE_HEADERS = re.compile(
    r"(sys/(socket|stat|un|random|time|mman|types|file|wait)|netdb|arpa/inet|netinet/\w+|unistd|fcntl|time|poll|pthread"
    r"|idp/base/(clock|rng|log|settings))\.h"
)
IMPURE_CALLS = re.compile(
    r"\b(time|gettimeofday|clock_gettime|clock_now_s|getrandom|getentropy|rand|random|rng_\w+|fopen|getenv|printf|puts"
    r"|log_\w+)\s*\("
)


def layer_of(name, rules):
    return max((prefix for prefix in rules if name.startswith(prefix)), key=len, default=None)


def check_quoted(faults, place, name, target):
    home = layer_of(name, MAY)
    if target in SHARED:
        if home not in ("idp/io/", "idp/page/", "idp/web/", "idp/vault/", "idp/courier/", "idp/cli/", "tests/"):
            faults.add(place, f"{target} only in idp/io and above", name)
    elif target in GENERATED:
        if home not in (GENERATED[target], "tests/"):
            faults.add(place, f"{target} only in {GENERATED[target]}", name)
    elif not (ROOT / target).is_file():
        faults.add(place, "a header's path from the root", f'"{target}"')
    elif not any(target.startswith(below) for below in [home, *MAY[home]]):
        faults.add(place, f"only {home} and what lies below it", f'"{target}"')


def check_foreign(faults, place, name, target):
    for header, home in ONE_PLACE.items():
        if re.fullmatch(header, target) and not re.fullmatch(home, name) and not name.startswith("tests/"):
            faults.add(place, f"<{target}> only in {home}", name)


def check_pure(faults, place, line, include):
    if include:
        impure = IMPURE_HEADERS.fullmatch(include.group(1) or include.group(2))
    else:
        impure = IMPURE_CALLS.search(line)
    if impure:
        faults.add(place, "a pure file without socket, file, clock or chance", impure.group(0))


def main():
    faults = Faults("layers")
    sources = files(".c", ".h")
    for name in sources:
        if layer_of(name, MAY) is None:
            faults.add(name, "a folder that has a layer", "none")
            continue
        text = read(name)
        for number, (line, code) in enumerate(zip(text.splitlines(), blank_c(text).splitlines()), 1):
            place = f"{name}:{number}"
            include = re.match(r'\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)', line)
            if include and include.group(1):
                check_quoted(faults, place, name, include.group(1))
            elif include:
                check_foreign(faults, place, name, include.group(2))
            if name.startswith(PURE):
                check_pure(faults, place, code, include)
    faults.end(len(sources))


main()
