"""Wall-clock time that can be moved forward, and the ids that Discord makes of it."""

import time
from datetime import UTC, datetime

DISCORD_EPOCH = 1_420_070_400  # seconds: the first second of 2015
_YEAR = 365 * 86_400


class Clock:
    """Tells the playground's time, and hands out snowflakes in ascending order."""

    def __init__(self) -> None:
        self.advanced = 0.0
        self._last = 0
        self._aged_ms = int((time.time() - _YEAR - DISCORD_EPOCH) * 1000)

    def now(self) -> float:
        """Give seconds since 1970, real time plus what was advanced."""
        return time.time() + self.advanced

    def advance(self, seconds: float) -> None:
        """Move time forward without sleeping."""
        self.advanced += seconds

    def snowflake(self) -> int:
        """Give the id of something that happens now."""
        now = int((self.now() - DISCORD_EPOCH) * 1000) << 22
        self._last = max(self._last + 1, now)
        return self._last

    def aged_snowflake(self) -> int:
        """Give the id of something a year old; each in its own millisecond, so shards vary."""
        self._aged_ms += 1
        return self._aged_ms << 22


def iso(timestamp: float) -> str:
    """Write seconds since 1970 as Discord writes them."""
    return datetime.fromtimestamp(timestamp, UTC).isoformat()
