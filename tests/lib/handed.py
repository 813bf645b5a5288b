# SPDX-License-Identifier: Apache-2.0
"""Listening sockets that outlive a process, handed to it as systemd's socket units do (sd_listen_fds(3))."""
import fcntl
import os
import socket

FIRST = 100  # above all that a command gets as 3, 4, ...


class Handed:
    """Sockets by the names of their units' FileDescriptorName=, and commands that are given them."""

    def __init__(self, **addresses):
        self.sockets = {}
        for name, (host, port) in addresses.items():
            self.sockets[name] = socket.create_server((host, port), backlog=1024)

    def command(self, words) -> dict:
        """Arguments for subprocess.Popen. bash, as other shells cannot name descriptors above 9."""
        fds = [fcntl.fcntl(one, fcntl.F_DUPFD, FIRST) for one in self.sockets.values()]
        moves = " ".join(f"{n}<&{fd} {fd}<&-" for n, fd in enumerate(fds, 3))
        script = f'exec {moves}; export LISTEN_PID=$$; exec "$@"'
        return {
            "args": ["bash", "-c", script, "bash", *map(str, words)],
            "pass_fds": fds,
            "env": {**os.environ, "LISTEN_FDS": str(len(fds)), "LISTEN_FDNAMES": ":".join(self.sockets)},
        }

    def started(self, arguments):
        """After Popen: the copies that were made for it."""
        for fd in arguments["pass_fds"]:
            os.close(fd)

    def close(self):
        for one in self.sockets.values():
            one.close()
