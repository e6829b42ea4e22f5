"""The right-click menus of messages and people."""

import re
from collections.abc import Callable, Coroutine
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import NoPicture, Refused
from bot.i18n import _
from bot.text import plain, shorten
from bot.types import Entry, Question, Task
from cogs._forms import question_form, submitted
from cogs._panels import home
from cogs._reply import Desk
from cogs._sources.attachments import Pictures
from cogs._sources.authors import Pointed
from cogs._sources.interaction import asker_of, delivery_of, from_avatar, place_of
from cogs._sources.message import pictures_of

Press = Callable[[discord.Interaction[Any], discord.Message], Coroutine[Any, Any, None]]
UserPress = Callable[
    [discord.Interaction[Any], discord.User | discord.Member], Coroutine[Any, Any, None]
]

FORM = re.compile(r"vidi:ask:(?P<id>\d+)")
REMEMBERED = 1000  # opened forms; older ones have long been closed


class MenusCog(commands.Cog):
    """One entry a task, and two that ask for the question first."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._pointed_at: dict[int, Pointed] = {}
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
            await self._answer(interaction, Pointed(_pictures(message), message), "", task)

        return press

    async def _ask_about_image(
        self, interaction: discord.Interaction[Any], message: discord.Message
    ) -> None:
        pointed = Pointed(_pictures(message), message)
        await self._open_form(interaction, pointed, _("Ask about image"))

    async def _ask_about_avatar(
        self, interaction: discord.Interaction[Any], user: discord.User | discord.Member
    ) -> None:
        pointed = Pointed(from_avatar(user))
        await self._open_form(interaction, pointed, _("Ask about avatar"))

    async def _open_form(
        self, interaction: discord.Interaction[Any], pointed: Pointed, title: str
    ) -> None:
        self._pointed_at[interaction.id] = pointed
        if len(self._pointed_at) > REMEMBERED:
            del self._pointed_at[next(iter(self._pointed_at))]
        form = question_form(
            title=title,
            hint=_("Leave it empty for a description."),
            custom_id=f"vidi:ask:{interaction.id}",
            required=False,
        )
        await interaction.response.send_modal(form)

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Answer what was asked in a form."""
        typed = submitted(interaction, FORM)
        if typed is None:
            return
        form, question = typed
        pointed = self._pointed_at.get(int(form["id"]))
        if pointed is None:
            raise Refused(_forgotten(question))
        await self._answer(interaction, pointed, question, Task.ASK if question else Task.DESCRIBE)

    async def _answer(
        self, interaction: discord.Interaction[Any], pointed: Pointed, text: str, task: Task
    ) -> None:
        private = self._desk.settings.of(home(interaction)).menus_private
        await interaction.response.defer(ephemeral=private, thinking=True)
        pictures = await self._desk.authors.named(pointed.message, pointed.pictures)
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


def _forgotten(question: str) -> str:
    sentence = _("I was restarted after you opened this form. Please open it again.")
    if not question:
        return sentence
    wrote = _("You wrote: {question}").format(question=shorten(plain(question), 1500))
    return f"{sentence}\n{wrote}"
