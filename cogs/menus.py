"""The right-click menus of messages and people."""

from collections.abc import Callable, Coroutine
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import NoPicture
from bot.i18n import _
from bot.types import Entry, Question, Task
from cogs._forms import QuestionForm
from cogs._panels import home
from cogs._reply import Desk
from cogs._sources.attachments import Pictures
from cogs._sources.interaction import asker_of, delivery_of, from_avatar, place_of
from cogs._sources.message import pictures_of

Press = Callable[[discord.Interaction[Any], discord.Message], Coroutine[Any, Any, None]]
UserPress = Callable[
    [discord.Interaction[Any], discord.User | discord.Member], Coroutine[Any, Any, None]
]


class MenusCog(commands.Cog):
    """One entry a task, and two that ask for the question first."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._menus = [
            _menu("Ask about image…", self._ask_about_image),
            _menu("Describe image", self._doing(Task.DESCRIBE)),
            _menu("Read text", self._doing(Task.READ)),
            _menu("Translate text", self._doing(Task.TRANSLATE)),
            _menu("Ask about avatar…", self._ask_about_avatar),
        ]

    async def cog_load(self) -> None:
        """Register the menus."""
        for menu in self._menus:
            self._desk.bot.tree.add_command(menu)

    async def cog_unload(self) -> None:
        """Take the menus back."""
        for menu in self._menus:
            self._desk.bot.tree.remove_command(menu.name, type=menu.type)

    def _doing(self, task: Task) -> Press:
        async def press(interaction: discord.Interaction[Any], message: discord.Message) -> None:
            await self._answer(interaction, _pictures(message), "", task)

        return press

    async def _ask_about_image(
        self, interaction: discord.Interaction[Any], message: discord.Message
    ) -> None:
        await self._open_form(interaction, _pictures(message), _("Ask about image"))

    async def _ask_about_avatar(
        self, interaction: discord.Interaction[Any], user: discord.User | discord.Member
    ) -> None:
        await self._open_form(interaction, from_avatar(user), _("Ask about avatar"))

    async def _open_form(
        self, interaction: discord.Interaction[Any], pictures: Pictures, title: str
    ) -> None:
        async def ask(submitted: discord.Interaction[Any], question: str) -> None:
            task = Task.ASK if question else Task.DESCRIBE
            await self._answer(submitted, pictures, question, task)

        form = QuestionForm(
            title=title,
            hint=_("Leave it empty for a description."),
            custom_id=f"vidi:ask:{interaction.id}",
            required=False,
            ask=ask,
        )
        await interaction.response.send_modal(form)

    async def _answer(
        self, interaction: discord.Interaction[Any], pictures: Pictures, text: str, task: Task
    ) -> None:
        private = self._desk.settings.of(home(interaction)).menus_private
        await interaction.response.defer(ephemeral=private, thinking=True)
        question = Question(
            source_id=interaction.id,
            entry=Entry.MENU,
            asker=asker_of(interaction),
            place=place_of(interaction),
            text=text,
            images=pictures.images,
            task=task,
            left_out=pictures.left_out,
            private=private,
            delivery=delivery_of(interaction),
        )
        await self._desk.answer_interaction(interaction, question)


def _menu(name: str, press: Press | UserPress) -> app_commands.ContextMenu:
    return app_commands.ContextMenu(
        name=name,
        callback=press,
        allowed_contexts=app_commands.AppCommandContext(
            guild=True, dm_channel=True, private_channel=True
        ),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
    )


def _pictures(message: discord.Message) -> Pictures:
    pictures = pictures_of(message)
    if not pictures.images:
        raise NoPicture(_("This message has no picture that I can look at."))
    return pictures
