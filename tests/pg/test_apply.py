# SPDX-License-Identifier: Apache-2.0
"""`pratu apply`: all or nothing, the same again changes nothing, each mistake named by its place."""
import copy
import json

import pytest
from lib.access import signed_in
from lib.citizen import national_id
from lib.vault import PASSWORD, Vault, make_citizen, second_step
from lib.vault import SEED as VAULT_SEED

SECRET = "a-secret-of-more-than-32-characters!"
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
OTHER_SEED = "MZXW6YTBOJRHEZLUMVSXI4TFMVSXEZLS"
ID = [national_id(f"11017002307{n}") for n in range(10)] + [national_id(f"3101700230{n:02}") for n in range(40)]

DOCUMENT = {
    "agencies": [{
        "id": "rd", "name": "Revenue Department", "name_th": "กรมสรรพากร", "policy_uri": "https://rd.example/privacy",
        "clients": [{"client_id": "rd-web", "client_secret": SECRET, "redirect_uris": ["https://rd.example/cb"]}],
    }],
    "clients": [{
        "client_id": "app", "agency": "rd", "token_endpoint_auth_method": "none", "client_name": "App",
        "redirect_uris": ["https://app.example/cb"],
    }],
    "citizens": [{
        "national_id": ID[0], "alias": "somchai", "password": "correct horse battery", "totp_secret": SEED,
        "sandbox_code": "123456", "name": "Somchai", "name#th": "สมชาย", "email": "somchai@example.th",
        "email_verified": True, "address": {"country": "TH", "postal_code": "10110"},
        "birthdate": "1985-11-20", "phone_number": "+66 81 234 5678", "locale": "th-TH",
        "zoneinfo": "Asia/Bangkok", "updated_at": 1700000000,
    }],
}  # fmt: skip


def fingerprint(instance):
    """Everything that apply may write, but the record."""
    tables = ("idp.client", "idp.citizen", "vault.identifier", "vault.national_id", "vault.password",
              "vault.factor", "vault.factor_failure", "vault.device")  # fmt: skip
    return {t: instance.sql(f"SELECT t::text FROM {t} t ORDER BY 1") for t in tables}


def events(instance):
    return instance.sql("SELECT count(*) FROM record.event WHERE kind = 'apply'")[0][0]


def counts(instance, document, *arguments):
    answer = json.loads(instance.apply(document, "--json", *arguments).stdout)
    return tuple(answer[k] for k in ("created", "changed", "unchanged"))


def sign_in(instance, citizen_id):
    """A session with two grants, one of them for offline access; its id."""
    with instance.connect("pratu_web") as db:
        return signed_in(db, citizen_id, offline=(True, False))[0]


def client(**members):
    return {"client_id": "c1", "client_name": "C", "redirect_uris": ["https://c.example/cb"],
            "client_secret": SECRET, **members}  # fmt: skip


def citizen(n, **members):
    return {"national_id": ID[n], "password": "correct horse battery", "totp_secret": SEED, **members}


def test_first_again_and_changed(vault):
    document = copy.deepcopy(DOCUMENT)
    assert counts(vault, document, "--dry-run") == (3, 0, 0)
    assert vault.sql("SELECT count(*) FROM idp.client") == [(0,)], "a dry run keeps nothing"
    assert counts(vault, document) == (3, 0, 0)
    assert events(vault) == 3
    before = fingerprint(vault)
    assert counts(vault, document) == (0, 0, 3)
    assert fingerprint(vault) == before and events(vault) == 3, "the same again writes nothing"

    document["citizens"][0]["name"] = "Somchai J."
    document["clients"][0]["redirect_uris"].append("https://app.example/cb2")
    assert counts(vault, document) == (0, 2, 1)
    (detail,) = vault.sql(
        "SELECT detail FROM record.event WHERE kind = 'apply' AND subject_id IS NOT NULL"
        " ORDER BY at DESC LIMIT 1")[0]  # fmt: skip
    assert detail["change"] == "changed" and detail["members"] == ["claims"] and detail["by"]
    assert vault.sql("SELECT claims ->> 'name' FROM idp.citizen") == [("Somchai J.",)]


