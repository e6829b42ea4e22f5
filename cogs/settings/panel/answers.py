"""The panel's part about answers: how they read, and who sees them."""

from dataclasses import replace
from typing import get_args

import discord

from bot.choices import GuildSettings, Length, Style
from bot.i18n import LANGUAGES, N_, _
from cogs._changing.choosing import DEFAULT
from cogs._forms import field, form
from cogs.settings.answers import OWN, parse_language, parse_temperature
from cogs.settings.panel.controls import OPTIONS, Row, button, option, select
from cogs.settings.panel.part import Here, Outcome, Part
from cogs.settings.panel.press import Press, custom_id

NAME = "answers"

_LENGTHS: dict[Length, str] = {
    "short": N_("Short: a sentence or two"),
    "normal": N_("Normal length"),
    "long": N_("Long and thorough"),
}
_STYLES: dict[Style, str] = {"plain": N_("Plain text"), "card": N_("In a framed card")}


def rows(here: Here) -> list[Row]:
    """Lay out language, length and style, and the ways in that answer in private."""
    settings = here.settings
    lengths = [option(k, _(v), chosen=k == settings.length) for k, v in _LENGTHS.items()]
    styles = [option(k, _(v), chosen=k == settings.style) for k, v in _STYLES.items()]
    ask = _("Answer /ask in public") if settings.ask_private else _("Answer /ask in private")
    menus = _("Answer menus in public") if settings.menus_private else _("Answer menus in private")
    return [
        select(custom_id(NAME, "language"), _("Language of the answers"), _languages(settings)),
        select(custom_id(NAME, "length"), _("Length of the answers"), lengths),
        select(custom_id(NAME, "style"), _("Looks of the answers"), styles),
        (
            button(custom_id(NAME, "ask"), ask),
            button(custom_id(NAME, "menus"), menus),
            button(custom_id(NAME, "type"), _("Type language or temperature…")),
        ),
    ]


def changed(here: Here, press: Press) -> Outcome:
    """Change how answers read, or who sees them."""
    settings, value = here.settings, "".join(press.values)
    match press.control:
        case ("type",):
            return _form(settings)
        case ("typed",):
            language = parse_language(press.texts["language"] or OWN)
            temperature = parse_temperature(press.texts["temperature"] or DEFAULT)
            return replace(settings, language=language, temperature=temperature)
        case ("language",):
            return replace(settings, language=parse_language(value))
        case ("length",):
            length = next(each for each in get_args(Length) if each == value)
            return replace(settings, length=length)
        case ("style",):
            return replace(settings, style=next(s for s in get_args(Style) if s == value))
        case ("ask",):
            return replace(settings, ask_private=not settings.ask_private)
        case _:
            return replace(settings, menus_private=not settings.menus_private)


def _languages(settings: GuildSettings) -> list[discord.SelectOption]:
    chosen = settings.language
    first = option(OWN, _("Each member's own language"), chosen=chosen is None)
    listed = sorted(LANGUAGES.items(), key=lambda item: (item[0] != chosen, item[1]))
    return [first, *(option(k, name, chosen=k == chosen) for k, name in listed)][:OPTIONS]


def _form(settings: GuildSettings) -> discord.ui.Modal:
    warm = DEFAULT if settings.temperature is None else f"{settings.temperature:g}"
    language = LANGUAGES.get(settings.language or "", OWN)
    hint = _("Its English name, or “own” for the one each member uses.")
    warmth = _("From 0 (sober) to 2 (wild), or “default”.")
    return form(
        custom_id(NAME, "typed"),
        _("How answers read"),
        field("language", _("Language"), language, hint=hint),
        field("temperature", _("Temperature"), warm, hint=warmth, most=10),
    )


PART = Part(N_("Answers"), rows, changed)
