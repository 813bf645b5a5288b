# SPDX-License-Identifier: Apache-2.0
import pytest

from raw import Server, allow_files, make_certificate

allow_files(8192)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module", params=["plain", "tls"])
def server(request, certificate):
    """One process for all the requests of a module: the last test of each asks whether it still serves."""
    made = Server(tls=certificate if request.param == "tls" else None, timeout_s=2)
    yield made
    assert made.is_well()
    assert made.stop() == 0


@pytest.fixture
def start(certificate):
    """A server with settings of the test's own."""
    made = []

    def go(tls=False, **settings):
        made.append(Server(tls=certificate if tls else None, **settings))
        return made[-1]

    yield go
    for one in made:
        assert one.is_well()
        assert one.stop() == 0
