"""Forms of text; known by its custom_id like a button, each outlives a restart."""

import re
from collections.abc import Mapping
from typing import Any, cast

import discord

from bot.i18n import _, use_locale
from cogs._panels import cut

QUESTION_MAX = 2000
TITLE_LIMIT = 45


def field(
    name: str,
    label: str,
    value: str = "",
    *,
    hint: str | None = None,
    most: int = 100,
    long: bool = False,
    required: bool = False,
) -> discord.ui.Label[discord.ui.Modal]:
    """Give one field of a form; what was typed is found under `name`."""
    typed: discord.ui.TextInput[discord.ui.Modal] = discord.ui.TextInput(
        custom_id=name,
        style=discord.TextStyle.paragraph if long else discord.TextStyle.short,
        required=required,
        max_length=most,
        default=value[:most] or None,
    )
    return discord.ui.Label(text=label, description=hint, component=typed)


def form(
    custom_id: str, title: str, *labels: discord.ui.Label[discord.ui.Modal]
) -> discord.ui.Modal:
    """Lay out a form; whoever listens for its custom_id gets what was typed by `fields`."""
    modal = discord.ui.Modal(title=cut(title, TITLE_LIMIT), custom_id=custom_id)
    for each in labels:
        modal.add_item(each)
    modal.stop()  # answered by its custom_id; discord.py need not keep it
    return modal


def question_form(*, title: str, hint: str, custom_id: str, required: bool) -> discord.ui.Modal:
    """Lay out a form for a question; `submitted` gives it."""
    question = field(
        "question", _("Question"), hint=hint, most=QUESTION_MAX, long=True, required=required
    )
    return form(custom_id, title, question)


def fields(
    interaction: discord.Interaction[Any], name: re.Pattern[str]
) -> tuple[re.Match[str], dict[str, str]] | None:
    """Match the custom_id of a submitted form, however old; gives the match and what was typed.

    A match puts the language of whoever submitted it in force."""
    if interaction.type is not discord.InteractionType.modal_submit:
        return None
    data = cast("dict[str, Any]", interaction.data)
    match = name.fullmatch(str(data["custom_id"]))
    if match is None:
        return None
    use_locale(interaction.locale.value)
    return match, texts(data)


def texts(data: Mapping[str, Any]) -> dict[str, str]:
    """Give what was typed into each field of a form, by what Discord sends of it."""
    typed = (label["component"] for label in data.get("components") or ())
    return {str(each["custom_id"]): str(each["value"]).strip() for each in typed}


def submitted(
    interaction: discord.Interaction[Any], name: re.Pattern[str]
) -> tuple[re.Match[str], str] | None:
    """Match a submitted form as `fields` does; gives the match and its only text."""
    if (typed := fields(interaction, name)) is None:
        return None
    match, values = typed
    return match, next(iter(values.values()))
