# SPDX-License-Identifier: Apache-2.0
"""The memory of a running process. Only root may read that of a hardened one."""
import re

MOST = 1 << 30  # bytes of one mapping; larger ones are a sanitizer's shadow, which holds no value of the program


def memory(pid: int) -> bytes:
    """All of a process's memory that it may write to."""
    parts = []
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as mem:
        for line in maps:
            found = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw", line)
            if found and "[v" not in line:
                start, end = (int(x, 16) for x in found.groups())
                if end - start > MOST:
                    continue
                mem.seek(start)
                try:
                    parts.append(mem.read(end - start))
                except OSError:
                    pass
    return b"\0".join(parts)
