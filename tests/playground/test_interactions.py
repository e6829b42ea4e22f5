"""Interactions: commands, menus, buttons, forms and their rules."""

import asyncio

import discord
import pytest
from discord import app_commands

from playground import File, Playground
from playground.pictures import photo

MODERATORS = discord.Permissions(manage_guild=True)


class Form(discord.ui.Modal, title="Ask about image"):
    question = discord.ui.TextInput(label="Your question", max_length=100)
    style = discord.ui.Label(
        text="How",
        component=discord.ui.Select(
            options=[discord.SelectOption(label="Short"), discord.SelectOption(label="Long")]
        ),
    )

    async def on_submit(self, interaction):
        how = self.style.component.values[0]
        await interaction.response.send_message(f"{how}: {self.question.value}", ephemeral=True)


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
                discord.http.Route(
                    "POST", f"/interactions/{interaction.id}/{interaction.token}/callback"
                ),
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


@pytest.fixture
async def bot(pg, connect, make_bot):
    """Connect a client with commands."""
    client = make_bot()
    tree = app_commands.CommandTree(client)
    add_commands(tree)

    async def sync():
        await tree.sync()

    client.setup_hook = sync
    client.tree = tree
    return client


@pytest.fixture
async def channel(pg):
    """Give a guild's channel with one member in it."""
    return pg.guild("Corner Bakery").channel("general")


@pytest.fixture
async def ada(pg, channel):
    """Give the member."""
    ada = pg.user("ada", locale="de")
    channel.guild.join(ada)
    return ada


async def test_a_deferred_slash_command_is_answered_by_editing(pg, connect, bot, channel, ada):
    await connect(pg, bot, commands=True)
    i = await ada.slash(channel, "ask", question="what?", image=File("a cat.png", photo(30, 20)))
    assert (i.acknowledged, i.kind, i.ephemeral) == (True, "deferred", False)
    assert i.ack_after < 1
    await pg.until(lambda: not i.response.thinking)
    assert i.response.content == "what? a_cat.png 1"
    assert i.response.edits == []
    assert i.response.buttons == ["Retry", "Later", "Off"]
    assert channel.messages == [i.response]
    assert pg.violations == []


async def test_options_are_typed_and_resolved(pg, connect, bot, channel, ada):
    await connect(pg, bot, commands=True)
    i = await ada.slash(channel, "ask", member=ada, size="Big", private=True)
    await pg.until(lambda: not i.response.thinking)
    assert i.response.content == "ada 3"
    assert i.ephemeral
    assert i.response.ephemeral_to is ada
    with pytest.raises(AssertionError, match="no option 'colour'"):
        await ada.slash(channel, "ask", colour="red")
    with pytest.raises(AssertionError, match="no choice 'Tiny'"):
        await ada.slash(channel, "ask", size="Tiny")
    with pytest.raises(AssertionError, match="can't take 3"):
        await ada.slash(channel, "ask", question=3)
    with pytest.raises(AssertionError, match="there is no /dance"):
        await ada.slash(channel, "dance")


async def test_default_permissions_hide_a_command(pg, connect, bot, channel, ada):
    await connect(pg, bot, commands=True)
    eve = pg.user("eve")
    channel.guild.join(eve, permissions=("manage_guild",))
    with pytest.raises(AssertionError, match="ada can't see /settings"):
        await ada.slash(channel, "settings model", model="x")
    i = await eve.slash(channel, "settings model", model="x")
    assert i.response.content == "x"
    assert [c.value for c in await eve.complete(channel, "settings model", "model", "gp")] == ["gp"]


async def test_contexts_and_installs_decide_where_a_command_is_seen(pg, connect, bot, ada):
    elsewhere = pg.guild("Elsewhere", bot=False).channel("lobby")
    elsewhere.guild.join(ada)
    await connect(pg, bot, commands=True)
    with pytest.raises(AssertionError, match="ada can't see /ask"):
        await ada.slash(elsewhere, "ask", question="x")
    pg.installs(ada)
    i = await ada.slash(elsewhere, "ask", question="x")
    assert i.owners == {"1": str(ada.id)}
    assert (await ada.slash(ada.dm, "ask", question="x")).owners["0"] == "0"
    private = ada.direct_to(pg.user("bob"))
    assert (await ada.slash(private, "ask", question="x")).acknowledged
    with pytest.raises(AssertionError, match="can't see /slow"):
        await ada.slash(elsewhere, "slow")


