"""/settings answers: language, length, looks, temperature, and who sees the answers."""

from dataclasses import replace
from typing import Any, Literal

import discord
from discord import app_commands
from discord.app_commands import Choice
from discord.ext import commands

from bot.choices import GuildSettings, Length, Style
from bot.errors import Refused
from bot.i18n import LANGUAGES, N_, _
from bot.settings import SettingsBook
from cogs._changing.changing import Changer
from cogs._changing.choosing import CHOICES, DEFAULT
from cogs._panels import guild_of

OWN = "own"
HOTTEST = 2.0
Visibility = Literal["public", "private"]


class AnswerCommands(commands.Cog):
    """The command of /settings that is about how answers read and who reads them."""

    _settings: SettingsBook
    _changer: Changer

    @app_commands.command(description=N_("Choose how answers read and who sees them"))
    @app_commands.describe(
        language=N_("The language of all answers; “own” for each asker's own"),
        length=N_("How long answers are"),
        style=N_("Plain text, or a framed card"),
        temperature=N_("0 is sober, 2 is wild; “default” for the model's own"),
        ask=N_("Who sees answers to /ask"),
        menus=N_("Who sees answers to the menus under Apps"),
    )
    async def answers(
        self,
        interaction: discord.Interaction[Any],
        language: str | None = None,
        length: Length | None = None,
        style: Style | None = None,
        temperature: str | None = None,
        ask: Visibility | None = None,
        menus: Visibility | None = None,
    ) -> None:
        """Set how answers read; without an option, say what is in force."""
        before = self._settings.of(guild_of(interaction))
        after = before
        if language is not None:
            after = replace(after, language=parse_language(language))
        if temperature is not None:
            after = replace(after, temperature=parse_temperature(temperature))
        after = replace(after, length=length or after.length, style=style or after.style)
        after = _seen_by(after, ask, menus)
        await self._changer.change(interaction, after, part="answers")

    @answers.autocomplete("language")
    async def _complete_language(
        self, _interaction: discord.Interaction[Any], current: str
    ) -> list[Choice[str]]:
        return suggest_language(current)


def parse_language(text: str) -> str | None:
    """Give the locale of a language by its name or locale, None for each asker's own."""
    word = text.strip().casefold()
    if word == OWN:
        return None
    for locale, name in LANGUAGES.items():
        if word in (locale.casefold(), name.casefold()):
            return locale
    raise Refused(_("I don't know this language. Choose one from the list, or “own”."))


def suggest_language(text: str) -> list[Choice[str]]:
    """Suggest languages by what was typed of their English names."""
    word = text.strip().casefold()
    found = [
        Choice(name=name, value=locale)
        for locale, name in sorted(LANGUAGES.items(), key=lambda item: item[1])
        if word in name.casefold() or word == locale.casefold()
    ]
    return [Choice(name=_("Each asker's own"), value=OWN), *found][:CHOICES]


def parse_temperature(text: str) -> float | None:
    """Give a temperature from 0 to 2, None for the model's own."""
    word = text.strip().lower().replace(",", ".")
    if word == DEFAULT:
        return None
    try:
        value = float(word)
    except ValueError:
        value = -1.0
    if not 0 <= value <= HOTTEST:
        raise Refused(_("A temperature is a number from 0 to 2, such as 0.7, or “default”."))
    return round(value, 2)


def _seen_by(
    settings: GuildSettings, ask: Visibility | None, menus: Visibility | None
) -> GuildSettings:
    if ask is not None:
        settings = replace(settings, ask_private=ask == "private")
    if menus is not None:
        settings = replace(settings, menus_private=menus == "private")
    return settings