def test_what_a_client_takes_from_its_agency(vault):
    metadata = dict(vault.sql("SELECT client_id, metadata FROM idp.client"))
    assert metadata["rd-web"]["client_name"] == "Revenue Department"
    assert metadata["rd-web"]["client_name#th"] == "กรมสรรพากร"
    assert metadata["app"]["client_name"] == "App" and "client_name#th" not in metadata["app"]
    assert metadata["app"]["policy_uri"] == "https://rd.example/privacy"
    assert not {"client_secret", "agency", "disabled"} & (metadata["rd-web"].keys() | metadata["app"].keys())


def test_no_secret_is_stored_or_said_in_the_clear(vault):
    dump = "".join(str(v) for v in fingerprint(vault).values()) + str(vault.sql("SELECT t::text FROM record.event t"))
    log = vault.log.read_text()
    for secret in (SECRET, SEED, ID[0], "correct horse battery", '"123456"', "=123456"):
        assert secret not in dump and secret not in log


def test_a_secret_left_out_stays(vault):
    document = {"clients": [client(client_id="keeps")]}
    vault.apply(document)
    stored = vault.sql("SELECT secret_hash FROM idp.client WHERE client_id = 'keeps'")
    del document["clients"][0]["client_secret"]
    assert counts(vault, document) == (0, 0, 1)
    assert vault.sql("SELECT secret_hash FROM idp.client WHERE client_id = 'keeps'") == stored
    document["clients"][0]["token_endpoint_auth_method"] = "none"
    assert counts(vault, document) == (0, 1, 0)
    assert vault.sql("SELECT secret_hash FROM idp.client WHERE client_id = 'keeps'") == [(None,)]


def test_disabled(vault):
    vault.apply({"clients": [client(client_id="off", disabled=True)]})
    assert vault.sql("SELECT disabled FROM idp.client WHERE client_id = 'off'") == [(True,)]


def test_claims_left_out_stay_and_claims_given_replace(vault):
    vault.apply({"citizens": [citizen(1, name="A", email="a@example.th")]})
    assert counts(vault, {"citizens": [citizen(1)]}) == (0, 0, 1)
    assert counts(vault, {"citizens": [citizen(1, name="A", email=None)]}) == (0, 1, 0)
    found = vault.sql("SELECT claims FROM idp.citizen WHERE claims ->> 'name' = 'A'")
    assert found == [({"name": "A"},)]


def test_counters_and_new_secrets(vault):
    """A new password leaves the counters of factors and delays; a new seed is a factor bound anew."""
    vault.apply({"citizens": [citizen(2, name="Counted")]})
    (who,) = vault.sql("SELECT citizen_id FROM idp.citizen WHERE claims ->> 'name' = 'Counted'")[0]
    vault.sql("UPDATE vault.factor SET blocked_at = now(), counter = 99 WHERE citizen_id = %s", [who])
    vault.sql("INSERT INTO vault.factor_failure (citizen_id, kind, device_hash, known, failures)"
              " VALUES (%s, 'totp', 'x', false, 50)", [who])  # fmt: skip
    vault.sql("INSERT INTO vault.throttle VALUES ('x', 7, now(), now() + interval '1 hour')")
    assert counts(vault, {"citizens": [citizen(2, password="another long password")]}) == (0, 1, 0)
    state = ("SELECT f.counter, f.blocked_at IS NOT NULL, w.failures FROM vault.factor f"
             " LEFT JOIN vault.factor_failure w USING (citizen_id, kind) WHERE citizen_id = %s")  # fmt: skip
    assert vault.sql(state, [who]) == [(99, True, 50)]
    assert vault.sql("SELECT failures FROM vault.throttle") == [(7,)]
    other = citizen(2, password="another long password", totp_secret=OTHER_SEED)
    assert counts(vault, {"citizens": [other]}) == (0, 1, 0)
    assert vault.sql(state, [who]) == [(0, False, None)]
    assert counts(vault, {"citizens": [other]}) == (0, 0, 1)


