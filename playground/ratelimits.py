"""Discord's rate limits: a bucket for a route in its channel, and one for the whole bot."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from playground.errors import ApiError, Code

_VIA = {"Via": "1.1 google"}  # discord.py takes a 429 without it for Cloudflare's ban
_GLOBAL = (50, 1.0)
_EDITS = (5, 2.0)
_RULES: dict[tuple[str, str], tuple[int, float]] = {
    ("POST", "/channels/{}/messages"): (5, 5.0),
    ("PATCH", "/channels/{}/messages/{}"): (5, 5.0),
    ("DELETE", "/channels/{}/messages/{}"): (5, 1.0),
    ("POST", "/channels/{}/typing"): (5, 5.0),
    ("POST", "/webhooks/{}/{}"): _EDITS,
    ("GET", "/webhooks/{}/{}/messages/{}"): _EDITS,
    ("PATCH", "/webhooks/{}/{}/messages/{}"): _EDITS,
    ("DELETE", "/webhooks/{}/{}/messages/{}"): _EDITS,
}
_NAMES = {
    rule: hashlib.md5(" ".join(rule).encode(), usedforsecurity=False).hexdigest() for rule in _RULES
}


@dataclass(slots=True)
class _Bucket:
    remaining: int
    reset: float


class RateLimits:
    """Count requests as Discord does; `clock` is the wall clock in seconds."""

    def __init__(self, clock: Callable[[], float], enabled: bool = True) -> None:
        self._clock = clock
        self._enabled = enabled
        self._buckets: dict[tuple[str, str, str], _Bucket] = {}
        self._sweep_at = 1024
        self._global = _Bucket(0, float("-inf"))

    def hit(
        self, method: str, route: str, major: str | int, *, interaction: bool
    ) -> dict[str, str]:
        """Count one request and give its headers; raises ApiError 429 when a bucket is empty.

        `route` is the template (`/channels/{}/messages`), `major` the channel's id or the token.
        """
        if not self._enabled:
            return dict(_VIA)
        now = self._clock()
        if not interaction:
            self._hit_global(now)
        rule = (method, route)
        if rule not in _RULES:
            return dict(_VIA)
        limit, window = _RULES[rule]
        bucket = self._bucket((method, route, str(major)), limit, window, now)
        if bucket.remaining == 0:
            headers = _headers(rule, limit, bucket, now) | {"X-RateLimit-Scope": "user"}
            raise too_many(bucket.reset - now, headers=headers)
        bucket.remaining -= 1
        return _headers(rule, limit, bucket, now)

    def _hit_global(self, now: float) -> None:
        limit, window = _GLOBAL
        if now >= self._global.reset:
            self._global = _Bucket(limit, now + window)
        if self._global.remaining == 0:
            raise too_many(self._global.reset - now, scope="global")
        self._global.remaining -= 1

    def _bucket(self, key: tuple[str, str, str], limit: int, window: float, now: float) -> _Bucket:
        bucket = self._buckets.get(key)
        if bucket is None or now >= bucket.reset:
            bucket = self._buckets[key] = _Bucket(limit, now + window)
            self._sweep(now)
        return bucket

    def _sweep(self, now: float) -> None:
        """Forget buckets that have refilled, rarely enough to cost nothing a request."""
        if len(self._buckets) < self._sweep_at:
            return
        self._buckets = {key: each for key, each in self._buckets.items() if each.reset > now}
        self._sweep_at = 1024 + 2 * len(self._buckets)


def too_many(
    retry_after: float, *, scope: str = "user", headers: dict[str, str] | None = None
) -> ApiError:
    """Give Discord's 429, to be tried again after `retry_after` seconds."""
    everywhere = scope == "global"
    seconds = max(round(retry_after, 3), 0.001)
    sent = {**(headers or {}), **_VIA, "X-RateLimit-Scope": scope}
    sent["Retry-After"] = str(max(1, -int(-seconds // 1)))
    if everywhere:
        sent["X-RateLimit-Global"] = "true"
    return ApiError(
        429,
        Code.GENERAL,
        "You are being rate limited.",
        headers=sent,
        extra={"retry_after": seconds, "global": everywhere},
    )


def _headers(rule: tuple[str, str], limit: int, bucket: _Bucket, now: float) -> dict[str, str]:
    return {
        **_VIA,
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(bucket.remaining),
        "X-RateLimit-Reset": f"{bucket.reset:.3f}",
        "X-RateLimit-Reset-After": f"{bucket.reset - now:.3f}",
        "X-RateLimit-Bucket": _NAMES[rule],
    }
