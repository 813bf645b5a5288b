# SPDX-License-Identifier: Apache-2.0
"""The examples for Node.js and the browser."""
import sys

from example import Example, walk
from prepare import node


def test_express(stack, browser):
    place = node("express")
    example = Example(stack, "express")
    example.register()
    with example.run("node", "app.js", cwd=place, NODE_EXTRA_CA_CERTS=example.ca) as process:
        example.listens(process)
        walk(example, browser)


def test_single_page(stack, browser):
    """A browser of its own loads the page and its library from one server and Pratu from another."""
    place = node("spa")
    example = Example(stack, "spa")
    example.register()
    place = example.copy(place)
    settings = place / "settings.js"
    settings.write_text(settings.read_text().replace("https://localhost:8443", stack.issuer))
    with example.run(sys.executable, "-m", "http.server", "--bind", "localhost", example.port, cwd=place) as process:
        example.listens(process)
        walk(example, browser)
