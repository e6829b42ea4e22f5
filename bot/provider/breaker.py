"""Breakers: an endpoint that keeps failing is left alone for a while, told by origin and key."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass

from bot.catalog.types import Endpoint
from bot.errors import KeyRejected, NoCredit, ProviderDown, ProviderError, TimedOut, Unreachable

FAILURES = 5
OPEN_SECONDS = 30.0
_ROW_SECONDS = 600.0  # failures further apart than this are no row
# One such answer is enough: the next question would get the same.
_AT_ONCE: dict[type[ProviderError], float] = {KeyRejected: 60.0, NoCredit: 600.0}
_COUNTED = (Unreachable, ProviderDown, TimedOut)


class Unavailable(ProviderDown):
    """Not asked, because too many requests before it failed."""


@dataclass(slots=True)
class _Row:
    """Failures without a success between them; times by the breakers' clock."""

    failures: int = 0
    last: float = 0.0
    open_until: float | None = None
    kind: type[ProviderError] = Unavailable


class Breakers:
    """Which endpoints are left alone at the moment; in memory, by origin and key."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._rows: dict[tuple[str, str | None], _Row] = {}

    def check(self, endpoint: Endpoint) -> None:
        """Raise KeyRejected, NoCredit or Unavailable where a request would be in vain."""
        row = self._rows.get((endpoint.base_url, endpoint.key))
        if row is not None and row.open_until is not None and self._clock() < row.open_until:
            raise row.kind(f"{endpoint.host} was not asked: it failed just now", sent=False)

    @contextmanager
    def watching(self, endpoint: Endpoint) -> Generator[None]:
        """Let one request out, or raise as `check` does; how it ends is taken note of.

        The first one after a pause is a probe: nobody else goes until it ended, or for as long
        as a pause takes."""
        self.check(endpoint)
        place = (endpoint.base_url, endpoint.key)
        row = self._rows.get(place)
        if row is not None and row.open_until is not None:
            row.open_until = self._clock() + OPEN_SECONDS
        try:
            yield
        except (*_COUNTED, *_AT_ONCE) as error:
            self._failed(self._rows.setdefault(place, _Row()), error)
            raise
        except ProviderError:  # it said no, but it is there and knows the key
            self._rows.pop(place, None)
            raise
        self._rows.pop(place, None)

    def _failed(self, row: _Row, error: ProviderError) -> None:
        now = self._clock()
        row.failures = row.failures + 1 if now - row.last < _ROW_SECONDS else 1
        row.last = now
        if type(error) in _AT_ONCE:
            row.kind, row.open_until = type(error), now + _AT_ONCE[type(error)]
        elif row.failures >= FAILURES:
            row.kind, row.open_until = Unavailable, now + OPEN_SECONDS