@pytest.mark.parametrize("password, claims", [
    ("password1234", {}),
    ("รหัสผ่าน1234", {}),
    (ID[38], {}),
    ("Nattapong-Wattanakosin", {"name": "Nattapong Wattanakosin"}),
    ("nattapong.w@mail.example", {"email": "nattapong.w@mail.example"}),
])  # fmt: skip
def test_a_password_that_is_easy_to_guess_is_refused(vault, password, claims):
    """Also one made of what the document tells of the citizen."""
    before = vault.sql("SELECT count(*) FROM idp.citizen")
    done = vault.apply({"citizens": [citizen(38, password=password, **claims)]}, status=1)
    assert "citizens[0].password: it is too easy to guess" in done.stderr and password not in done.stderr
    assert vault.sql("SELECT count(*) FROM idp.citizen") == before


def test_a_password_of_the_operators_list_is_refused(instances, tmp_path):
    """In whatever case; one that is stored already stays. The vault reads the list when it starts, or does not start."""
    listed = tmp_path / "listed"
    one = instances("listed", password_blocklist=listed)
    one.init()
    one.migrate()
    assert "No such file" in one.pratu("vault", status=1).stderr
    listed.write_text("")
    with one.vault():
        assert counts(one, {"citizens": [citizen(40, password="Andaman-Longtail-Sunrise")]}) == (1, 0, 0)
    listed.write_text("other\nandaman-longtail-sunrise\n")
    with one.vault():
        assert counts(one, {"citizens": [citizen(40, password="Andaman-Longtail-Sunrise", name="N")]}) == (0, 1, 0)
        done = one.apply({"citizens": [citizen(41, password="ANDAMAN-longtail-sunrise")]}, status=1)
        assert "citizens[0].password: it is on the operator's list" in done.stderr and "longtail" not in done.stderr
        assert counts(one, {"citizens": [citizen(41, password="andaman-longtail-sunrise-7")]}) == (1, 0, 0)


def test_a_stored_password_is_judged_no_more(vault):
    """The same document as before changes nothing, whatever would be refused now."""
    password = "Nattapong-Wattanakosin"
    assert counts(vault, {"citizens": [citizen(39, password=password)]}) == (1, 0, 0)
    known = {"name": "Nattapong Wattanakosin"}
    assert counts(vault, {"citizens": [citizen(39, password=password, **known)]}) == (0, 1, 0)
    done = vault.apply({"citizens": [citizen(39, password=password + "1", **known)]}, status=1)
    assert "too easy to guess" in done.stderr


@pytest.mark.parametrize("change", [{"password": "another long password"}, {"totp_secret": OTHER_SEED}, {"sandbox_code": "654321"},
                                    {"sms_number": "089 999 9999"}])
def test_a_changed_credential_ends_what_was_signed_in_with_the_former(vault, change):
    web = Vault(vault.sockets / "web.sock")
    somchai, malee = make_citizen(vault, sms_number="+66888888888"), make_citizen(vault)
    kept, mine = sign_in(vault, malee.citizen_id), sign_in(vault, somchai.citizen_id)
    for person in (somchai, malee):
        assert person.sign_in(web, code="123456", device="phone")["outcome"] == "ok"
    partials = [somchai.partial(web), malee.partial(web)]
    known = {"national_id": somchai.national_id, "password": PASSWORD, "totp_secret": VAULT_SEED, "sandbox_code": "123456",
             "sms_number": "088 888 8888"}  # fmt: skip
    for document, changed in (({**known, "name": "Somchai"}, 0), ({**known, **change}, 1), ({**known, **change}, 1)):
        vault.apply({"citizens": [document]})
        session = "SELECT ended_at IS NOT NULL FROM idp.session WHERE session_id = %s"
        grants = "SELECT revoked_at IS NOT NULL FROM idp.authz_grant WHERE session_id = %s"
        assert vault.sql(session, [mine]) == [(bool(changed),)] and vault.sql(session, [kept]) == [(False,)]
        assert vault.sql(grants, [mine]) == [(bool(changed),)] * 2 and vault.sql(grants, [kept]) == [(False,)] * 2
        devices = "SELECT count(*) FROM vault.device WHERE citizen_id = %s"
        assert vault.sql(devices, [somchai.citizen_id]) == [(1 - changed,)] and vault.sql(devices, [malee.citizen_id]) == [(1,)]
        ended = "SELECT kind FROM record.event WHERE subject_id = %s AND reason = 'credentials_changed' ORDER BY kind"
        assert vault.sql(ended, [somchai.citizen_id]) == [("revoke",), ("revoke",), ("session_end",)][: 3 * changed]
    code = change.get("sandbox_code", "123456")
    assert second_step(web, partials[0], code) == {"outcome": "expired"}
    assert second_step(web, partials[1], "123456")["outcome"] == "ok"
    again = somchai.password(web, change.get("password", PASSWORD))
    assert second_step(web, again["partial"], code)["outcome"] == "ok"


