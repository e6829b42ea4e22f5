"""Discord's attachment CDN: signed links that expire, the media proxy, and faults on demand."""

import asyncio
import hashlib
import hmac
import io
import secrets
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from aiohttp import web
from PIL import Image

GONE = "This content is no longer available."
_PATH = "/attachments/{channel}/{attachment}/{filename}"
_FORMATS = {"webp": "WEBP", "png": "PNG", "jpeg": "JPEG", "jpg": "JPEG"}
_HTML = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body></body></html>"
_DRIP_BYTES, _DRIP_SECONDS = 64, 0.05


@dataclass(frozen=True, slots=True)
class Fetch:
    """One request that the CDN answered."""

    path: str
    status: int
    sent: int
    user_agent: str
    has_authorization: bool


@dataclass(frozen=True, slots=True)
class _Stored:
    filename: str
    data: bytes
    content_type: str


class Cdn:
    """Keep attachments in memory and serve them; `now` is the wall clock that links expire by."""

    def __init__(self, base_url: Callable[[], str], now: Callable[[], float]) -> None:
        self.requests: list[Fetch] = []
        self._base_url = base_url
        self._now = now
        self._key = secrets.token_bytes(32)
        self._stored: dict[tuple[str, str], _Stored] = {}
        self._faults: deque[str] = deque()

    def put(
        self,
        channel_id: int,
        attachment_id: int,
        filename: str,
        data: bytes,
        content_type: str | None,
    ) -> None:
        """Store one attachment; without a content type it is served as an octet stream."""
        kind = content_type or "application/octet-stream"
        self._stored[str(channel_id), str(attachment_id)] = _Stored(filename, data, kind)

    def delete(self, channel_id: int, attachment_id: int) -> None:
        """Forget an attachment; its links answer 404 from now on."""
        self._stored.pop((str(channel_id), str(attachment_id)), None)

    def data(self, channel_id: int, attachment_id: int) -> bytes:
        """Give an attachment's bytes; raises KeyError when it is gone."""
        return self._stored[str(channel_id), str(attachment_id)].data

    def url(
        self, channel_id: int, attachment_id: int, filename: str, *, lifetime: float = 86400
    ) -> str:
        """Give a fresh link to the original, valid for `lifetime` seconds."""
        return self._base_url() + self._signed(channel_id, attachment_id, filename, lifetime)

    def proxy_url(
        self, channel_id: int, attachment_id: int, filename: str, *, lifetime: float = 86400
    ) -> str:
        """Give a fresh link to the media proxy, which takes `width`, `height` and `format`."""
        signed = self._signed(channel_id, attachment_id, filename, lifetime)
        return f"{self._base_url()}/media{signed}"

    def fault(self, mode: str) -> None:
        """Spoil the next answer: "drip", "lie" (wrong length), "html" or "status:500"."""
        if mode not in ("drip", "lie", "html") and not mode.removeprefix("status:").isdecimal():
            raise ValueError(f"unknown fault: {mode}")
        self._faults.append(mode)

    def routes(self) -> list[web.RouteDef]:
        """Give the routes to add to an aiohttp application."""
        return [web.get(_PATH, self._original), web.get(f"/media{_PATH}", self._proxied)]

    def _signed(self, channel_id: int, attachment_id: int, filename: str, lifetime: float) -> str:
        path = f"/attachments/{channel_id}/{attachment_id}/{quote(filename, safe='')}"
        issued = int(self._now())
        times = f"ex={int(issued + lifetime):x}&is={issued:x}"
        return f"{path}?{times}&hm={self._signature(path, times)}&"

    def _signature(self, path: str, times: str) -> str:
        return hmac.new(self._key, f"{path}?{times}".encode(), hashlib.sha256).hexdigest()

    def _find(self, request: web.Request) -> _Stored | None:
        """Give what a link points at, None when it is unsigned, tampered with, expired or gone."""
        query, where = request.query, request.match_info
        expires = query.get("ex", "")
        times = f"ex={expires}&is={query.get('is', '')}"
        path = f"/attachments/{where['channel']}/{where['attachment']}/"
        expected = self._signature(path + quote(where["filename"], safe=""), times)
        given = query.get("hm", "")
        if not hmac.compare_digest(expected.encode(), given.encode()):
            return None
        if int(expires, 16) <= self._now():
            return None
        return self._stored.get((where["channel"], where["attachment"]))

    async def _original(self, request: web.Request) -> web.StreamResponse:
        if self._faults:
            return await self._spoiled(request, self._faults.popleft())
        found = self._find(request)
        if found is None:
            return self._answer(request, web.Response(status=404, text=GONE))
        response = _file(found.data, found.content_type)
        name = quote(found.filename, safe="")
        response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
        return self._answer(request, response)

    async def _proxied(self, request: web.Request) -> web.StreamResponse:
        if self._faults:
            return await self._spoiled(request, self._faults.popleft())
        found = self._find(request)
        if found is None:
            return self._answer(request, web.Response(status=404, text=GONE))
        try:
            made = await asyncio.to_thread(render, found.data, request.query)
        except ValueError as error:
            return self._answer(request, web.Response(status=400, text=str(error)))
        except (OSError, Image.DecompressionBombError):
            return self._answer(request, web.Response(status=415, text="Unsupported media type"))
        return self._answer(request, _file(*made))

    async def _spoiled(self, request: web.Request, mode: str) -> web.StreamResponse:
        found = self._find(request)
        data = found.data if found else b""
        if mode == "html":
            return self._answer(request, _file(_HTML, "text/html"))
        if mode == "drip":
            return await self._drip(request, data)
        if mode == "lie":
            return await self._lie(request, data)
        status = int(mode.removeprefix("status:"))
        return self._answer(request, web.Response(status=status, text="upstream error"))

    async def _drip(self, request: web.Request, data: bytes) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(len(data))})
        await response.prepare(request)
        sent = 0
        try:
            while sent < len(data):
                await response.write(data[sent : sent + _DRIP_BYTES])
                sent = min(sent + _DRIP_BYTES, len(data))
                await asyncio.sleep(_DRIP_SECONDS)
        finally:
            self._note(request, 200, sent)
        return response

    async def _lie(self, request: web.Request, data: bytes) -> web.StreamResponse:
        """Promise more than is sent, then close."""
        response = web.StreamResponse(headers={"Content-Length": str(len(data) + 1000)})
        response.force_close()
        await response.prepare(request)
        await response.write(data)
        self._note(request, 200, len(data))
        return response

    def _answer(self, request: web.Request, response: web.Response) -> web.Response:
        body = response.body if isinstance(response.body, bytes) else b""
        self._note(request, response.status, 0 if request.method == "HEAD" else len(body))
        return response

    def _note(self, request: web.Request, status: int, sent: int) -> None:
        agent = request.headers.get("User-Agent", "")
        authorized = "Authorization" in request.headers
        self.requests.append(Fetch(request.path, status, sent, agent, authorized))


