"""GuildSettings: what a guild's moderators chose, as one frozen value with its bounds.

Moments and ids are Discord's; money is integer nano-USD; None is “no limit” or “not chosen”."""

from dataclasses import dataclass, fields, replace
from typing import Annotated, Any, Literal, TypeVar

import msgspec

PROMPT_MAX = 2000
RETENTION_MAX_HOURS = 720
ALSO_MAX = 24
"""A menu of models takes 25, the guild's own among them."""
UNPROVEN_MAX = 25
FALLBACKS_MAX = 5
OVERRIDES_MAX = 25
LISTED_MAX = 50
"""Channels, roles or members in one list of rules."""
COUNT_MAX = 1_000_000
PICTURES_MAX = 10
NAMES_MAX = 2000
"""Characters of an endpoint's models in one list: a form has to show them again."""
USD_MAX = 1_000_000
NANO_MAX = USD_MAX * 1_000_000_000

Length = Literal["short", "normal", "long"]
Style = Literal["plain", "card"]

_Count = Annotated[int, msgspec.Meta(ge=1, le=COUNT_MAX)]
_Money = Annotated[int, msgspec.Meta(ge=0, le=NANO_MAX)]
_ModelId = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
_Ids = Annotated[tuple[int, ...], msgspec.Meta(max_length=LISTED_MAX)]


@dataclass(frozen=True, slots=True)
class Override:
    """Another model than the guild's, for who has a role or for what is asked in a channel.

    A channel's holds in its threads, a category's in its channels."""

    scope: Literal["role", "channel"]
    id: int
    model_id: _ModelId


@dataclass(frozen=True, slots=True)
class Access:
    """Where and by whom questions may be asked; see `bot.policy.access` for what beats what."""

    allowed_channels: _Ids = ()
    denied_channels: _Ids = ()
    allowed_roles: _Ids = ()
    denied_roles: _Ids = ()
    allowed_members: _Ids = ()
    denied_members: _Ids = ()


@dataclass(frozen=True, slots=True)
class RoleRate:
    """How often a member with this role may ask instead; None is no limit."""

    role_id: int
    minute: _Count | None = None
    day: _Count | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """How often questions may be asked. `minute` and `day` count each member's own."""

    minute: _Count | None = 30
    day: _Count | None = None
    guild_minute: _Count | None = None
    guild_day: _Count | None = None
    pictures: Annotated[int, msgspec.Meta(ge=1, le=PICTURES_MAX)] | None = None
    """Pictures in one question."""
    roles: Annotated[tuple[RoleRate, ...], msgspec.Meta(max_length=OVERRIDES_MAX)] = ()
    exempt_roles: _Ids = ()
    exempt_members: _Ids = ()
    """Whose own questions aren't limited; they count for the guild all the same."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What questions may cost: the guild's and each member's, by UTC day and month.

    From `share` percent of any of them on `cheaper` answers, and `channel_id` is told once."""

    day: _Money | None = None
    month: _Money | None = None
    member_day: _Money | None = None
    member_month: _Money | None = None
    share: Annotated[int, msgspec.Meta(ge=1, le=100)] = 80
    cheaper: _ModelId | None = None
    channel_id: int | None = None


@dataclass(frozen=True, slots=True)
class OwnEndpoint:
    """A server that speaks OpenAI's protocol, named by the guild itself."""

    base_url: Annotated[str, msgspec.Meta(min_length=1, max_length=300)]
    models: Annotated[tuple[_ModelId, ...], msgspec.Meta(min_length=1, max_length=25)]


@dataclass(frozen=True, slots=True)
class GuildSettings:
    """What a guild's moderators chose, or the defaults.

    `also` are models that members may choose besides the guild's own; `fallbacks` answer in this
    order when the model can't; `retention_hours` is how long an exchange can be followed up;
    `unproven` are models that answer although nobody knows whether they see; `screen_model` is a
    guard, and `screen_lenient` lets questions through that it could not look at."""

    model_id: _ModelId | None = None
    also: Annotated[tuple[_ModelId, ...], msgspec.Meta(max_length=ALSO_MAX)] = ()
    fallbacks: Annotated[tuple[_ModelId, ...], msgspec.Meta(max_length=FALLBACKS_MAX)] = ()
    overrides: Annotated[tuple[Override, ...], msgspec.Meta(max_length=OVERRIDES_MAX)] = ()
    prompt: Annotated[str, msgspec.Meta(max_length=PROMPT_MAX)] | None = None
    ask_private: bool = False
    menus_private: bool = True
    language: Annotated[str, msgspec.Meta(max_length=10)] | None = None
    """A Discord locale for every answer; None is each asker's own."""
    length: Length = "normal"
    style: Style = "plain"
    temperature: Annotated[float, msgspec.Meta(ge=0, le=2)] | None = None
    """None is the model's own; where a model takes less, it gets its most."""
    retention_hours: Annotated[int, msgspec.Meta(ge=0, le=RETENTION_MAX_HOURS)] = 24
    strip_metadata: bool = False
    """Pictures always go as bytes without metadata, never as a link."""
    tell_company: bool = True
    """Each answer says which company got the picture; the receipt says so in any case."""
    unproven: Annotated[tuple[_ModelId, ...], msgspec.Meta(max_length=UNPROVEN_MAX)] = ()
    screen_model: _ModelId | None = None
    screen_lenient: bool = False
    access: Access = Access()
    rate: Rate = Rate()
    budget: Budget = Budget()
    endpoint: OwnEndpoint | None = None


_Part = TypeVar("_Part", bound=GuildSettings | Access | Rate | Budget)


def merged(current: _Part, before: _Part, after: _Part) -> _Part:
    """Give `current` with what differs between `before` and `after`, field by field."""
    changed: dict[str, Any] = {}
    for field in fields(after):
        now, was, wanted = (getattr(each, field.name) for each in (current, before, after))
        if isinstance(wanted, Access | Rate | Budget):
            changed[field.name] = merged(now, was, wanted)
        elif wanted != was:
            changed[field.name] = wanted
    return replace(current, **changed)
