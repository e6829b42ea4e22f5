"""/settings access: where and by whom questions may be asked."""

from dataclasses import replace
from typing import Any, Literal

import discord
from discord import app_commands
from discord.app_commands import AppCommandChannel, AppCommandThread
from discord.ext import commands

from bot.choices import LISTED_MAX, Access
from bot.errors import Refused
from bot.i18n import N_, _
from bot.settings import SettingsBook
from cogs._changing.changing import Changer
from cogs._changing.rules import access_order
from cogs._panels import guild_of
from cogs.settings.overrides import some_role

Rule = Literal["allow", "deny", "no rule"]
Kind = Literal["channels", "roles", "members"]


class AccessCommands(commands.Cog):
    """The command of /settings that says who may ask, and where."""

    _settings: SettingsBook
    _changer: Changer

    @app_commands.command(description=N_("Allow or deny channels, roles and members"))
    @app_commands.describe(
        rule=N_("“no rule” takes a rule away, all of them if nothing else is named"),
        channel=N_("A channel, a thread or a whole category"),
        role=N_("Members who have it"),
        member=N_("One member"),
    )
    async def access(
        self,
        interaction: discord.Interaction[Any],
        rule: Rule,
        channel: AppCommandChannel | AppCommandThread | None = None,
        role: discord.Role | None = None,
        member: discord.User | None = None,
    ) -> None:
        """Set or remove the rule for what is named."""
        current = self._settings.of(guild_of(interaction))
        access = current.access
        if channel is None and role is None and member is None:
            if rule != "no rule":
                raise Refused(_("Name a channel, a role or a member that the rule is for."))
            access = Access()
        if channel is not None:
            access = with_rule(access, "channels", channel.id, rule)
        if role is not None:
            access = with_rule(access, "roles", some_role(role).id, rule)
        if member is not None:
            access = with_rule(access, "members", member.id, rule)
        after = replace(current, access=access)
        await self._changer.change(interaction, after, [access_order()], part="access")


def with_rule(access: Access, kind: Kind, number: int, rule: Rule) -> Access:
    """Give the rules with this one for this channel, role or member, instead of its old one."""
    allowed, denied = _lists(access, kind)
    allowed = _listed(allowed, number, rule == "allow")
    denied = _listed(denied, number, rule == "deny")
    if max(len(allowed), len(denied)) > LISTED_MAX:
        raise Refused(
            _(
                "A list holds {limit} at most. Take some away with “no rule”, or name a "
                "category instead of its channels, a role instead of members."
            ).format(limit=LISTED_MAX)
        )
    match kind:
        case "channels":
            return replace(access, allowed_channels=allowed, denied_channels=denied)
        case "roles":
            return replace(access, allowed_roles=allowed, denied_roles=denied)
        case "members":
            return replace(access, allowed_members=allowed, denied_members=denied)


def _lists(access: Access, kind: Kind) -> tuple[tuple[int, ...], tuple[int, ...]]:
    match kind:
        case "channels":
            return access.allowed_channels, access.denied_channels
        case "roles":
            return access.allowed_roles, access.denied_roles
        case "members":
            return access.allowed_members, access.denied_members


def _listed(ids: tuple[int, ...], number: int, wanted: bool) -> tuple[int, ...]:
    kept = tuple(each for each in ids if each != number)
    if not wanted:
        return kept
    return ids if number in ids else (*ids, number)
