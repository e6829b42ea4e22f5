"""/settings check: what would become of a question, rule by rule; nothing is asked or sent."""

from typing import Any, Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.choices import GuildSettings
from bot.i18n import N_, _
from bot.service import Checked, VisionService
from bot.settings import SettingsBook
from bot.types import Asker, Entry, ImageRef, Place, Question
from cogs._panels import fit, guild_of, say
from cogs._sources.places import around
from cogs._trace import trace_lines

Channel = (
    discord.TextChannel
    | discord.Thread
    | discord.VoiceChannel
    | discord.StageChannel
    | discord.ForumChannel
)
Way = Literal["/ask", "a right-click menu", "a mention"]

_ENTRIES: dict[Way, Entry] = {
    "/ask": Entry.ASK,
    "a right-click menu": Entry.MENU,
    "a mention": Entry.MENTION,
}
# Pretended: it is judged by what Discord would say of it, and never opened.
_PICTURE = ImageRef(
    url="https://cdn.discordapp.com/attachments/1/1/picture.png",
    filename="picture.png",
    content_type="image/png",
    size=100_000,
    width=1024,
    height=768,
)


class CheckCommands(commands.Cog):
    """The command of /settings that tries rules without asking."""

    _settings: SettingsBook
    _service: VisionService

    @app_commands.command(description=N_("See what would become of a question; asks nothing"))
    @app_commands.describe(
        member=N_("Who would ask"),
        channel=N_("Where"),
        way=N_("How; /ask if left out"),
        model=N_("The model they would choose, if any"),
    )
    async def check(
        self,
        interaction: discord.Interaction[Any],
        member: discord.Member,
        channel: Channel | None = None,
        way: Way = "/ask",
        model: str | None = None,
    ) -> None:
        """Tell every rule that would be looked at for this member in this channel."""
        guild_id = guild_of(interaction)
        place = _place(interaction, guild_id, channel)
        question = Question(
            source_id=interaction.id,
            entry=_ENTRIES[way],
            asker=_asker(interaction, member),
            place=place,
            text="",
            images=(_PICTURE,),
            model_id=model,
        )
        checked = await self._service.check(question)
        headline = _("**What would become of a question by {member} in {channel}, by {way}**")
        lines = [
            headline.format(member=member.mention, channel=f"<#{place.channel_id}>", way=way),
            *trace_lines(checked.trace),
            *_outcome(checked, way, self._settings.of(guild_id)),
            _("Nothing was asked, sent or charged."),
        ]
        await say(interaction, fit(lines))


def _place(interaction: discord.Interaction[Any], guild_id: int, channel: Channel | None) -> Place:
    channel_id = channel.id if channel else interaction.channel_id or 0
    lies_in = around(interaction.guild, channel_id, channel or interaction.channel)
    return Place(guild_id, channel_id, lies_in)


def _asker(interaction: discord.Interaction[Any], member: discord.Member) -> Asker:
    return Asker(
        user_id=member.id,
        locale=interaction.locale.value,
        is_moderator=member.guild_permissions.manage_guild,
        role_ids=tuple(role.id for role in member.roles if not role.is_default()),
    )


def _outcome(checked: Checked, way: Way, settings: GuildSettings) -> list[str]:
    if checked.error is None:
        return [_("**It would be answered.**"), _seen_by(way, settings)]
    said = _("**It would not be answered.** They would read: {sentence}")
    return [said.format(sentence=checked.error.sentence)]


def _seen_by(way: Way, settings: GuildSettings) -> str:
    private = {
        "/ask": settings.ask_private,
        "a right-click menu": settings.menus_private,
        "a mention": False,
    }
    if private[way]:
        return _("Only who asks would see the answer.")
    return _("Everybody in the channel would see the answer.")
