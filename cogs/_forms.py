"""Forms of text; known by its custom_id like a button, each outlives a restart."""

import re
from typing import Any, cast

import discord

from bot.i18n import _, use_locale

QUESTION_MAX = 2000


def question_form(*, title: str, hint: str, custom_id: str, required: bool) -> discord.ui.Modal:
    """Lay out the form; whoever listens for `custom_id` gets what was typed by `submitted`."""
    form = discord.ui.Modal(title=title[:45], custom_id=custom_id)
    question: discord.ui.TextInput[discord.ui.Modal] = discord.ui.TextInput(
        custom_id="question",
        style=discord.TextStyle.paragraph,
        required=required,
        max_length=QUESTION_MAX,
    )
    form.add_item(discord.ui.Label(text=_("Question"), description=hint, component=question))
    form.stop()  # answered by its custom_id; discord.py need not keep it
    return form


def line_input(
    name: str, *, max_length: int, required: bool = True, default: str = ""
) -> discord.ui.TextInput[discord.ui.Modal]:
    """Lay out a field of one line; `fields` gives what was typed under its name."""
    return discord.ui.TextInput(
        custom_id=name, max_length=max_length, required=required, default=default or None
    )


def form_of(
    title: str,
    custom_id: str,
    *inputs: tuple[str, str, discord.ui.TextInput[discord.ui.Modal]],
) -> discord.ui.Modal:
    """Lay out a form of fields, each with its label and hint."""
    form = discord.ui.Modal(title=title[:45], custom_id=custom_id)
    for label, hint, component in inputs:
        form.add_item(discord.ui.Label(text=label, description=hint, component=component))
    form.stop()  # answered by its custom_id; discord.py need not keep it
    return form


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
    typed = (label["component"] for label in data["components"])
    return match, {str(each["custom_id"]): str(each["value"]).strip() for each in typed}


def submitted(
    interaction: discord.Interaction[Any], name: re.Pattern[str]
) -> tuple[re.Match[str], str] | None:
    """Match a submitted form as `fields` does; gives the match and its only text."""
    if (typed := fields(interaction, name)) is None:
        return None
    match, texts = typed
    return match, next(iter(texts.values()))
