# SPDX-License-Identifier: Apache-2.0
"""The examples for Node.js and the browser."""
from example import Example, walk
from prepare import node


def test_express(stack, browser):
    place = node("express")
    example = Example(stack, "express")
    example.register()
    with example.run("node", "app.js", cwd=place, NODE_EXTRA_CA_CERTS=example.ca) as process:
        example.listens(process)
        walk(example, browser)
