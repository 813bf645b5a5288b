# SPDX-License-Identifier: Apache-2.0
"""The generator of the vault's operations: what it refuses, and what its fingerprint depends on."""
import pytest
from lib.vault_codec import FINGERPRINT, ROOT, TABLE, ops

HEAD = "socket web user web_user\nsocket admin user vault_user\n"
OP = "op x  callers web\n"
SOURCE = ROOT / "idp" / "io" / "vault_ops.table"


def parse(tmp_path, text):
    path = tmp_path / "t.table"
    path.write_text(text if text.startswith("#") else HEAD + text)
    return ops.parse(path)


@pytest.mark.parametrize("text", [
    "", "in a text 1\n", "op x\n", "op x callers\n", "op x callers everyone\n", OP + OP, OP + "in a\n", OP + "in a text\n",
    OP + "in a text 0\n", OP + "in a text x\n", OP + "in a words 3\n", OP + "in A text 3\n", OP + "in a int\nin a int\n",
    OP + "in a int maybe\n", OP + "in a int on ok\n", OP + "out a int on failed\n", OP + "out a int on later\n",
    OP + "out a int on\n", OP + "in a list 3\n", OP + "in a list 3 {\n", OP + "in a list 3 {\nb list 2 {\n}\n}\n",
    OP + "in a context null\n", OP + "out outcome int\n", OP + "about x\n", "socket web user other\n" + OP,
    "socket x\n" + OP, "socket x who y\n" + OP, "socket X user y\n" + OP, OP + "socket desk user desk_user\n",
    "op x callers desk\n",
])  # fmt: skip
def test_a_line_that_is_none_stops_the_build(tmp_path, text):
    with pytest.raises(SystemExit) as end:
        parse(tmp_path, text)
    assert "t.table" in str(end.value)


def test_a_socket_is_one_line(tmp_path):
    made = parse(tmp_path, "socket desk user desk_user\nop x  callers desk admin\n")
    assert [(one.name, one.user) for one in made.sockets][2:] == [("desk", "desk_user")]
    assert "VAULT_DESK_SOCKET = 4," in "\n".join(ops.table_h(made))
    code = "\n".join(ops.table_c(made))
    assert '{"desk", VAULT_DESK_SOCKET, offsetof(struct settings, desk_user)},' in code
    assert "VAULT_DESK_SOCKET | VAULT_ADMIN_SOCKET" in code


def test_the_fingerprint_is_of_what_both_sides_agree_on(tmp_path):
    source = SOURCE.read_text()
    same = [source + "# more\n", source.replace("  what  ", "  what  Indeed: ")]
    other = [
        source.replace("login        text 1024", "login        text 1025"),
        source.replace("callers web admin", "callers admin"),
        source.replace("on wait", "on blocked"),
        source.replace("alg null", "alg"),
        source.replace("op bind", "op tie"),
        source.replace("hash null", "hash"),
    ]
    assert FINGERPRINT == ops.fingerprint(list(TABLE.values()))
    assert [ops.fingerprint(parse(tmp_path, text)) == FINGERPRINT for text in same] == [True] * len(same)
    assert [ops.fingerprint(parse(tmp_path, text)) == FINGERPRINT for text in other] == [False] * len(other)
