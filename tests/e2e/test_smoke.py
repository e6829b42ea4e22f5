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
