# SPDX-License-Identifier: Apache-2.0
"""The examples in Python."""
from example import Example, walk
from prepare import python


def test_flask(stack, browser):
    example = Example(stack, "flask")
    example.register()
    command = [python(), "-m", "flask", "--app", "app", "run", "--port", example.port]
    with example.run(*command, REQUESTS_CA_BUNDLE=example.ca) as process:
        example.listens(process)
        walk(example, browser)
