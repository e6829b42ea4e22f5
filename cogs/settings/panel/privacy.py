"""The panel's part about what is kept, sent and told."""

from dataclasses import replace

import discord

from bot.choices import RETENTION_MAX_HOURS
from bot.errors import Refused
from bot.i18n import N_, _, ngettext
from cogs._forms import field, form
from cogs.settings.panel.controls import Row, button, option, select
from cogs.settings.panel.part import Here, Outcome, Part
from cogs.settings.panel.press import Press, custom_id

NAME = "privacy"
HOURS = (0, 1, 6, 12, 24, 48, 72, 168, 336, RETENTION_MAX_HOURS)


def rows(here: Here) -> list[Row]:
    """Lay out how long text is kept, and what goes along with pictures and answers."""
    settings = here.settings
    kept = sorted({*HOURS, settings.retention_hours})
    hours = [option(str(h), _hours(h), chosen=h == settings.retention_hours) for h in kept]
    strip = _("Send pictures as the model asks") if settings.strip_metadata else _("Strip metadata")
    tell = _("Name the company in receipts only") if settings.tell_company else _("Name it always")
    return [
        select(custom_id(NAME, "hours"), _("How long text is kept for follow-ups"), hours),
        (
            button(custom_id(NAME, "type"), _("Type hours…")),
            button(custom_id(NAME, "strip"), strip),
            button(custom_id(NAME, "tell"), tell),
        ),
    ]


def changed(here: Here, press: Press) -> Outcome:
    """Change what is kept, sent or told."""
    settings = here.settings
    match press.control:
        case ("type",):
            return _form(settings.retention_hours)
        case ("strip",):
            return replace(settings, strip_metadata=not settings.strip_metadata)
        case ("tell",):
            return replace(settings, tell_company=not settings.tell_company)
        case _:
            typed = press.texts.get("hours") or "".join(press.values)
            return replace(settings, retention_hours=_parsed(typed))


def _form(hours: int) -> discord.ui.Modal:
    hint = _("From 0 (not kept) to {most}.").format(most=RETENTION_MAX_HOURS)
    typed = field("hours", _("Hours"), str(hours), hint=hint, most=4)
    return form(custom_id(NAME, "hours"), _("How long text is kept"), typed)


def _parsed(text: str) -> int:
    hours = int(text) if text.isascii() and text.isdecimal() else -1
    if not 0 <= hours <= RETENTION_MAX_HOURS:
        raise Refused(
            _("“{text}” is no number of hours from 0 to {most}.").format(
                text=text[:20], most=RETENTION_MAX_HOURS
            )
        )
    return hours


def _hours(hours: int) -> str:
    if not hours:
        return _("Text is not kept")
    if hours % 24 or hours < 48:
        return ngettext(
            "Text is kept for {hours} hour", "Text is kept for {hours} hours", hours
        ).format(hours=hours)
    days = hours // 24
    return ngettext("Text is kept for {days} day", "Text is kept for {days} days", days).format(
        days=days
    )


PART = Part(N_("Privacy"), rows, changed)
