"""Application commands: the registry, and who sees which command where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from playground.channels import Channel
from playground.clock import Clock
from playground.errors import ApiError, Code
from playground.limits import check_commands
from playground.permissions import permissions_in
from playground.users import Json, User

if TYPE_CHECKING:
    from playground.state import World

CHAT_INPUT, USER_MENU, MESSAGE_MENU = 1, 2, 3
GUILD_INSTALL, USER_INSTALL = 0, 1
IN_GUILD, BOT_DM, PRIVATE_CHANNEL = 0, 1, 2


class Commands:
    """The commands that the application registered, globally (scope None) and for guilds."""

    def __init__(self, clock: Clock, application_id: int) -> None:
        self._clock = clock
        self._application_id = application_id
        self._scopes: dict[int | None, dict[int, Json]] = {}
        self.registered = False

    def listed(self, scope: int | None) -> list[Json]:
        """List a scope's commands."""
        return list(self._scopes.get(scope, {}).values())

    def get(self, scope: int | None, command_id: int) -> Json:
        """Give one command; ApiError 10063."""
        try:
            return self._scopes[scope][command_id]
        except KeyError:
            raise ApiError.of(Code.UNKNOWN_COMMAND) from None

    def replace(self, scope: int | None, payloads: Sequence[Mapping[str, Any]]) -> list[Json]:
        """Overwrite a scope; a command that keeps its type and name keeps its id."""
        check_commands(payloads)
        old = {_key(command): command for command in self.listed(scope)}
        new = [self._command(scope, payload, old.get(_key(payload))) for payload in payloads]
        self._scopes[scope] = {int(command["id"]): command for command in new}
        self.registered = True
        return new

    def upsert(self, scope: int | None, payload: Mapping[str, Any]) -> Json:
        """Create a command, or overwrite the one of that type and name."""
        old = {_key(command): command for command in self.listed(scope)}
        others = [command for key, command in old.items() if key != _key(payload)]
        check_commands([*others, payload])
        command = self._command(scope, payload, old.get(_key(payload)))
        self._scopes.setdefault(scope, {})[int(command["id"])] = command
        self.registered = True
        return command

    def edit(self, scope: int | None, command_id: int, payload: Mapping[str, Any]) -> Json:
        """Change parts of a command."""
        old = self.get(scope, command_id)
        changed = self._command(scope, {**old, **payload}, old)
        check_commands([changed])
        self._scopes[scope][command_id] = changed
        return changed

    def delete(self, scope: int | None, command_id: int) -> None:
        """Remove a command; ApiError 10063."""
        self.get(scope, command_id)
        del self._scopes[scope][command_id]

    def available(self, guild_id: int | None) -> Iterable[Json]:
        """Give what a client may offer: the guild's own commands before the global ones."""
        if guild_id is not None:
            yield from self._scopes.get(guild_id, {}).values()
        yield from self._scopes.get(None, {}).values()

    def _command(self, scope: int | None, payload: Mapping[str, Any], old: Json | None) -> Json:
        command_id = old["id"] if old else str(self._clock.snowflake())
        required = payload.get("default_member_permissions")
        contexts = payload.get("contexts")
        in_dms = payload.get("dm_permission", True) if contexts is None else BOT_DM in contexts
        command: Json = {
            "id": command_id,
            "application_id": str(self._application_id),
            "version": str(self._clock.snowflake()),
            "type": payload.get("type") or CHAT_INPUT,
            "name": payload["name"],
            "name_localizations": payload.get("name_localizations"),
            "description": payload.get("description") or "",
            "description_localizations": payload.get("description_localizations"),
            "default_member_permissions": None if required is None else str(required),
            "dm_permission": in_dms,
            "contexts": contexts,
            "integration_types": payload.get("integration_types") or [GUILD_INSTALL],
            "nsfw": payload.get("nsfw", False),
        }
        if payload.get("options"):
            command["options"] = [_option(option) for option in payload["options"]]
        if scope is not None:
            command["guild_id"] = str(scope)
        return command


def _option(option: Mapping[str, Any]) -> Json:
    """Give an option as Discord gives it back: what is false or empty is left out."""
    facts = {
        key: value
        for key, value in option.items()
        if value is not False and value not in (None, [])
    }
    if inner := facts.get("options"):
        facts["options"] = [_option(each) for each in inner]
    return facts


def context_of(channel: Channel) -> int:
    """Tell which of the three contexts a channel is."""
    if channel.guild is not None:
        return IN_GUILD
    return BOT_DM if channel.world.bot in channel.recipients else PRIVATE_CHANNEL


def installs(world: World, user: User, channel: Channel) -> dict[str, str]:
    """Give the installations that reach this channel, as `authorizing_integration_owners`."""
    owners: dict[str, str] = {}
    if channel.guild is not None and channel.guild.has_bot:
        owners["0"] = str(channel.guild.id)
    elif context_of(channel) == BOT_DM:
        owners["0"] = "0"
    if user.id in world.installed_by:
        owners["1"] = str(user.id)
    return owners


def authorization(command: Json, user: User, channel: Channel) -> dict[str, str]:
    """Give through which installations a user sees a command here; empty if they don't."""
    allowed = command["contexts"]
    context = context_of(channel)
    if allowed is not None and context not in allowed:
        return {}
    if allowed is None and (
        context == PRIVATE_CHANNEL or (not command["dm_permission"] and context)
    ):
        return {}
    if command["nsfw"] and channel.guild is not None and not channel.nsfw:
        return {}
    owners = {
        kind: owner
        for kind, owner in installs(channel.world, user, channel).items()
        if int(kind) in command["integration_types"]
    }
    if channel.guild is not None and not _permitted(command, user, channel):
        owners.pop("0", None)
    return owners


def _permitted(command: Json, user: User, channel: Channel) -> bool:
    required = command["default_member_permissions"]
    has = permissions_in(channel, user)
    if required is None:
        return bool(has)
    administrator = 1 << 3
    wanted = int(required) or administrator
    return has & wanted == wanted


def _key(command: Mapping[str, Any]) -> tuple[int, str]:
    return (command.get("type") or CHAT_INPUT, command["name"])
