"""The discord.py clients that the tests connect: one that listens, one with commands."""

import asyncio
from collections.abc import Awaitable, Callable

import discord
from discord import app_commands
from discord.http import Route

MODERATORS = discord.Permissions(manage_guild=True)


class Form(discord.ui.Modal, title="Ask about image"):
    question = discord.ui.TextInput(label="Your question", max_length=100)

    def __init__(self):
        super().__init__()
        options = [discord.SelectOption(label="Short"), discord.SelectOption(label="Long")]
        self.how = discord.ui.Select(options=options)
        self.add_item(discord.ui.Label(text="How", component=self.how))

    async def on_submit(self, interaction):
        text = f"{self.how.values[0]}: {self.question.value}"
        await interaction.response.send_message(text, ephemeral=True)


class Buttons(discord.ui.View):
    @discord.ui.button(label="Retry", custom_id="retry")
    async def retry(self, interaction, button):
        await interaction.response.edit_message(content="again")

    @discord.ui.button(label="Later", custom_id="later")
    async def later(self, interaction, button):
        await interaction.response.defer()
        await interaction.edit_original_response(content="later")

    @discord.ui.button(label="Off", disabled=True)
    async def off(self, interaction, button): ...

    @discord.ui.select(
        placeholder="Other model",
        options=[discord.SelectOption(label="Reader", value="local/reader")],
    )
    async def pick(self, interaction, select):
        await interaction.response.send_message(f"picked {select.values[0]}", ephemeral=True)


def add_commands(tree):
    @tree.command(description="Ask")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    @app_commands.choices(size=[app_commands.Choice(name="Big", value=3)])
    async def ask(
        interaction: discord.Interaction,
        question: str = "",
        image: discord.Attachment | None = None,
        member: discord.User | None = None,
        size: int = 1,
        private: bool = False,
    ):
        await interaction.response.defer(ephemeral=private)
        parts = [question, image and image.filename, member and member.name, str(size)]
        text = " ".join(part for part in parts if part)
        await interaction.edit_original_response(content=text, view=Buttons(timeout=60))

    @tree.command(description="Many")
    @app_commands.allowed_installs(guilds=True, users=True)
    async def many(interaction: discord.Interaction, count: int):
        await interaction.response.send_message("0")
        for number in range(count):
            await interaction.followup.send(str(number + 1))

    @tree.command(description="Slow")
    async def slow(interaction: discord.Interaction):
        await asyncio.sleep(3.1)
        await interaction.response.send_message("too late")

    @tree.command(description="Twice")
    async def twice(interaction: discord.Interaction):
        await interaction.response.send_message("once")
        try:
            await interaction.client.http.request(
                Route("POST", f"/interactions/{interaction.id}/{interaction.token}/callback"),
                json={"type": 4, "data": {"content": "twice"}},
            )
        except discord.HTTPException as error:
            await interaction.edit_original_response(content=f"{error.status} {error.code}")

    @tree.context_menu(name="Ask about image…")
    async def about(interaction: discord.Interaction, message: discord.Message):
        await interaction.response.send_modal(Form())

    @tree.context_menu(name="Describe image")
    async def describe(interaction: discord.Interaction, message: discord.Message):
        await interaction.response.defer(ephemeral=True)
        await interaction.followup.send(message.attachments[0].filename)

    @tree.context_menu(name="Avatar")
    async def avatar(interaction: discord.Interaction, user: discord.Member):
        await interaction.response.send_message(user.name)

    settings = app_commands.Group(
        name="settings",
        description="Settings",
        default_permissions=MODERATORS,
        allowed_contexts=app_commands.AppCommandContext(guild=True),
    )

    @settings.command(description="Model")
    async def model(interaction: discord.Interaction, model: str):
        await interaction.response.send_message(model, ephemeral=True)

    @model.autocomplete("model")
    async def complete(interaction: discord.Interaction, current: str):
        return [app_commands.Choice(name=f"{current}!", value=current)]

    tree.add_command(settings)


class Bot(discord.Client):
    """Keeps the messages it hears of, and answers them if told how."""

    answer: Callable[[discord.Message], Awaitable[None]] | None = None

    def __init__(self, content=True, intents=None, **options):
        intents = intents or discord.Intents(
            guilds=True, guild_messages=True, dm_messages=True, message_content=content
        )
        super().__init__(intents=intents, guild_ready_timeout=0.05, **options)
        self.heard: list[discord.Message] = []

    async def before_identify_hook(self, shard_id, *, initial=False):
        """Identify without the five seconds that discord.py waits between two."""

    async def on_message(self, message):
        if message.author != self.user:
            self.heard.append(message)
            if self.answer is not None:
                await self.answer(message)


class CommandBot(Bot):
    """Registers its commands when it starts."""

    def __init__(self):
        super().__init__()
        self.tree = app_commands.CommandTree(self)
        add_commands(self.tree)

    async def setup_hook(self):
        await self.tree.sync()
