# SPDX-License-Identifier: Apache-2.0
"""Ports for servers of tests that run side by side.

Not from the range from which the kernel takes the ports of outgoing connections: one of those could hold a port in
the moment before its server binds it, or while that server is away.
"""
import errno
import random
import socket

FIRST, BEHIND = 10240, 32768  # Linux begins with outgoing ones at 32768


def free_ports(n: int) -> list:
    """n ports that nobody listens on now, at random, so that two processes do not choose the same."""
    held = {}
    try:
        while len(held) < n:
            port, one = random.randrange(FIRST, BEHIND), socket.socket()
            try:
                one.bind(("127.0.0.1", port))
                held[port] = one
            except OSError as fault:
                one.close()
                if fault.errno != errno.EADDRINUSE:
                    raise
        return list(held)
    finally:
        for one in held.values():
            one.close()


def free_row(n: int) -> int:
    """The first of n ports one after the other that nobody listens on now."""
    while True:
        first, held = random.randrange(FIRST, BEHIND - n), []
        try:
            for port in range(first, first + n):
                held.append(socket.create_server(("127.0.0.1", port)))
            return first
        except OSError as fault:
            if fault.errno != errno.EADDRINUSE:
                raise
        finally:
            for one in held:
                one.close()


def free_port() -> int:
    return free_ports(1)[0]
