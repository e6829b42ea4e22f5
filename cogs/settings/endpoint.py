"""/settings endpoint: a server of the guild's own that speaks OpenAI's protocol."""

import re
from dataclasses import replace
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.catalog.own import normal_url
from bot.catalog.types import OWN
from bot.choices import NAMES_MAX, GuildSettings, OwnEndpoint
from bot.errors import Refused
from bot.guilds.connections import Connections
from bot.guilds.keyring import Keyring
from bot.i18n import N_, _
from bot.net import origin
from bot.settings import SettingsBook
from bot.text import plain
from cogs._changing.changing import Changer
from cogs._forms import field, fields, form
from cogs._keys import KEY_MAX, parse_key, tail
from cogs._panels import guild_of, require_moderator

FORM = re.compile("vidi:endpoint")
URL_MAX, MODELS_MAX, NAME_MAX = 300, 25, 190
# Nothing that Discord or a log takes for more than a name.
_NAME = re.compile(rf"[\w.:/@+ -]{{1,{NAME_MAX}}}", re.ASCII)


class EndpointCommands(commands.Cog):
    """The command of /settings that names an endpoint, and its form."""

    _settings: SettingsBook
    _changer: Changer
    _keyring: Keyring
    _connections: Connections

    @app_commands.command(description=N_("Use a server of your own that speaks OpenAI's protocol"))
    @app_commands.describe(remove=N_("Forget it, with its key"))
    async def endpoint(self, interaction: discord.Interaction[Any], remove: bool = False) -> None:
        """Ask for address, models and key in a form, or forget them."""
        require_moderator(interaction)
        current = self._settings.of(guild_of(interaction))
        if remove:
            await self._changer.change(interaction, with_endpoint(current, None), part="endpoint")
        else:
            await interaction.response.send_modal(endpoint_form(current.endpoint))

    @commands.Cog.listener("on_interaction")
    async def on_endpoint_form(self, interaction: discord.Interaction[Any]) -> None:
        """Try the endpoint that was typed and keep it if it answers, also after a restart."""
        if (typed := fields(interaction, FORM)) is None:
            return
        _match, values = typed
        require_moderator(interaction)
        url, models = values.get("url", ""), values.get("models", "")
        try:
            endpoint = parse_endpoint(url, models)
            key = parse_key(values["key"]) if values.get("key") else None
            await interaction.response.defer(ephemeral=True, thinking=True)
            notes = await self._kept(guild_of(interaction), interaction.user.id, endpoint, key)
        except Refused as refused:
            raise Refused(_repeated(refused.sentence, url, models)) from refused
        current = self._settings.of(guild_of(interaction))
        if current.endpoint is None:
            notes.append(_("/settings model chooses which of them answers."))
        after = with_endpoint(current, endpoint)
        await self._changer.change(interaction, after, notes, part="endpoint")

    async def _kept(
        self, guild_id: int, user_id: int, endpoint: OwnEndpoint, key: str | None
    ) -> list[str]:
        """Try an endpoint with its key, the one that is there if none was typed; keep a new one."""
        where, there = origin(endpoint.base_url), self._keyring.of(guild_id).get(OWN)
        if key is None and there is not None and there.origin == where:
            return [await self._connections.try_endpoint(guild_id, endpoint, there.key)]
        notes = [await self._connections.try_endpoint(guild_id, endpoint, key)]
        if key is not None:
            put = await self._keyring.put(guild_id, user_id, OWN, where, key)
            notes.append(
                _("Its key is {now} (it was: {before}).").format(now=tail(put), before=tail(there))
            )
        return notes


def endpoint_form(current: OwnEndpoint | None) -> discord.ui.Modal:
    """Lay out the form, filled in with the endpoint that is there."""
    url, models = (current.base_url, ", ".join(current.models)) if current else ("", "")
    begins = _("Begins with https:// and usually ends with /v1")
    names = _("Their names as the server knows them, separated by commas")
    kept = _("If it needs one. Empty: the one there is, if the address stays the same.")
    return form(
        "vidi:endpoint",
        _("Endpoint of this server"),
        field("url", _("Base URL"), url, hint=begins, most=URL_MAX, required=True),
        field("models", _("Models"), models, hint=names, most=NAMES_MAX, required=True),
        field("key", _("Key"), hint=kept, most=KEY_MAX),
    )


def parse_endpoint(url: str, models: str) -> OwnEndpoint:
    """Give the endpoint that is meant; raises Refused with what is wrong."""
    base_url = normal_url(url)
    if base_url is None or len(base_url) > URL_MAX:
        raise Refused(_("That is no base URL. It looks like https://models.example.org/v1."))
    names = tuple(dict.fromkeys(name for each in models.split(",") if (name := each.strip())))
    if not 1 <= len(names) <= MODELS_MAX or not all(map(_NAME.fullmatch, names)):
        raise Refused(
            _(
                "Name 1 to {count} models, each with up to {limit} letters, digits, blanks and "
                ". : / @ + _ -"
            ).format(count=MODELS_MAX, limit=NAME_MAX)
        )
    if len(", ".join(names)) > NAMES_MAX:
        said = _("These names take more than {limit:,} characters in all. Name fewer models.")
        raise Refused(said.format(limit=NAMES_MAX))
    return OwnEndpoint(base_url, names)


def with_endpoint(settings: GuildSettings, endpoint: OwnEndpoint | None) -> GuildSettings:
    """Give settings with this endpoint, in which no model is named that went with the old one."""
    there = {f"{OWN}/{name}" for name in endpoint.models} if endpoint else set[str]()

    def stays(model_id: str | None) -> bool:
        return model_id is None or not model_id.startswith(f"{OWN}/") or model_id in there

    cheaper = settings.budget.cheaper
    return replace(
        settings,
        endpoint=endpoint,
        model_id=settings.model_id if stays(settings.model_id) else None,
        also=tuple(filter(stays, settings.also)),
        fallbacks=tuple(filter(stays, settings.fallbacks)),
        overrides=tuple(each for each in settings.overrides if stays(each.model_id)),
        unproven=tuple(filter(stays, settings.unproven)),
        screen_model=settings.screen_model if stays(settings.screen_model) else None,
        budget=settings.budget if stays(cheaper) else replace(settings.budget, cheaper=None),
    )


def _repeated(problem: str, url: str, models: str) -> str:
    """Say what was typed again, but for the key, so that it needn't be remembered."""
    return _("{problem}\nYou typed: {address} with {models}").format(
        problem=problem, address=plain(url) or "–", models=plain(models) or "–"
    )[:2000]
