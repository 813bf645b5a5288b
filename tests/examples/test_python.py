# SPDX-License-Identifier: Apache-2.0
"""The examples in Python."""
from example import Example, sign_in, tab, walk
from prepare import copy, python, tool


def test_flask(stack, browser):
    example = Example(stack, "flask")
    example.register()
    command = [python(), "-m", "flask", "--app", "app", "run", "--port", example.port]
    with example.run(*command, REQUESTS_CA_BUNDLE=example.ca) as process:
        example.listens(process)
        walk(example, browser)


def test_private_key_jwt(stack, browser):
    example = Example(stack, "private-key-jwt")
    place = stack.dir / "private-key-jwt"
    copy("private-key-jwt", place)
    document = tool(python(), "key.py", cwd=place)
    assert tool(python(), "key.py", cwd=place) == document, "the key is made once"
    example.register(document)
    command = [python(), "-m", "flask", "--app", "app", "run", "--port", example.port]
    with example.run(*command, cwd=place, REQUESTS_CA_BUNDLE=example.ca) as process:
        example.listens(process)
        walk(example, browser)


def test_native(stack, browser):
    """What it would open in the citizen's browser is opened in this one."""
    example = Example(stack, "native")
    example.register()
    with example.run(python(), "app.py", REQUESTS_CA_BUNDLE=example.ca, BROWSER="true") as process, tab(browser) as page:
        page.goto(example.asks(process, 1))
        sign_in(page, stack.sandbox("somying"))
        page.get_by_text("You may close this window.").wait_for()
        again = example.asks(process, 2)
        page.goto(again)
        page.wait_for_url("http://127.0.0.1:*/signed-out")
        assert process.wait(30) == 0
    said = example.log.read_text()
    assert '"acr": "urn:pratu:loa:2"' in said and "somying@example.th" in said and said.endswith("Signed out\n")
    assert example.events("refresh") and [row["reason"] for row in example.events("logout")] == ["hint"]
