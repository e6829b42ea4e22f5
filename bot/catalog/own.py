"""A guild's own endpoint as a provider with models, of which nothing is known but their names."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

import httpx

from bot.catalog.types import OWN, Model, Provider
from bot.i18n import N_

_HOST = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z._-]*[0-9A-Za-z])?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
_UNKNOWN = frozenset(
    {"transport", "images", "image_tokens", "sees", "system_role", "max_tokens_field"}
)


def normal_url(typed: str) -> str | None:
    """Give a base URL as requests append to it; None for what can't be one."""
    try:
        url = httpx.URL(typed.strip().rstrip("/").removesuffix("/chat/completions"))
    except (httpx.InvalidURL, ValueError):
        return None
    has_port = url.port is None or 0 < url.port < 65536
    if url.scheme not in ("http", "https") or not has_port:
        return None
    if url.userinfo or url.query or url.fragment:
        return None
    if not _HOST.fullmatch(url.raw_host.decode("ascii")) or not str(url).isprintable():
        return None
    return str(url).rstrip("/") if url.path.strip("/") else str(url.copy_with(path="/v1"))


def provider_of(base_url: str) -> Provider:
    """Give the provider at this base URL; pictures go to whoever runs its host."""
    return Provider(
        id=OWN,
        label=N_("this server's own endpoint"),
        company=httpx.URL(base_url).raw_host.decode("ascii"),
        base_url=base_url,
        needs_key=False,
    )


def models_of(provider: Provider, names: Iterable[str], today: dt.date) -> dict[str, Model]:
    """Give its models by model_id: links are forwarded first, and bytes sent when it can't."""
    models = [
        Model(
            id=f"{OWN}/{name}",
            name=name,
            label=name,
            provider=provider,
            transport="url",
            max_output_tokens=2048,
            first_text_seconds=120,
            unverified=_UNKNOWN,
            checked=today,
            source="/settings endpoint",
        )
        for name in names
    ]
    return {model.id: model for model in models}


class Extended(Mapping[str, Model]):
    """A guild's own models before all others, which are read through, for they change."""

    def __init__(self, own: Mapping[str, Model], others: Mapping[str, Model]) -> None:
        self._own = own
        self._others = others

    def __getitem__(self, model_id: str) -> Model:
        return self._own[model_id] if model_id in self._own else self._others[model_id]

    def __iter__(self) -> Iterator[str]:
        return chain(self._own, self._others)

    def __len__(self) -> int:
        return len(self._own) + len(self._others)