def _file(data: bytes, content_type: str) -> web.Response:
    headers = {"Content-Type": content_type, "Cache-Control": "public, max-age=31536000"}
    return web.Response(body=data, headers=headers)


def render(data: bytes, query: Mapping[str, str]) -> tuple[bytes, str]:
    """Give a picture fitted into `width` x `height` as `format`, and its content type.

    Raises ValueError for a query that makes no sense, OSError for what is no picture.
    """
    with Image.open(io.BytesIO(data)) as picture:
        box = (_side(query, "width"), _side(query, "height"))
        name = query.get("format", "")
        kind = _FORMATS.get(name) or picture.format or "PNG"
        if name and name not in _FORMATS:
            raise ValueError(f"format {name!r} is not known")
        if kind == picture.format and box == (None, None):
            return data, Image.MIME[kind]
        picture.thumbnail((box[0] or picture.width, box[1] or picture.height))
        fitted = picture.convert("RGB") if kind == "JPEG" else picture
        out = io.BytesIO()
        fitted.save(out, kind)
        return out.getvalue(), Image.MIME[kind]


def _side(query: Mapping[str, str], name: str) -> int | None:
    value = query.get(name)
    if value is None:
        return None
    if not value.isdecimal() or not 1 <= int(value) <= 4096:
        raise ValueError(f"{name} must be between 1 and 4096")
    return int(value)