def test_an_alias_moves_on(vault):
    vault.apply({"citizens": [citizen(3, alias="first.name")]})
    assert counts(vault, {"citizens": [citizen(3, alias="second.name")]}) == (0, 1, 0)
    assert counts(vault, {"citizens": [citizen(4, alias="first.name")]}) == (1, 0, 0)
    assert vault.pratu("citizen", "show", "second.name")


def test_all_or_nothing_in_the_document(vault):
    before = fingerprint(vault)
    refused = vault.apply({"clients": [client(client_id="good")], "citizens": [citizen(5), {"name": "no id"}]}, status=1)
    assert "citizens[1].national_id" in refused.stderr and "nothing was changed" in refused.stderr
    assert fingerprint(vault) == before


def test_all_or_nothing_in_the_database(vault):
    """The last statement fails: nothing of what was received before it stands."""
    before = fingerprint(vault), events(vault)
    vault.sql("REVOKE INSERT ON vault.factor FROM pratu_admin")
    try:
        refused = vault.apply({"clients": [client(client_id="good")], "citizens": [citizen(6)]}, status=1)
    finally:
        vault.sql("GRANT INSERT ON vault.factor TO pratu_admin")
    assert "the database refused" in refused.stderr
    assert (fingerprint(vault), events(vault)) == before


def test_two_at_once(vault):
    with vault.connect() as other:
        other.execute("SELECT pg_advisory_lock(hashtextextended('pratu.apply', 0))")
        assert "another" in vault.apply({"clients": [client()]}, status=3).stderr


def test_from_a_file_with_its_warnings(vault, tmp_path):
    path = tmp_path / "few.json"
    path.write_text(json.dumps({
        "clients": [client(client_id="few", client_secret="only20characters....")],
        "citizens": [{"national_id": ID[7]}],
    }))
    done = vault.pratu("apply", path)
    assert "warning: clients[0].client_secret" in done.stderr
    assert "warning: citizens[0]: no password" in done.stderr
    assert "2 created" in done.stdout


@pytest.mark.parametrize("text, place", [
    ('{"clients": [\n  {"client_id": "a",}\n]}', "line 2, column"),
    ('{"clients": [],\n "clients": []}', "line 2"),
    ("", "line 1"),
    ('{"a": 1} x', "line 1"),
])  # fmt: skip
def test_broken_json_is_named_by_line(vault, text, place):
    done = vault.pratu("apply", "-", stdin=text, status=1)
    assert f"standard input: {place}" in done.stderr


