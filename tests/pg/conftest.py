# SPDX-License-Identifier: Apache-2.0
"""A throwaway cluster for the whole run, and a migrated database for each file of tests."""
import os
import pathlib
import shutil

import pytest
from lib.instance import Cluster, Instance

CHECK = pathlib.Path(os.environ.get("PRATU_CHECK_DIR", "build/check/pg")).resolve()


@pytest.fixture(scope="session")
def cluster():
    (CHECK / "pg").mkdir(parents=True, exist_ok=True)
    os.environ["PRATU_PG_USERS"] = "daemon nobody"  # may be Pratu's roles, where a test gives each its own user
    shared = os.environ.get("PRATU_TEST_CLUSTER")  # tests/mutants keeps one for many runs, and removes it
    one = Cluster(shared or CHECK / "pg")
    yield one
    if not shared:
        one.remove()


@pytest.fixture(scope="session")
def instances(cluster):
    """Makes instances, each with a database of its own; all are removed at the end."""
    made = []

    def make(name, **settings):
        made.append(Instance(cluster, CHECK / "h", name, **settings))
        return made[-1]

    yield make
    for one in made:
        one.remove()
    shutil.rmtree(CHECK / "h", ignore_errors=True)


@pytest.fixture(scope="module")
def instance(instances, request):
    """Migrated, with a key, nothing running."""
    one = instances(request.module.__name__.replace("test_", ""))
    one.init()
    one.migrate()
    return one


@pytest.fixture(scope="module")
def vault(instance):
    """The same with the vault running."""
    with instance.vault():
        yield instance


@pytest.fixture(scope="module")
def stack(instance):
    """The same with all roles running."""
    with instance.serve():
        yield instance


@pytest.fixture(scope="module")
def db(instance):
    """As the superuser; a file of tests may have its own."""
    with instance.connect() as one:
        yield one


@pytest.fixture
def web(instance):
    """As the web role."""
    with instance.connect("pratu_web") as one:
        yield one