async def test_a_user_install_gets_five_follow_ups(pg, connect, bot, ada):
    elsewhere = pg.guild("Elsewhere", bot=False).channel("lobby")
    elsewhere.guild.join(ada)
    pg.installs(ada)
    await connect(pg, bot, commands=True)
    i = await ada.slash(elsewhere, "many", count=6)
    await pg.until(lambda: pg.violations)
    assert "40094" in pg.violations[0]
    assert [m.content for m in i.followups] == ["1", "2", "3", "4", "5"]
    assert pg.pings == []


async def test_without_external_apps_a_user_installs_answer_is_private(pg, connect, bot, ada):
    strict = pg.guild("Strict", bot=False, external_apps=False).channel("lobby")
    strict.guild.join(ada)
    pg.installs(ada)
    await connect(pg, bot, commands=True)
    assert (await ada.slash(strict, "ask", question="x")).ephemeral


async def test_a_message_menu_opens_a_form_that_is_submitted(pg, connect, bot, channel, ada):
    await connect(pg, bot, commands=True)
    picture = await ada.send(channel, files=[File("cat.png", photo(30, 20))])
    i = await ada.menu("Ask about image…", picture)
    assert i.kind == "modal"
    assert [field.label for field in i.modal.inputs] == ["Your question", "How"]
    with pytest.raises(AssertionError, match="'How' is required"):
        await ada.submit(i, your_question="why?")
    j = await ada.submit(i, your_question="why?", how=["Short"])
    assert j.response.content == "Short: why?"
    assert j.ephemeral


async def test_a_follow_up_fulfils_a_deferral_and_stays_private(pg, connect, bot, channel, ada):
    await connect(pg, bot, commands=True)
    picture = await ada.send(channel, files=[File("cat.png", photo(30, 20))])
    i = await ada.menu("Describe image", picture)
    await pg.until(lambda: not i.response.thinking)
    assert i.response.content == "cat.png"
    assert i.response.ephemeral_to is ada
    assert i.followups == []


async def test_a_user_menu_names_its_target(pg, connect, bot, channel, ada):
    await connect(pg, bot, commands=True)
    i = await ada.menu("Avatar", ada, channel)
    assert i.response.content == "ada"


async def test_buttons_and_selects_reach_their_view(pg, connect, bot, channel, ada):
    await connect(pg, bot, commands=True)
    i = await ada.slash(channel, "ask", question="x")
    await pg.until(lambda: i.response.buttons)
    assert (await ada.click(i.response, "Retry")).kind == "update"
    assert i.response.content == "again"
    later = await ada.click(i.response, "later")
    assert later.kind == "deferred_update"
    await pg.until(lambda: i.response.content == "later")
    assert [edit.content for edit in i.response.edits] == ["x 1", "again"]
    picked = await ada.select(i.response, "Other model", ["Reader"])
    assert picked.response.content == "picked local/reader"
    assert picked.response.reply_to is i.response


async def test_absent_disabled_and_foreign_controls_are_refused(pg, connect, bot, channel, ada):
    bob = pg.user("bob")
    channel.guild.join(bob)
    await connect(pg, bot, commands=True)
    i = await ada.slash(channel, "ask", question="x", private=True)
    await pg.until(lambda: i.response.buttons)
    with pytest.raises(AssertionError, match="'Off' is disabled"):
        await ada.click(i.response, "Off")
    with pytest.raises(AssertionError, match="there are \\['Retry', 'Later', 'Off'\\]"):
        await ada.click(i.response, "Share")
    with pytest.raises(AssertionError, match="bob can't see"):
        await bob.click(i.response, "Retry")
    with pytest.raises(AssertionError, match="has no \\['gpt'\\]"):
        await ada.select(i.response, "Other model", ["gpt"])


