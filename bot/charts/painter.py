"""The parent's side of charts: a child process draws them, so nothing here waits or grows."""

from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

import msgspec

from bot.charts.types import Chart
from bot.child import Child, ChildDied
from bot.errors import Refused
from bot.i18n import _

_SECONDS = 60.0  # the first chart on a machine lists its fonts
_IDLE_SECONDS = 120.0


class Painter:
    """Draws charts in a process that is started when one is wanted and ended when idle."""

    def __init__(self, *, idle: float = _IDLE_SECONDS) -> None:
        # For matplotlib's list of fonts: a container's home may be read-only, or not there.
        self._folder = TemporaryDirectory(prefix="vidi-charts-")
        self._child = Child(
            "bot.charts.drawing",
            timeout=_SECONDS,
            idle=idle,
            environ={"MPLCONFIGDIR": self._folder.name},
        )

    async def __aenter__(self) -> Self:
        await self._child.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._child.__aexit__(kind, error, traceback)
        self._folder.cleanup()

    @property
    def pid(self) -> int | None:
        """The id of the child, None while none runs."""
        return self._child.pid

    async def draw(self, chart: Chart) -> bytes:
        """Give the chart as PNG; raises Refused when it can't be drawn."""
        try:
            _facts, png = await self._child.ask({}, msgspec.json.encode(chart))
        except ChildDied as error:
            raise Refused(
                _("The chart could not be drawn. /usage summary has the sums; or try again later.")
            ) from error
        return png
