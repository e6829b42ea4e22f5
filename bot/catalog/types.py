"""What is known about providers and models: frozen facts, merged once when the files are read."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec

from bot.i18n import _

Transport = Literal["url", "inline"]
MaxTokensField = Literal["max_tokens", "max_completion_tokens"]
SystemRole = Literal["system", "developer", "none"]
ImageFormat = Literal["jpeg", "png", "webp", "gif"]
Discovery = Literal[
    "", "aimlapi", "huggingface", "openrouter", "ollama", "llamacpp", "lmstudio", "openai", "plain"
]
"""How a provider's own list of models is read: a function each in discovery/lists.py.

`plain` lists tell only which models there are, `openai` also when one is shut down."""
Dialect = Literal["openai", "anthropic_parts"]
"""How a request is written, named after the behaviour: a function each in provider/dialects.py."""

NANO = 1_000_000_000
OWN = "own"
"""The id of the provider that is a guild's own endpoint."""

_Positive = Annotated[int, msgspec.Meta(gt=0)]


class Price(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """USD per million tokens, with the day it was read and where."""

    input: Decimal
    output: Decimal
    checked: dt.date
    source: str

    def __post_init__(self) -> None:
        """Raise ValueError for what is no amount of money."""
        if not all(amount.is_finite() and amount >= 0 for amount in (self.input, self.output)):
            raise ValueError(_("prices are zero or more"))


class ImageLimits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a provider takes: number in one request, bytes and pixels of each, formats.

    `max_bytes` is for pictures sent inline (under 4 MB as base64, the tightest known limit),
    `max_url_bytes` for those it fetches by a link."""

    max_count: _Positive = 10
    max_bytes: _Positive = 2_900_000
    max_url_bytes: _Positive = 20_000_000
    max_edge: _Positive = 1568
    formats: tuple[ImageFormat, ...] = ("jpeg", "png")


class ImageTokens(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How pictures become tokens, for the estimate.

    fixed: `base` tokens a picture. tiles: `base` + `per` for each `size`-pixel tile after the
    picture was fitted into `fit` and its short side into `short`. patches: one for each
    `size`-pixel patch, at most `cap` of them, times `factor`. pixels: width × height / `size`,
    at most `cap`."""

    rule: Literal["fixed", "tiles", "patches", "pixels"] = "fixed"
    base: int = 1600
    per: int = 0
    size: _Positive = 512
    fit: _Positive = 2048
    short: _Positive = 768
    factor: Decimal = Decimal(1)
    cap: _Positive | None = None


class Provider(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An HTTP endpoint with a base URL and a key, or the built-in reader (`kind` local)."""

    id: str
    label: str
    company: str
    """Who receives pictures, as `/privacy show` names them."""
    kind: Literal["http", "local"] = "http"
    base_url: str = ""
    api_key_env: tuple[str, ...] = ()
    needs_key: bool = True
    docs: str = ""
    rank: int = 100
    """Its place in the catalog's order, lowest first."""
    default_path: str = ""
    """What is added to a base URL given without a path (`/v1`)."""
    models_env: str = ""
    """The environment variable with the names of further models, separated by commas."""
    any_model: bool = False
    """Whether it is asked for names that the catalog doesn't list, too."""
    suffixes: bool = False
    """Whether a name may carry a route behind a colon (`:novita`, `:cheapest`)."""
    discovery: Discovery = ""
    """Empty where no list is to be trusted with what is there and what is gone."""

    @property
    def base_url_env(self) -> str:
        """The environment variable that overrides the base URL, or sets it where none ships."""
        return self.id.upper().replace("-", "_") + "_BASE_URL"

    @property
    def needed_env(self) -> str:
        """The environment variable without which it isn't configured."""
        return self.api_key_env[0] if self.needs_key else self.base_url_env


class Model(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One model at one provider. `id` is `provider/name-that-we-store`; `name` goes on the wire.

    Facts that nobody proved are listed in `unverified` and carry the safer value."""

    id: str
    name: Annotated[str, msgspec.Meta(min_length=1)]
    label: str
    provider: Provider
    context_tokens: int | None = None
    max_output_tokens: _Positive = 1024
    """What an answer may have, reasoning included: what we ask for, not what it could write."""
    max_tokens_field: MaxTokensField = "max_tokens"
    system_role: SystemRole = "system"
    temperature: bool = True
    max_temperature: Annotated[float, msgspec.Meta(gt=0, le=2)] = 1
    """The highest that it takes; every provider known takes 1."""
    unsupported: frozenset[str] = frozenset()
    """Request fields that are never sent (`stream_options`)."""
    extra_body: dict[str, object] = {}
    reasoning: bool = False
    transport: Transport = "inline"
    images: ImageLimits = ImageLimits()
    image_tokens: ImageTokens = ImageTokens()
    price: Price | None = None
    """None means unknown, never free; free is a price of zero."""
    dialect: Dialect = "openai"
    aliases: tuple[str, ...] = ()
    """Other model_ids under which it is known."""
    first_text_seconds: _Positive = 45
    """How long its first text may take; servers that load a model first take minutes."""
    chat: bool = True
    """Whether it answers on the chat completions endpoint at all."""
    sees: bool = True
    guard: bool = False
    """Whether it judges questions instead of answering them."""
    proven: bool = False
    shutdown: dt.date | None = None
    successor: str | None = None
    """model_id that replaces it."""
    retired: dt.date | None = None
    """When the provider took it off its list."""
    note: str = ""
    unverified: frozenset[str] = frozenset()
    checked: dt.date
    source: str
    listed: dt.date | None = None
    """When the provider's own list last named it; with the next two, never in a file."""
    found: dt.date | None = None
    """When that list first named a model that doesn't ship."""
    from_list: frozenset[str] = frozenset()
    """Facts that this list told."""

    def gone_since(self, today: dt.date) -> dt.date | None:
        """Give the day since which it is retired or shut down, None while it lives."""
        days = [day for day in (self.retired, self.shutdown) if day is not None and day <= today]
        return min(days, default=None)


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A provider as configured here: where it is and with which key.

    `own`: the guild's own key or endpoint pays. `foreign`: a guild named the address, so only the
    guarded way out leads there."""

    base_url: str
    key: str | None = None
    own: bool = False
    foreign: bool = False

    @property
    def host(self) -> str:
        """Host, and port where it isn't the scheme's own, as people read it."""
        return urlsplit(self.base_url).netloc.rpartition("@")[2]

    def __repr__(self) -> str:
        return f"Endpoint({self.host}, key={'set' if self.key else 'none'})"