async def test_an_answer_after_three_seconds_is_refused(pg, connect, bot, channel, ada):
    await connect(pg, bot, commands=True)
    i = await ada.slash(channel, "slow")
    assert not i.acknowledged
    assert pg.violations == ["'slow' was not acknowledged within 3 s"]
    await pg.until(lambda: len(pg.violations) == 2)
    assert pg.violations[1].startswith("interaction answered after 3.1")
    assert channel.messages == []


async def test_a_second_acknowledgement_is_refused(pg, connect, bot, channel, ada):
    await connect(pg, bot, commands=True)
    i = await ada.slash(channel, "twice")
    await pg.until(lambda: i.response.content == "400 40060")


async def test_a_token_dies_after_fifteen_minutes(pg, connect, bot, channel, ada):
    client = await connect(pg, bot, commands=True)
    i = await ada.slash(channel, "ask", question="x")
    await pg.until(lambda: not i.response.thinking)
    hook = discord.Webhook.partial(
        pg.application_id, i.token, session=client.http._HTTPClient__session
    )
    await hook.edit_message("@original", content="y")
    pg.advance(14 * 60)
    await hook.edit_message("@original", content="z")
    pg.advance(61)
    with pytest.raises(discord.HTTPException) as refused:
        await hook.edit_message("@original", content="too late")
    assert (refused.value.status, refused.value.code) == (401, 50027)
    with pytest.raises(discord.NotFound) as unknown:
        await discord.Webhook.partial(
            pg.application_id, "nonsense", session=client.http._HTTPClient__session
        ).send("x")
    assert unknown.value.code == 10015


async def test_an_ephemeral_answer_is_not_found_through_the_channel(pg, connect, bot, channel, ada):
    client = await connect(pg, bot, commands=True)
    i = await ada.slash(channel, "ask", question="x", private=True)
    with pytest.raises(discord.NotFound) as missing:
        await client.get_channel(channel.id).fetch_message(i.response.id)
    assert missing.value.code == 10008


async def test_commands_are_created_edited_and_deleted_one_by_one(pg, connect, bot, channel):
    client = await connect(pg, bot, commands=True)
    tree = client.tree
    await tree.sync()
    ids = {command.name: command.id for command in await tree.fetch_commands()}
    assert ids == {each["name"]: int(each["id"]) for each in pg.world.commands.listed(None)}
    ask = await tree.fetch_command(ids["ask"])
    changed = await ask.edit(description="Ask away")
    assert changed.description == "Ask away"
    await ask.delete()
    with pytest.raises(discord.NotFound) as gone:
        await tree.fetch_command(ids["ask"])
    assert gone.value.code == 10063
    guild = client.get_guild(channel.guild.id)
    tree.copy_global_to(guild=guild)
    await tree.sync(guild=guild)
    assert len(await tree.fetch_commands(guild=guild)) == len(tree.get_commands())


async def test_a_command_set_that_discord_refuses_is_refused(pg, connect):
    client = await connect(pg)
    with pytest.raises(discord.HTTPException) as refused:
        await client.http.bulk_upsert_global_commands(
            pg.application_id, [{"name": "Bad Name", "description": "x", "type": 1}]
        )
    assert refused.value.code == 50035
    assert pg.violations


async def test_interactions_tell_who_where_and_in_which_language(pg, connect, bot, channel, ada):
    async with Playground() as other:
        assert other.api_url != pg.api_url
    client = await connect(pg, bot, commands=True)
    seen = []

    async def note(interaction):
        seen.append(interaction)

    client.on_interaction = note
    await ada.slash(channel, "ask", question="x")
    (i,) = seen
    assert str(i.locale) == "de"
    assert str(i.guild_locale) == "en-US"
    assert i.user.id == ada.id
    assert i.channel.id == channel.id
    assert i.permissions.send_messages
    assert not i.permissions.manage_guild
    assert i.app_permissions.attach_files
    assert i.context.guild
    assert i.is_guild_integration()
    assert i.filesize_limit == 10 * 1024 * 1024
