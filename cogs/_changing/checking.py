"""Proving before a moderator's eyes that a model sees, and using it unproven all the same."""

import re
from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any

import discord

from bot.catalog.types import Model
from bot.errors import Refused
from bot.guilds.catalogs import GuildCatalogs
from bot.i18n import _
from bot.pacing import Tries
from bot.sight.looking import Canary
from bot.sight.proof import Sight
from cogs._panels import buttons, fit, guild_of, say
from cogs._sight import checking_text, known_text, proof_text

UNPROVEN = re.compile(r"vidi:unproven:(.+)", re.DOTALL)
CUSTOM_ID_LIMIT = 100
TESTS = 5  # a minute

_Button = discord.ui.Button[discord.ui.View]


class Checker:
    """Shows a model a picture, and a moderator what came of it."""

    def __init__(self, sight: Sight, catalogs: GuildCatalogs) -> None:
        self._sight = sight
        self._catalogs = catalogs
        self._tries = Tries(TESTS)

    def due(self, model: Model, guild_id: int) -> bool:
        """Tell whether a moderator who chooses this model should see it proven."""
        catalog = self._catalogs.of(guild_id)
        endpoint = catalog.endpoint(model.provider)
        if endpoint is None or not catalog.usable(model):
            return False
        return self._sight.due(model, endpoint)

    def seen(self, guild_id: int) -> Callable[[Model], bool]:
        """Give what tells whether a model was seen looking at a picture, here or before us."""
        catalog = self._catalogs.of(guild_id)

        def tell(model: Model) -> bool:
            endpoint = catalog.endpoint(model.provider)
            known = self._sight.standing(model, endpoint) if endpoint else None
            return model.proven if known is None else known.sees

        return tell

    def known(self, model: Model, guild_id: int) -> list[str]:
        """Say what is known of a model's sight."""
        endpoint = self._catalogs.of(guild_id).endpoint(model.provider)
        known = self._sight.standing(model, endpoint) if endpoint else None
        return known_text(model, known, due=self.due(model, guild_id))

    async def check(
        self,
        interaction: discord.Interaction[Any],
        model: Model,
        lines: Sequence[str] = (),
        button: _Button | None = None,
    ) -> None:
        """Prove a model now, below these lines; the picture hangs on the answer."""
        guild_id = guild_of(interaction)
        endpoint = self._catalogs.of(guild_id).endpoint(model.provider)
        if endpoint is None:
            raise Refused(_("The built-in reader needs no test: it runs on the bot's machine."))
        if seconds := self._tries.wait(guild_id):
            await self._not_now(interaction, seconds, lines, button)
            return
        if not interaction.response.is_done():
            await interaction.response.defer(ephemeral=True, thinking=True)

        async def hang(canary: Canary) -> str | None:
            text = fit([*lines, checking_text(model)])
            return await _hang(interaction, canary, text, buttons(*shown))

        shown = [button] if button else []
        proof = await self._sight.prove(model, endpoint, guild_id=guild_id, hang=hang)
        if proof.error is not None and (unproven := _use_unproven(interaction, model)):
            shown.append(unproven)
        await interaction.edit_original_response(
            content=fit([*lines, *proof_text(model, proof)]),
            view=buttons(*shown),
            allowed_mentions=discord.AllowedMentions.none(),
        )

    async def _not_now(
        self,
        interaction: discord.Interaction[Any],
        seconds: int,
        lines: Sequence[str],
        button: _Button | None,
    ) -> None:
        sentence = _(
            "It isn't tested now: only {count} tests a minute, for each costs a little. "
            "/settings test works again in {seconds} s."
        ).format(count=self._tries.most, seconds=seconds)
        await say(interaction, fit([*lines, sentence]), buttons(button) if button else None)


async def _hang(
    interaction: discord.Interaction[Any], canary: Canary, text: str, view: discord.ui.View
) -> str | None:
    """Show the picture on the answer; gives its link."""
    alt = _("The word that has to be read")
    picture = discord.File(BytesIO(canary.png), "canary.png", description=alt)
    try:
        message = await interaction.edit_original_response(
            content=text,
            view=view,
            attachments=[picture],
            allowed_mentions=discord.AllowedMentions.none(),
        )
    except discord.HTTPException:
        return None  # then it goes as data
    return message.attachments[0].url if message.attachments else None


def _use_unproven(interaction: discord.Interaction[Any], model: Model) -> _Button | None:
    """Offer moderators to have a model answer that nobody could prove to see."""
    custom_id = f"vidi:unproven:{model.id}"
    if not interaction.permissions.manage_guild or len(custom_id) > CUSTOM_ID_LIMIT:
        return None
    return discord.ui.Button(label=_("Use it unproven"), custom_id=custom_id)
