"""The form that takes a question; known by its custom_id like a button, it outlives a restart."""

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


def submitted(
    interaction: discord.Interaction[Any], name: re.Pattern[str]
) -> tuple[re.Match[str], str] | None:
    """Match the custom_id of a submitted form, however old; gives the match and the question.

    A match puts the language of whoever submitted it in force."""
    if interaction.type is not discord.InteractionType.modal_submit:
        return None
    data = cast("dict[str, Any]", interaction.data)
    match = name.fullmatch(str(data["custom_id"]))
    if match is None:
        return None
    use_locale(interaction.locale.value)
    return match, str(data["components"][0]["component"]["value"]).strip()
