"""Messages through REST and the gateway, with discord.py as the client."""


async def test_a_mention_is_heard_and_its_reply_is_read(pg, connect):
    channel = pg.guild("Corner Bakery").channel("general")
    ada = pg.user("ada")
    channel.guild.join(ada)
    client = await connect(pg)

    async def answer(message):
        await message.reply("Hello", mention_author=False)

    client.answer = answer
    question = await ada.send(channel, f"{pg.bot.mention} hello?")
    await pg.until(lambda: len(channel.messages) == 2)
    heard, reply = client.heard[0], channel.messages[1]
    assert heard.content == f"{pg.bot.mention} hello?"
    assert client.user in heard.mentions
    assert heard.author.name == "ada"
    assert reply.content == "Hello"
    assert reply.reply_to is question
    assert pg.pings == []
    assert pg.violations == []
