# SPDX-License-Identifier: Apache-2.0
"""The example in Go."""
from example import SECRET, Example, walk
from prepare import go


def test_go(stack, browser):
    program = go("go")
    example = Example(stack, "go")
    example.register()
    command = [program, "-issuer", stack.issuer, "-here", example.base]
    with example.run(*command, SSL_CERT_FILE=example.ca, CLIENT_SECRET=SECRET) as process:
        example.listens(process)
        walk(example, browser)
