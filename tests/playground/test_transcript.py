"""The conversation as a person reads it."""

import io
from datetime import UTC, datetime

import discord

from playground import File
from playground.pictures import photo


async def test_a_conversation_reads_like_one(pg, connect):
    channel = pg.guild("Corner Bakery").channel("general")
    ada = pg.user("ada")
    channel.guild.join(ada)
    client = await connect(pg)
    there = client.get_channel(channel.id)
    data = photo(81, 120)
    picture = await ada.send(channel, files=[File("receipt.png", data, description="a receipt")])
    await ada.send(channel, f"{pg.bot.mention} what does this cost?", reply_to=picture)
    view = discord.ui.View()
    for label in ("Retry", "Delete"):
        view.add_item(discord.ui.Button(label=label, disabled=label == "Delete"))
    view.add_item(
        discord.ui.Select(placeholder="Model", options=[discord.SelectOption(label="Reader")])
    )
    embed = discord.Embed(description="line").set_footer(text="small")
    embed.add_field(name="Total", value="12.40")
    await there.send("The total is 12.40", embed=embed, view=view)
    times = [datetime.fromtimestamp(m.created, UTC).strftime("%H:%M") for m in channel.messages]
    size = max(1, round(len(data) / 1024))
    assert channel.transcript().split("\n") == [
        "#general",
        f"ada  {times[0]}",
        f'  📎 receipt.png (81×120, {size} kB) "a receipt"',
        f'ada  {times[1]}  · replying to ada: "receipt.png"',
        "  @Vidi what does this cost?",
        f"Vidi  {times[2]}",
        "  The total is 12.40",
        "  │ line",
        "  │ Total: 12.40",
        "  │ small",
        "  [Retry] (Delete)",
        "  [Model ▾]",
    ]


async def test_ephemeral_messages_are_shown_to_their_reader_only(pg, connect, make_bot):
    channel = pg.guild("Corner Bakery").channel("general")
    ada, bob = pg.user("ada"), pg.user("bob")
    channel.guild.join(ada)
    channel.guild.join(bob)
    client = make_bot()
    tree = discord.app_commands.CommandTree(client)

    @tree.command(description="Secret")
    async def secret(interaction: discord.Interaction):
        await interaction.response.send_message("for you", ephemeral=True)

    @tree.command(description="Think")
    async def think(interaction: discord.Interaction):
        await interaction.response.defer()

    client.setup_hook = tree.sync
    await connect(pg, client, commands=True)
    await ada.slash(channel, "secret")
    await ada.slash(channel, "think")
    assert "· only ada sees this · ada used /secret" in " ".join(channel.transcript().split())
    assert "for you" in channel.transcript(as_user=ada)
    assert "for you" not in channel.transcript(as_user=bob)
    assert "Vidi is thinking…" in channel.transcript(as_user=bob)


async def test_layouts_and_direct_messages_are_readable(pg, connect):
    ada = pg.user("ada")
    client = await connect(pg)
    layout = discord.ui.LayoutView()
    layout.add_item(discord.ui.Container(discord.ui.TextDisplay("Inside")))
    layout.add_item(
        discord.ui.Section("Beside", accessory=discord.ui.Button(label="Press", custom_id="p"))
    )
    layout.add_item(discord.ui.File("attachment://rest.md"))
    file = discord.File(io.BytesIO(b"rest"), "rest.md")
    await (await client.fetch_user(ada.id)).send(view=layout, file=file)
    lines = ada.dm.transcript().split("\n")
    assert lines[0] == "Direct messages with ada"
    assert [line.strip() for line in lines[2:]] == ["Inside", "Beside", "[Press]", "📎 rest.md"]


async def test_who_and_what_a_select_shows_as_chosen_is_named(pg, connect):
    channel = pg.guild("Corner Bakery").channel("general")
    staff, ada = channel.guild.role("staff"), pg.user("ada")
    client = await connect(pg)
    view = discord.ui.View()
    people = [
        discord.Object(staff.id, type=discord.Role),
        discord.Object(ada.id, type=discord.User),
    ]
    view.add_item(discord.ui.MentionableSelect(max_values=2, default_values=people))
    there = client.get_channel(channel.id)
    view.add_item(discord.ui.ChannelSelect(default_values=[there]))
    await there.send(f"<@&{staff.id}>", view=view)
    lines = channel.transcript().split("\n")
    assert lines[-3:] == ["  @staff", "  [@staff, @ada ▾]", "  [#general ▾]"]


async def test_moments_are_written_out_in_utc(pg):
    channel = pg.guild("Corner Bakery").channel("general")
    ada = pg.user("ada")
    channel.guild.join(ada)
    await ada.send(channel, "It starts anew <t:1700000000:R>, not <t:never>.")
    assert "It starts anew 14 November 2023 22:13, not <t:never>." in channel.transcript()
