# SPDX-License-Identifier: Apache-2.0
"""Namespaces of its own for what a test must not do to this machine: mounts, installations, ports below 1024."""
import os
import subprocess
import warnings


def _can(*words) -> bool:
    return subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True).returncode == 0


MOUNTS = ["unshare", *([] if os.geteuid() == 0 else ["-r"]), "-m"]  # a command follows, and may mount file systems
CAN_MOUNT = _can(*MOUNTS, "mount", "-t", "tmpfs", "tmpfs", "/mnt")

_OVERLAY = "mount -t tmpfs tmpfs /mnt && mkdir /mnt/u /mnt/w /mnt/r && mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/u,workdir=/mnt/w /mnt/r"
# A copy of this machine, or of another Debian, in which root may install packages.
CAN_INSTALL = os.geteuid() == 0 and _can("unshare", "-m", "-n", "-p", "--fork", "sh", "-c", _OVERLAY)


def left_out(what: str):
    """For where it cannot be done: nobody shall believe that it was tested."""
    warnings.warn(f"this machine does not allow namespaces with mounts to this user, so that is NOT tested: {what}", stacklevel=2)
