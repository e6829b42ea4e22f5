"""What a client fills in for a slash command: typed options and the objects they name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playground.channels import Channel
from playground.guilds import Role
from playground.messages import File
from playground.permissions import permissions_in
from playground.users import Json, User, Value
from playground.writing import attach

SUB_COMMAND, GROUP = 1, 2
STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = range(3, 12)


def subcommand(command: Json, path: list[str]) -> tuple[list[Json], list[Json]]:
    """Walk down `path`; give the chain of (sub-command) nodes and the options at its end."""
    chain: list[Json] = []
    options: list[Json] = command.get("options") or []
    for name in path:
        found = next((o for o in options if o["name"] == name and o["type"] <= GROUP), None)
        assert found is not None, f"/{command['name']} has no {name!r}: {_names(options)}"
        chain.append(found)
        options = found.get("options") or []
    assert not any(option["type"] <= GROUP for option in options), (
        f"/{command['name']} needs one of {_names(options)}"
    )
    return chain, options


def nested(chain: list[Json], filled: list[Json]) -> list[Json]:
    """Wrap filled options into their sub-commands."""
    for node in reversed(chain):
        filled = [{"name": node["name"], "type": node["type"], "options": filled}]
    return filled


class Filler:
    """Fills options in and collects what they resolve to."""

    def __init__(self, channel: Channel, user: User) -> None:
        self._channel = channel
        self._user = user
        self.resolved: dict[str, Json] = {}

    def fill(self, options: list[Json], values: Mapping[str, Any]) -> list[Json]:
        """Type the values; AssertionError for what a client would not let a person send."""
        known = {option["name"]: option for option in options}
        for name in values:
            assert name in known, f"no option {name!r}, there are {_names(options)}"
        given = {name: value for name, value in values.items() if value is not None}
        for option in options:
            missing = option.get("required") and option["name"] not in given
            assert not missing, f"the option {option['name']!r} is required"
        return [
            {"name": name, "type": known[name]["type"], "value": self._value(known[name], value)}
            for name, value in given.items()
        ]

    def _value(self, option: Json, value: Value) -> Value:
        kind, name = option["type"], option["name"]
        if kind in (STRING, INTEGER, NUMBER):
            return _plain(option, value)
        if kind == BOOLEAN:
            assert isinstance(value, bool), f"{name!r} takes a bool, not {value!r}"
            return value
        assert isinstance(value, _RESOLVES[kind]), f"{name!r} can't take {value!r}"
        return self.resolve(value)

    def pick(self, select: Json, value: User | Channel | Role) -> str:
        """Choose an object in a select that lists such objects."""
        listed = _LISTS.get(select["type"], ())
        assert isinstance(value, listed), f"{select['custom_id']!r} doesn't list {value!r}"
        kinds = select.get("channel_types")
        fits = not (kinds and isinstance(value, Channel)) or value.kind in kinds
        assert fits, f"{select['custom_id']!r} lists channels of the kinds {kinds}"
        return self.resolve(value)

    def resolve(self, value: User | Channel | Role | File) -> str:
        """Note an object among the resolved ones and give its id."""
        if isinstance(value, File):
            uploaded = attach(self._channel, value, ephemeral=True)
            return self._note("attachments", uploaded.id, uploaded.json())
        if isinstance(value, Channel):
            granted = str(permissions_in(value, self._user))
            return self._note("channels", value.id, {**value.json(), "permissions": granted})
        if isinstance(value, Role):
            return self._note("roles", value.id, value.json())
        guild = self._channel.guild
        if guild is not None and (member := guild.members.get(value.id)):
            granted = str(permissions_in(self._channel, value))
            self._note("members", value.id, {**member.json(), "permissions": granted})
        return self._note("users", value.id, value.json)

    def _note(self, kind: str, key: int, body: Json) -> str:
        self.resolved.setdefault(kind, {})[str(key)] = body
        return str(key)


_RESOLVES: dict[int, tuple[type, ...]] = {
    USER: (User,),
    CHANNEL: (Channel,),
    ROLE: (Role,),
    MENTIONABLE: (User, Role),
    ATTACHMENT: (File,),
}
_LISTS: dict[int, tuple[type, ...]] = {5: (User,), 6: (Role,), 7: (User, Role), 8: (Channel,)}
_PLAIN: dict[int, tuple[type, ...]] = {STRING: (str,), INTEGER: (int,), NUMBER: (int, float)}


def _plain(option: Json, value: Value) -> Value:
    name = option["name"]
    for choice in option.get("choices") or ():
        if value in (choice["name"], choice["value"]):
            return choice["value"]
    offered = [choice["name"] for choice in option.get("choices") or ()]
    assert not offered, f"{name!r} has no choice {value!r}, there are {offered}"
    assert isinstance(value, _PLAIN[option["type"]]), f"{name!r} can't take {value!r}"
    size, low, high = value, option.get("min_value"), option.get("max_value")
    if isinstance(value, str):
        size, low, high = len(value), option.get("min_length"), option.get("max_length", 6000)
    assert low is None or size >= low, f"{name!r} must be at least {low}"
    assert high is None or size <= high, f"{name!r} must be at most {high}"
    return value


def _names(options: list[Json]) -> str:
    return ", ".join(option["name"] for option in options) or "none"
