"""A guild's settings as a file: no keys, ids as text, money in USD, every mistake named."""

import json
import re
from collections.abc import Set
from dataclasses import replace
from decimal import Decimal
from typing import cast

import msgspec

from bot.choices import NAMES_MAX, GuildSettings, OwnEndpoint
from bot.errors import Refused
from bot.guilds.mistakes import Mistake, read, within
from bot.i18n import LANGUAGES, _
from bot.money import NANO, parse_usd

VERSION = 1
BYTES_MAX = 64 * 1024

_MONEY = frozenset(f"budget.{name}" for name in ("day", "month", "member_day", "member_month"))
_IDS = frozenset({"id", "role_id", "channel_id", "exempt_roles", "exempt_members"}) | {
    f"{rule}_{kind}" for rule in ("allowed", "denied") for kind in ("channels", "roles", "members")
}
_ID = re.compile(r"[1-9][0-9]{0,18}")
_INDEX = re.compile(r"\[\d+\]")


def dump(settings: GuildSettings) -> bytes:
    """Give the file in which these settings are kept outside."""
    content = {"version": VERSION, "settings": _outward(msgspec.to_builtins(settings), "")}
    return json.dumps(content, indent=2, ensure_ascii=False).encode()


def load(data: bytes, *, endpoint: OwnEndpoint | None) -> GuildSettings | list[Mistake]:
    """Read a file; gives every mistake in it instead if there is any.

    What it doesn't name is as by default, but for the endpoint: it stays the one given."""
    try:
        content = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, RecursionError):
        return [Mistake("", _("This is no JSON file."))]
    if not isinstance(content, dict) or "settings" not in content:
        return [Mistake("", _("This file doesn't come from /settings export."))]
    file = cast("dict[str, object]", content)
    if file.get("version") != VERSION:
        return [Mistake("version", _("expected {number}").format(number=VERSION))]
    mistakes: list[Mistake] = []
    settings = read(GuildSettings, file["settings"], "", _inward, mistakes)
    if not isinstance(settings, GuildSettings):
        return mistakes
    named = "endpoint" in cast("dict[str, object]", file["settings"])
    return settings if named else replace(settings, endpoint=endpoint)


def at_home(
    settings: GuildSettings, roles: Set[int], channels: Set[int]
) -> tuple[GuildSettings, frozenset[int]]:
    """Leave out what is for other roles and channels than these; gives whose it was.

    Rules of access stay: without them more would be open than the file says."""
    rate, budget = settings.rate, settings.budget
    there = {"role": roles, "channel": channels}
    fitting = replace(
        settings,
        overrides=tuple(each for each in settings.overrides if each.id in there[each.scope]),
        rate=replace(
            rate,
            roles=tuple(each for each in rate.roles if each.role_id in roles),
            exempt_roles=tuple(role for role in rate.exempt_roles if role in roles),
        ),
        budget=budget if budget.channel_id in channels else replace(budget, channel_id=None),
    )
    return fitting, _named(settings) - _named(fitting)


def strange(settings: GuildSettings, roles: Set[int], channels: Set[int]) -> frozenset[int]:
    """Give the roles and channels in rules of access that are none of these."""
    access = settings.access
    named_roles = {*access.allowed_roles, *access.denied_roles}
    named_channels = {*access.allowed_channels, *access.denied_channels}
    return frozenset(named_roles - roles) | (named_channels - channels)


def _named(settings: GuildSettings) -> frozenset[int]:
    rate, channel = settings.rate, settings.budget.channel_id
    overrides = [each.id for each in settings.overrides]
    roles = [each.role_id for each in rate.roles]
    return frozenset((*overrides, *roles, *rate.exempt_roles, *([channel] if channel else [])))


def _outward(value: object, place: str) -> object:
    if isinstance(value, dict):
        inner = cast("dict[str, object]", value)
        return {name: _outward(each, within(place, name)) for name, each in inner.items()}
    if isinstance(value, list | tuple):
        return [_outward(each, place) for each in cast("list[object]", value)]
    if isinstance(value, int) and place in _MONEY:
        return f"{(Decimal(value) / NANO).normalize():f}"
    return str(value) if isinstance(value, int) and _is_id(place) else value


def _inward(value: object, place: str) -> object:
    # Other tools round large numbers, and 0.1 is none: ids and money are text.
    if isinstance(value, list):
        names = cast("list[object]", value)
        if place == "endpoint.models" and len(", ".join(map(str, names))) > NAMES_MAX:
            raise Refused(
                _("expected names of {limit:,} characters in all").format(limit=NAMES_MAX)
            )
        return names
    text = value if isinstance(value, str) else ""
    if place in _MONEY:
        if not text or (nano := parse_usd(text)) is None:
            raise Refused(_("expected US dollars in quotes, such as “0.50”, or null"))
        return nano
    if _is_id(place):
        if not _ID.fullmatch(text) or int(text) >= 2**63:
            raise Refused(_("expected an id in quotes"))
        return int(text)
    if place == "language" and text not in LANGUAGES:
        raise Refused(_("expected one of Discord's languages, such as “pt-BR”, or null"))
    if "\0" in text:
        raise Refused(_("expected text without control characters"))
    return value


def _is_id(place: str) -> bool:
    return _INDEX.sub("", place).rpartition(".")[2] in _IDS