# Each row: a document, and the path and words of its mistake.
MISTAKES = [
    ([], "the document", "expected an object"),
    ({"client": []}, "client", "expected agencies, clients or citizens"),
    ({"clients": {}}, "clients", "expected an array, received an object"),
    ({"clients": [1]}, "clients[0]", "expected an object, received a number"),
    ({"agencies": [{"clients": []}]}, "agencies[0].name", "received nothing"),
    ({"agencies": [{"name": "A", "colour": "red"}]}, "agencies[0].colour", "no such member"),
    ({"agencies": [{"name": "A", "clients": [{}]}]}, "agencies[0].clients[0].client_id", "expected"),
    ({"agencies": [{"name": "A", "clients": [client(agency="x")]}]}, "agencies[0].clients[0].agency", "within"),
    ({"agencies": [{"id": "a", "name": "A"}] * 2}, "agencies[1]", "given already at agencies[0]"),
    ({"clients": [client(agency="nobody")]}, "clients[0].agency", "received nobody"),
    ({"clients": [client(), client()]}, "clients[1].client_id", "given already at clients[0].client_id"),
    ({"clients": [client(redirect_uris=["/cb"])]}, "clients[0].redirect_uris[0]", "an absolute URI"),
    ({"clients": [client(redirect_uris=["http://c.example/cb"])]}, "clients[0].redirect_uris[0]", "https"),
    ({"clients": [client(redirect_uris=["https://a.example/", "https://b.example/"])]},
     "clients[0].sector_identifier_uri", "no single host"),
    ({"clients": [client(colour="red")]}, "clients[0].colour", ""),
    ({"clients": [client(client_secret=5)]}, "clients[0].client_secret", "expected a text, received a number"),
    ({"clients": [client(client_secret="ลับ" * 12)]}, "clients[0].client_secret", "visible ASCII"),
    ({"clients": [client(client_secret=None)]}, "clients[0].client_secret", "none is stored"),
    ({"clients": [client(token_endpoint_auth_method="none")]}, "clients[0].client_secret", "expected none"),
    ({"clients": [client(disabled="yes")]}, "clients[0].disabled", "expected true or false"),
    ({"clients": [client(id_token_signed_response_alg="HS256")]}, "clients[0].id_token_signed_response_alg", "received HS256"),
    ({"citizens": [{}]}, "citizens[0].national_id", "received nothing"),
    ({"citizens": [citizen(8, sub="x")]}, "citizens[0].sub", "chooses each sub itself"),
    ({"citizens": [citizen(8, shoe_size=42)]}, "citizens[0].shoe_size", "no such member"),
    ({"citizens": [citizen(8, name="")]}, "citizens[0].name", "not empty"),
    ({"citizens": [citizen(8, name=5)]}, "citizens[0].name", "expected a text, received a number"),
    ({"citizens": [citizen(8, **{"name#": "x"})]}, "citizens[0].name#", "no such member"),
    ({"citizens": [citizen(8, **{"email#th": "x"})]}, "citizens[0].email#th", "no such member"),
    ({"citizens": [citizen(8, email="nobody")]}, "citizens[0].email", "an e-mail address"),
    ({"citizens": [citizen(8, email_verified="yes")]}, "citizens[0].email_verified", "expected true or false, received a text"),
    ({"citizens": [citizen(8, phone_number="call me")]}, "citizens[0].phone_number", "a phone number"),
    ({"citizens": [citizen(8, birthdate="1985-02-29")]}, "citizens[0].birthdate", "a date"),
    ({"citizens": [citizen(8, updated_at="now")]}, "citizens[0].updated_at", "unix seconds"),
    ({"citizens": [citizen(8, zoneinfo="Asia Bangkok")]}, "citizens[0].zoneinfo", "a time zone"),
    ({"citizens": [citizen(8, locale="ไทย")]}, "citizens[0].locale", "a language tag"),
    ({"citizens": [citizen(8, picture="face.png")]}, "citizens[0].picture", "URL"),
    ({"citizens": [citizen(8, address="Bangkok")]}, "citizens[0].address", "expected an object"),
    ({"citizens": [citizen(8, address={"planet": "x"})]}, "citizens[0].address.planet", "no such member"),
    ({"citizens": [citizen(8, address={"country": 66})]}, "citizens[0].address.country", "expected a text"),
    ({"citizens": [citizen(8, national_id="1101700230700")]}, "citizens[0].national_id", "13 digits"),
    ({"citizens": [citizen(8, national_id=5)]}, "citizens[0].national_id", "expected a text"),
    ({"citizens": [citizen(8), citizen(8)]}, "citizens[1].national_id", "given already at citizens[0].national_id"),
    ({"citizens": [citizen(8, alias="a b")]}, "citizens[0].alias", "without spaces"),
    ({"citizens": [citizen(8, alias="twice"), citizen(9, alias="Twice")]}, "citizens[1].alias", "given already"),
    ({"citizens": [citizen(8, alias="somchai")]}, "citizens[0].alias", "another citizen"),
    ({"citizens": [citizen(8, password="short")]}, "citizens[0].password", "8 to 256"),
    ({"citizens": [citizen(8, totp_secret="1!")]}, "citizens[0].totp_secret", "base32"),
    ({"citizens": [citizen(8, sandbox_code="1")]}, "citizens[0].sandbox_code", "4 to 16"),
    ({"citizens": [citizen(8, sms_number="02 123 4567")]}, "citizens[0].sms_number", "a mobile number in the form +66812345678"),
    ({"citizens": [citizen(8, sms_number="+447946000000")]}, "citizens[0].sms_number", "one of sms_prefixes"),
    ({"citizens": [citizen(8, code_email="somchai")]}, "citizens[0].code_email", "an e-mail address"),
    ({"citizens": [citizen(8, sms_and_email="0812345678")]}, "citizens[0].sms_and_email", "with a space between"),
    ({"citizens": [citizen(8, sms_and_email="+447946000000 a@b.example")]}, "citizens[0].sms_and_email", "one of sms_prefixes"),
]  # fmt: skip


