# SPDX-License-Identifier: Apache-2.0
"""The example with Debian's Apache."""
import os
import pathlib
import shutil
import tempfile

import pytest
from example import Example, walk
from lib import logs
from prepare import copy


@pytest.fixture
def clone(stack):
    """A directory like a clone, outside of it: as root, Apache's workers run as a user who may be unable to enter that."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        os.chmod(name, 0o755)
        place = pathlib.Path(name)
        copy("apache", place / "examples/apache")
        (place / ".run/tls").mkdir(parents=True)
        shutil.copy(stack.ca, place / ".run/tls")
        logs.watch(place / ".run/example-apache.log")
        yield place


def test_apache(stack, browser, clone):
    example = Example(stack, "apache")
    example.register()
    defined = {"CLONE": clone, "ISSUER": stack.issuer, "PORT": example.port}
    words = [word for name, value in defined.items() for word in ("-C", f"Define {name} {value}")]
    command = ["/usr/sbin/apache2", *words, "-f", clone / "examples/apache/httpd.conf", "-DFOREGROUND"]
    with example.run(*command) as process:
        example.listens(process)
        walk(example, browser)
