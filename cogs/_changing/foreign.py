"""What settings from a file name that isn't in this server, and what becomes of it."""

from collections.abc import Callable

import discord

from bot.catalog.catalog import Catalog
from bot.catalog.types import Model
from bot.choices import GuildSettings
from bot.errors import ModelUnavailable
from bot.guilds.transfer import at_home, strange
from bot.i18n import _
from bot.text import plain
from cogs._changing.rows import joined

NOTE_LIMIT = 300


def fitted(settings: GuildSettings, guild: discord.Guild | None) -> tuple[GuildSettings, list[str]]:
    """Leave out what is for roles and channels of another server, and say so."""
    if guild is None or guild.default_role not in guild.roles:
        return settings, []  # Discord hasn't told yet what there is
    roles = {role.id for role in guild.roles}
    channels = {channel.id for channel in (*guild.channels, *guild.threads)}
    fitting, gone = at_home(settings, roles, channels)
    kept = strange(fitting, roles, channels)
    notes: list[str] = []
    if gone:
        notes.append(
            _("Left out, for they are no roles or channels of this server: {ids}").format(
                ids=_ids(gone)
            )
        )
    if kept:
        notes.append(
            _(
                "Rules of access for these stay though this server doesn't have them, so that "
                "nothing opens by accident: {ids}"
            ).format(ids=_ids(kept))
        )
    return fitting, notes


def _ids(ids: frozenset[int]) -> str:
    return joined(tuple(str(each) for each in sorted(ids)), NOTE_LIMIT)


def unusable(settings: GuildSettings, catalog: Catalog) -> list[str]:
    """Say which of the models can't be asked here, if there are any."""
    named = [
        settings.model_id,
        *settings.also,
        *settings.fallbacks,
        *(override.model_id for override in settings.overrides),
        settings.budget.cheaper,
    ]
    wanting = [each for each in dict.fromkeys(named) if each and _refused(catalog.resolve, each)]
    guard = settings.screen_model
    if guard and _refused(catalog.guard, guard):
        wanting.append(guard)
    if not wanting:
        return []
    names = joined(tuple(map(plain, wanting)), NOTE_LIMIT)
    return [_("Kept, though they can't be asked here now: {models}").format(models=names)]


def _refused(choose: Callable[[str], Model], model_id: str) -> bool:
    try:
        choose(model_id)
    except ModelUnavailable:
        return True
    return False
