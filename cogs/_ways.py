"""The ways to ask that work in a place, a line each."""

from typing import Any

import discord

from bot.choices import PICTURES_MAX, GuildSettings
from bot.i18n import _, ngettext


def ways_to_ask(
    interaction: discord.Interaction[Any], settings: GuildSettings, *, message_content: bool
) -> list[str]:
    """Say how to ask here, who then sees the answer, and how many pictures one question takes."""
    most = settings.rate.pictures or PICTURES_MAX
    return [
        _ask_line(settings.ask_private),
        _menu_line(settings.menus_private),
        *_message_lines(interaction, message_content),
        _("- Press Follow up under an answer to ask more about the same picture."),
        ngettext(
            "{count} picture fits into one question.",
            "Up to {count} pictures fit into one question.",
            most,
        ).format(count=most),
    ]


def _ask_line(private: bool) -> str:
    if private:
        return _("- /ask with a picture or a link: only you see the answer.")
    return _("- /ask with a picture or a link: everybody sees the answer.")


def _menu_line(private: bool) -> str:
    ways = _("“Ask about image…”, “Describe image”, “Read text”, “Translate text”")
    if private:
        return _("- Right-click a message → Apps → {ways}: only you see the answer.").format(
            ways=ways
        )
    return _("- Right-click a message → Apps → {ways}: everybody sees the answer.").format(
        ways=ways
    )


def _message_lines(interaction: discord.Interaction[Any], message_content: bool) -> list[str]:
    """Give the ways in by message that work in this place."""
    if interaction.context.dm_channel:
        return [_("- Send me a message with pictures, or reply to one: no mention is needed.")]
    if not interaction.is_guild_integration():
        return [_("- I am no member here, so I see no messages: /ask and the menus work.")]
    mention = _("- Mention me in a message with pictures, or reply to one of my answers.")
    if message_content:
        return [mention, _("- Reply to somebody's picture and mention me.")]
    return [
        mention,
        _("- For somebody else's picture use the right-click menu: I can't see replies to it."),
    ]
