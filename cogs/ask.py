"""/ask: a question about pictures, given as options."""

from dataclasses import replace
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.types import Entry, Question, Task
from cogs._panels import everywhere, home
from cogs._reply import Desk
from cogs._sources.attachments import from_attachments
from cogs._sources.interaction import (
    asker_of,
    delivery_of,
    from_avatar,
    from_link,
    place_of,
)

Text = app_commands.Range[str, 1, 2000]


class AskCog(commands.Cog):
    """The slash command."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @app_commands.command()
    @app_commands.describe(
        image="The picture you ask about",
        question="What you want to know; leave it out for a description",
        image2="A further picture",
        image3="A further picture",
        image4="A further picture",
        link="A link to a picture",
        member="Somebody whose avatar you ask about",
        model="Who answers; this server's moderators decide on the choice",
        private="Whether only you see the answer",
    )
    @everywhere
    async def ask(
        self,
        interaction: discord.Interaction[Any],
        image: discord.Attachment | None = None,
        question: Text | None = None,
        image2: discord.Attachment | None = None,
        image3: discord.Attachment | None = None,
        image4: discord.Attachment | None = None,
        link: str | None = None,
        member: discord.User | None = None,
        model: str | None = None,
        private: bool | None = None,
    ) -> None:
        """Ask about a picture."""
        if private is None:
            private = self._desk.settings.of(home(interaction)).ask_private
        attached = (each for each in (image, image2, image3, image4) if each is not None)
        mine = interaction.user.id
        pictures = from_attachments(attached, author_id=mine) + from_link(link, author_id=mine)
        pictures += from_avatar(member)
        asked = Question(
            source_id=interaction.id,
            entry=Entry.ASK,
            asker=asker_of(interaction),
            place=place_of(interaction),
            text=question or "",
            images=pictures.images,
            task=Task.ASK if question else Task.DESCRIBE,
            model_id=model,
            left_out=pictures.left_out,
            private=private,
            delivery=delivery_of(interaction),
        )
        if self._desk.service.refuses(asked):
            asked = replace(asked, private=True)
        await interaction.response.defer(ephemeral=asked.private, thinking=True)
        await self._desk.answer_interaction(interaction, asked, shows=True)

    @ask.autocomplete("model")
    async def _offered(
        self, interaction: discord.Interaction[Any], current: str
    ) -> list[app_commands.Choice[str]]:
        wanted = current.lower()
        return [
            app_commands.Choice(
                name=f"{model.label} · {model.provider.label}"[:100], value=model.id
            )
            for model in self._desk.service.offered(
                home(interaction), asker_of(interaction), place_of(interaction)
            )
            if wanted in f"{model.id} {model.label}".lower() and len(model.id) <= 100
        ][:25]