@pytest.mark.parametrize("document, path, words", MISTAKES, ids=[m[1] + ": " + m[2] for m in MISTAKES])
def test_a_mistake_is_named(vault, document, path, words):
    before = fingerprint(vault)
    done = vault.apply(document, "--json", status=1)
    faults = json.loads(done.stdout)["faults"]
    found = [f["fault"] for f in faults if f["path"] == path]
    assert found and words in found[0], faults
    assert f"{path}: {found[0]}" in done.stderr
    assert fingerprint(vault) == before


def test_a_number_to_which_no_code_would_be_sent_is_refused(vault):
    document = {"citizens": [citizen(8, sms_number="+447946000000")]}
    assert "one of sms_prefixes" in vault.apply(document, status=1).stderr


def test_every_mistake_is_named_at_once(vault):
    done = vault.apply({"clients": [client(client_id="")], "citizens": [{"sub": 1, "name": 2}]}, status=1)
    for path in ("clients[0].client_id", "citizens[0].sub", "citizens[0].name", "citizens[0].national_id"):
        assert f"{path}: " in done.stderr
    assert "4 mistakes" in done.stderr


def test_production_is_strict(vault, tmp_path):
    conf = vault.write_settings(tmp_path / "pratu.conf", mode="production")
    document = {"clients": [client(client_secret="short")], "citizens": [citizen(8, sandbox_code="123456")]}
    refused = vault.apply(document, conf=conf, status=1)
    assert "clients[0].client_secret: expected a random secret of 128 bits" in refused.stderr
    assert "citizens[0].sandbox_code: expected none" in refused.stderr


def test_a_thousand_citizens(vault):
    document = {"citizens": [{"national_id": national_id(f"42017{n:07}"), "name": f"Citizen {n}"} for n in range(1000)]}
    assert counts(vault, document) == (1000, 0, 0)
    assert counts(vault, document) == (0, 0, 1000)


def test_vault_away(instance, tmp_path):
    conf = instance.write_settings(tmp_path / "away.conf", vault_socket_dir="/nowhere")
    assert "the vault is away" in instance.apply({"citizens": [citizen(8)]}, conf=conf, status=3).stderr


def test_no_such_file(instance):
    assert "No such file" in instance.pratu("apply", "/nowhere.json", status=1).stderr
