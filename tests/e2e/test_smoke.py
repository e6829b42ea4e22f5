from tests.e2e.conftest import Town


async def test_a_mention_with_a_picture_is_answered_beneath_it(town: Town) -> None:
    town.models.reply("A cat on a mat.")
    async with town.bot():
        asked = await town.ada.send(
            town.channel, f"{town.pg.bot.mention} what is it?", files=[town.picture()]
        )
        answer = await town.answer_to(asked)
    assert answer.content.startswith("A cat on a mat.")
    (link,) = town.models.chats[0].images  # signed with the second in which it was given out
    assert link.partition("?")[0] == asked.attachments[0].url.partition("?")[0]


async def test_who_waits_sees_the_bot_type(town: Town) -> None:
    town.models.reply("At last.", first_delay=1.3)
    async with town.bot():
        asked = await town.ada.send(
            town.channel, f"{town.pg.bot.mention} what is it?", files=[town.picture()]
        )
        await town.answer_to(asked)
    assert "POST /channels/{}/typing" in {request.route for request in town.pg.requests}
