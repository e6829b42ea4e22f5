"""VidiBot and VidiTree: the connection to Discord, its commands, and the one error net."""

import asyncio
import logging
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import aiohttp
import discord
import yarl
from discord import app_commands
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.config import DISCORD_API, Config
from bot.errors import ConfigError, Refused, StartupError, VidiError, reference_of, user_message
from bot.i18n import _, use_locale

log = logging.getLogger(__name__)

ALREADY_ANSWERED = frozenset({10062, 40060})  # unknown or acknowledged interaction: not ours
SYNC_WAITS = (5, 30, 120, 600, 3600)
# What discord.py leaves out where there is none: in Discord's copy it may be left from before.
REMOVABLE = frozenset(
    {"autocomplete", "channel_types", "choices", "max_length", "max_value", "min_length"}
    | {"min_value", "options"}
)

# Vidi has no voice, so what voice would need is no news.
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False


@dataclass(frozen=True, slots=True)
class Application:
    """What Discord says about this bot's application before it connects."""

    id: int
    name: str
    message_content: bool
    owner_ids: frozenset[int]


class VidiTree(app_commands.CommandTree["VidiBot"]):
    """Slash commands and menus; whatever goes wrong in them ends as one sentence."""

    async def interaction_check(self, interaction: discord.Interaction["VidiBot"], /) -> bool:
        use_locale(interaction.locale.value)
        return True

    async def on_error(
        self, interaction: discord.Interaction["VidiBot"], error: app_commands.AppCommandError, /
    ) -> None:
        await tell(interaction, _cause(error))


class VidiBot(commands.AutoShardedBot):
    """Discord's side of Vidi. Keeps no members and no messages in memory."""

    def __init__(self, config: Config, *, message_content: bool) -> None:
        trace = aiohttp.TraceConfig()
        trace.on_request_end.append(self._request_ended)
        super().__init__(
            command_prefix=(),
            help_command=None,
            tree_cls=VidiTree,
            intents=_intents(message_content=message_content),
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            max_ratelimit_timeout=60.0,
            guild_ready_timeout=1.0,
            http_trace=trace,
        )
        self._api_url = config.discord_api_url
        self._registering: asyncio.Task[None] | None = None
        Route.BASE = self._api_url

    async def setup_hook(self) -> None:
        if self._api_url != DISCORD_API:
            # discord.py asks /gateway/bot only once; a lost session goes to the default again.
            _shards, gateway, _limits = await self.http.get_bot_gateway()
            DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway)
        self._registering = asyncio.create_task(self._register_commands())

    async def close(self) -> None:
        if self._registering is not None:
            self._registering.cancel()
        await super().close()

    async def on_message(self, message: discord.Message, /) -> None:
        """Keep the library from looking for prefix commands: there are none."""

    async def on_error(self, event_method: str, /, *args: object, **_kwargs: object) -> None:
        """Log what a listener raised; an interaction is told in one sentence."""
        error = sys.exc_info()[1]
        if error is None:
            return
        if args and isinstance(args[0], discord.Interaction):
            await tell(cast("discord.Interaction[Any]", args[0]), error)
        elif not isinstance(error, VidiError):
            log.error("%s failed (%s)", event_method, reference_of(error), exc_info=error)

    async def _request_ended(
        self, _session: object, _context: object, ended: aiohttp.TraceRequestEndParams
    ) -> None:
        # During a global rate limit discord.py holds every request back until the one that met it
        # has slept through it. That one may be cancelled: ours have timeouts.
        headers = ended.response.headers
        if ended.response.status == 429 and "X-RateLimit-Global" in headers:
            reopen = self.http._global_over.set  # pyright: ignore[reportPrivateUsage] - no other way
            seconds = float(headers.get("Retry-After", 1))
            asyncio.get_running_loop().call_later(seconds, reopen)

    async def _register_commands(self) -> None:
        """Bring Discord's copy of the commands up to date, however long that takes."""
        for wait in SYNC_WAITS:
            try:
                await self._sync_if_different()
            except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
                log.warning("commands not registered (%s); again in %d s", error, wait)
                await asyncio.sleep(wait)
            else:
                return

    async def _sync_if_different(self) -> None:
        ours = [command.to_dict(self.tree) for command in self.tree.get_commands()]
        assert self.application_id is not None  # noqa: S101 - known since the login
        theirs = await self.http.get_global_commands(self.application_id)
        if _same_commands(ours, cast("Sequence[Mapping[str, object]]", theirs)):
            return
        await self.tree.sync()
        log.info("registered %d commands", len(ours))


