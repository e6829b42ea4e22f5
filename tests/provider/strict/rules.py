"""What requests are made of, and the rules that a strict provider is put together from."""

import base64
from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from playground.completions import Act, Fail, Raw
from playground.model_server import ModelRequest
from tests.provider.strict.streams import Variant

Body = dict[str, Any]
Rule = Callable[[Body], Fail | None]
Refuse = Callable[[str], Fail]
"""Gives a sentence the shape in which a provider refuses."""

LIMITS = ("max_tokens", "max_completion_tokens")


@dataclass(frozen=True, slots=True)
class Double:
    """A provider's rules, in the order in which it checks them, and how it streams."""

    rules: tuple[Rule, ...]
    variant: Variant

    def __call__(self, request: ModelRequest) -> Act:
        return self.judge(request.body) or Raw((self.variant.stream,))

    def judge(self, body: Body) -> Fail | None:
        """Give the refusal of a request; None when it is right."""
        return next((refusal for rule in self.rules if (refusal := rule(body))), None)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it stands in a request: a link, or bytes."""

    link: str | None
    media_type: str = ""
    encoded: str = ""

    @property
    def data(self) -> bytes:
        return base64.b64decode(self.encoded, validate=True)


def parts(body: Body) -> list[Body]:
    """Give all parts of all messages."""
    contents = [message["content"] for message in body["messages"]]
    return [part for content in contents if isinstance(content, list) for part in content]


def pictures(body: Body) -> list[Picture]:
    """Give the pictures of a request, however they are written."""
    return [_picture(part) for part in parts(body) if part["type"] in ("image", "image_url")]


def _picture(part: Body) -> Picture:
    if part["type"] == "image":
        source = part["source"]
        if source["type"] == "url":
            return Picture(source["url"])
        return Picture(None, source["media_type"], source["data"])
    url = part["image_url"]["url"]
    if not url.startswith("data:"):
        return Picture(url)
    head, _comma, encoded = url.removeprefix("data:").partition(",")
    return Picture(None, head.removesuffix(";base64"), encoded)


def well_formed(refuse: Refuse) -> Rule:
    """What all check: messages in turns that end with the user, a limit of output, a stream."""

    def rule(body: Body) -> Fail | None:
        roles = [message["role"] for message in body["messages"]]
        spoken = [role for role in roles if role in ("user", "assistant")]
        if roles[-1] != "user" or any(a == b for a, b in pairwise(spoken)):
            return refuse("After the (optional) system message, roles must alternate.")
        if any(role in ("system", "developer") for role in roles[1:]):
            return refuse("System message must be at the beginning.")
        limits = [body[name] for name in LIMITS if name in body]
        if len(limits) != 1 or not isinstance(limits[0], int) or limits[0] < 1:
            return refuse("exactly one output limit, and a positive one")
        if body.get("stream") is not True or not body.get("model"):
            return refuse("stream and model are required here")
        return None

    return rule


def text_first(refuse: Refuse) -> Rule:
    """The text part stands before the pictures."""

    def rule(body: Body) -> Fail | None:
        kinds = [part["type"] for part in parts(body)]
        return refuse("send the text prompt first") if kinds and kinds[0] != "text" else None

    return rule


def without(refuse: Callable[[str], Fail], *fields: str) -> Rule:
    """These fields are refused, by name."""

    def rule(body: Body) -> Fail | None:
        return next((refuse(field) for field in fields if field in body), None)

    return rule


def only(refuse: Callable[[str], Fail], fields: Collection[str]) -> Rule:
    """All other fields are refused, by name."""

    def rule(body: Body) -> Fail | None:
        return next((refuse(field) for field in body if field not in fields), None)

    return rule


def roles(refuse: Callable[[str], Fail], allowed: Collection[str]) -> Rule:
    """Other roles are refused, by name."""

    def rule(body: Body) -> Fail | None:
        found = (message["role"] for message in body["messages"])
        return next((refuse(role) for role in found if role not in allowed), None)

    return rule


def at_most(count: int, refuse: Refuse, sentence: str) -> Rule:
    """More pictures than this are refused."""

    def rule(body: Body) -> Fail | None:
        return refuse(sentence) if len(pictures(body)) > count else None

    return rule


def no_links(refusal: Fail) -> Rule:
    """Links are refused."""

    def rule(body: Body) -> Fail | None:
        return refusal if any(picture.link for picture in pictures(body)) else None

    return rule


def bytes_of(kinds: Collection[str], refusal: Fail) -> Rule:
    """Bytes must be of these types, and be what they say."""

    def rule(body: Body) -> Fail | None:
        inline = [picture for picture in pictures(body) if picture.link is None]
        fine = all(p.media_type in kinds and _is(p.media_type, p.data) for p in inline)
        return None if fine else refusal

    return rule


def links_to(endings: Collection[str], refusal: Fail) -> Rule:
    """Links must lead to files of these endings."""

    def rule(body: Body) -> Fail | None:
        links = [picture.link.partition("?")[0] for picture in pictures(body) if picture.link]
        return None if all(link.endswith(tuple(endings)) for link in links) else refusal

    return rule


def encoded_bytes(each: int, together: int, refusal: Fail) -> Rule:
    """Base64 may be as long as this, each and together."""

    def rule(body: Body) -> Fail | None:
        sizes = [len(picture.encoded) for picture in pictures(body)]
        return refusal if max(sizes, default=0) > each or sum(sizes) > together else None

    return rule


_MAGIC = {
    "image/jpeg": b"\xff\xd8\xff",
    "image/png": b"\x89PNG",
    "image/webp": b"RIFF",
    "image/gif": b"GIF8",
}


def _is(media_type: str, data: bytes) -> bool:
    return data.startswith(_MAGIC.get(media_type, b"?"))
