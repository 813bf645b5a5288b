# SPDX-License-Identifier: Apache-2.0
"""The example in Java."""
from example import Example, walk
from prepare import maven, tool


def test_spring(stack, browser):
    jar = maven("spring")
    example = Example(stack, "spring")
    example.register()
    store = stack.dir / "ca.p12"
    tool("keytool", "-importcert", "-noprompt", "-alias", "pratu", "-file", stack.ca, "-keystore", store, "-storepass", "changeit")
    trust = ["-Djavax.net.ssl.trustStore=" + str(store), "-Djavax.net.ssl.trustStorePassword=changeit"]
    quick = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # to start soon, not to run long
    with example.run("java", *trust, "-jar", jar, JAVA_TOOL_OPTIONS=quick) as process:
        example.listens(process)
        walk(example, browser, told="Invalid credentials")  # Spring's own words
