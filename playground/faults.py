"""What goes wrong on purpose: scripted failures of REST requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from playground.errors import ApiError
from playground.ratelimits import too_many


@dataclass(slots=True)
class Fault:
    """Make the next `times` requests to a route fail.

    `route` is written as `PATCH /channels/{}/messages/{}`. `delay` (seconds) comes first;
    `reset` cuts the connection (RST); `after_storing` carries the request out before failing.
    Without `status` and `reset` the request is only slow.
    """

    route: str
    status: int | None = None
    times: int = 1
    json: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    delay: float = 0.0
    reset: bool = False
    after_storing: bool = False
    retry_after: float = 1.0
    scope: Literal["user", "global", "shared"] = "user"

    @property
    def failure(self) -> ApiError | None:
        """Give the error to answer with, if any."""
        if self.after_storing and self.status is None:
            return ApiError(502, 0, "502: Bad Gateway")
        if self.status is None:
            return None
        if self.status == 429:
            error = too_many(self.retry_after, scope=self.scope)
        else:
            error = ApiError(self.status, 0, f"{self.status}: fault")
        error.headers |= self.headers
        return error


class Faults:
    """The scripted failures that are still to come, in order."""

    def __init__(self) -> None:
        self._pending: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Script one more."""
        self._pending.append(fault)

    def take(self, route: str) -> Fault | None:
        """Give the fault for a request to this route, if one is scripted."""
        for fault in self._pending:
            if fault.route == route:
                fault.times -= 1
                if fault.times == 0:
                    self._pending.remove(fault)
                return fault
        return None
