"""Tries: what costs money, or might tell of the host's network, a few times a minute and guild."""

import time
from collections.abc import Callable

PER_SECONDS = 60.0


class Tries:
    """Counts each guild's tries of the last minute."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.most = most
        self._clock = clock
        self._tried: dict[int, tuple[float, ...]] = {}

    def wait(self, guild_id: int) -> int:
        """Count a try and give 0, or give the seconds after which there is room for one."""
        now = self._clock()
        tried = tuple(at for at in self._tried.get(guild_id, ()) if now - at < PER_SECONDS)
        if len(tried) >= self.most:
            return round(tried[0] + PER_SECONDS - now) or 1
        self._tried[guild_id] = (*tried, now)
        return 0