async def probe(config: Config) -> Application:
    """Ask Discord about the bot's application, without connecting; StartupError says why not."""
    if not config.token:
        raise ConfigError(
            _(
                "DISCORD_TOKEN is not set. Put DISCORD_TOKEN=… into the file .env; you get the "
                "token at https://discord.com/developers/applications under Bot."
            )
        )
    Route.BASE = config.discord_api_url
    try:
        async with discord.Client(intents=_intents(message_content=False)) as client:
            await client.login(config.token)
            return _facts(await client.application_info())
    except discord.LoginFailure as error:
        raise ConfigError(
            _("Discord did not accept DISCORD_TOKEN. Reset the token under Bot and copy it again.")
        ) from error
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        raise StartupError(_("Discord can't be reached at the moment. Try again later.")) from error


async def tell(interaction: discord.Interaction[Any], error: BaseException) -> None:
    """Answer an interaction that failed with one private sentence, as far as that still works."""
    if isinstance(error, discord.HTTPException) and error.code in ALREADY_ANSWERED:
        log.debug("interaction %d is not ours to answer: %s", interaction.id, error)
        return
    if not isinstance(error, VidiError):
        log.error("interaction failed (%s)", reference_of(error), exc_info=error)
    if interaction.type is discord.InteractionType.autocomplete:
        return
    try:
        await _say(interaction, user_message(error))
    except (discord.HTTPException, aiohttp.ClientError, OSError) as failure:
        log.warning("could not tell about %s: %s", type(error).__name__, failure)


async def _say(interaction: discord.Interaction[Any], sentence: str) -> None:
    if interaction.response.is_done():
        await interaction.followup.send(sentence, ephemeral=True)
    else:
        await interaction.response.send_message(sentence, ephemeral=True)


def _cause(error: app_commands.AppCommandError) -> BaseException:
    if isinstance(error, app_commands.CommandInvokeError):
        return error.original
    if isinstance(error, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch):
        return Refused(_("This command has just changed. Try again in a minute."))
    if isinstance(error, app_commands.CheckFailure):
        return Refused(_("You may not use this command here."))
    return error.__cause__ or error


def _intents(*, message_content: bool) -> discord.Intents:
    return discord.Intents(
        guilds=True, guild_messages=True, dm_messages=True, message_content=message_content
    )


def _facts(found: discord.AppInfo) -> Application:
    flags = found.flags
    return Application(
        id=found.id,
        name=found.name,
        message_content=flags.gateway_message_content or flags.gateway_message_content_limited,
        owner_ids=_owners(found),
    )


def _owners(found: discord.AppInfo) -> frozenset[int]:
    """Give who may run the bot: of a team those who accepted and may do more than read."""
    if found.team is None:
        return frozenset({found.owner.id})
    runs_it = (discord.TeamMemberRole.admin, discord.TeamMemberRole.developer)
    members = {
        member.id
        for member in found.team.members
        if member.role in runs_it
        and member.membership_state is discord.TeamMembershipState.accepted
    }
    owner_id = found.team.owner_id
    return frozenset(members if owner_id is None else members | {owner_id})


def _same_commands(
    ours: Sequence[Mapping[str, object]], theirs: Sequence[Mapping[str, object]]
) -> bool:
    def by_name(listed: Sequence[Mapping[str, object]]) -> dict[object, Mapping[str, object]]:
        return {(command.get("type", 1), command["name"]): command for command in listed}

    mine, known = by_name(ours), by_name(theirs)
    return mine.keys() == known.keys() and all(_covers(known[name], mine[name]) for name in mine)


def _covers(theirs: object, ours: object) -> bool:
    """Tell whether Discord's copy says all that ours says; it adds facts of its own.

    `dm_permission` is old: Discord sets it by the `contexts`, which discord.py doesn't."""
    if isinstance(ours, dict):
        wanted = cast("dict[str, object]", ours)
        known = cast("dict[str, object]", theirs) if isinstance(theirs, dict) else {}
        keys = wanted.keys() | (known.keys() & REMOVABLE)
        return all(_covers(known.get(key), wanted.get(key)) for key in keys - {"dm_permission"})
    if isinstance(ours, list):
        here = cast("list[object]", ours)
        there = cast("list[object]", theirs) if isinstance(theirs, list) else []
        return len(here) == len(there) and all(map(_covers, there, here))
    return (not ours and not theirs) or str(ours) == str(theirs)
