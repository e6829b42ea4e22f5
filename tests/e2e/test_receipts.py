"""The receipt: what is left to who asked, and having the record deleted."""

from pathlib import Path

import pytest

from playground import Message, Person
from tests.e2e.conftest import Town
from tests.e2e.test_limits import priced

GONE = "I know nothing about this answer any more. Please ask again."
NOT_THEIRS = "Only who asked can have the record deleted. It may be deleted already."


async def receipt_of(town: Town, answer: Message, who: Person | None = None) -> Message:
    """Press Receipt; gives what only who pressed it sees."""
    reader = who or town.ada
    told = await town.told(await reader.click(answer, "Receipt"))
    assert told.ephemeral_to is reader
    return told


async def deleted(town: Town, receipt: Message) -> None:
    """Have ada press the button of her receipt, and wait until it says that it is done."""
    await town.ada.click(receipt, "Delete this record")
    await town.pg.until(lambda: receipt.content.startswith("The record is deleted:"))
    assert receipt.buttons == []


def _sums(summary: Message) -> list[str]:
    """Give what a summary of one member's questions says, but for its last line: whose."""
    return summary.content.splitlines()[:-1]


async def test_who_asked_reads_what_is_left_and_nobody_else_does(
    town: Town, tmp_path: Path
) -> None:
    async with priced(town, tmp_path):
        await town.mod.slash(town.channel, "limits rate", day="5")
        await town.mod.slash(town.channel, "limits budget", member_month="20", month="30")
        town.models.reply("A cat.", usage={"prompt_tokens": 9, "completion_tokens": 50})
        answer = await town.ask(image=town.picture())
        receipt = await receipt_of(town, answer)
        seen = await receipt_of(town, answer, town.ben)
        moderators = await receipt_of(town, answer, town.mod)
    assert receipt.content.splitlines()[-4:] == [
        "Cost: about $0.05, by the listed price",
        "Left to you: 29 of 30 questions this minute",
        "Left to you: 4 of 5 questions today (UTC)",
        "Left to you: $19.95 of $20 this month (UTC)",
    ]
    assert receipt.buttons == ["Delete this record"]
    for other in (seen, moderators):
        assert "Left to you" not in other.content
        assert other.buttons == []


async def test_outside_servers_the_days_questions_are_left(town: Town) -> None:
    async with town.bot(VIDI_DM_DAILY="3"):
        answer = await town.ask(channel=town.ada.dm, image=town.picture())
        receipt = await receipt_of(town, answer)
    assert receipt.content.endswith("\nLeft to you: 2 of 3 questions today (UTC)")


async def test_a_deleted_record_is_nobodys_and_its_sums_stay(town: Town, tmp_path: Path) -> None:
    async with priced(town, tmp_path):
        await town.mod.slash(town.channel, "limits rate", day="2")
        town.models.reply("A cat.", usage={"prompt_tokens": 9, "completion_tokens": 50})
        answer = await town.ask(image=town.picture())
        await town.pg.until(lambda: town.owed() == 0)
        before = await town.told(await town.mod.slash(town.channel, "usage summary"))
        receipt = await receipt_of(town, answer)
        await deleted(town, receipt)
        (row,) = town.ledger()
        after = await town.told(await town.mod.slash(town.channel, "usage summary"))
        await town.ask(image=town.picture())
        refused = await town.told(await town.ada.slash(town.channel, "ask", image=town.picture()))
    assert row["user_id"] < 0, "a mark that only this month's limits know"
    assert row["source_id"] < 0
    assert (row["channel_id"], row["answer_message_id"], row["trace"]) == (0, None, None)
    assert (row["state"], row["cost_nano_usd"]) == ("answered", 50_009_000)
    assert "$0.05" in before.content
    assert _sums(after) == _sums(before)
    assert "ada" not in after.content
    assert "2 of 2 questions a day" in refused.content, "deleting wins no new quota"


async def test_after_a_deletion_the_answers_buttons_say_that_nothing_is_known(town: Town) -> None:
    async with town.bot():
        answer = await town.ask(image=town.picture())
        await town.pg.until(lambda: town.owed() == 0)
        await deleted(town, await receipt_of(town, answer))
    async with town.bot():
        for button in ("Follow up", "Retry", "Other model", "Receipt"):
            told = await town.told(await town.ada.click(answer, button))
            assert (told.content, told.ephemeral_to) == (GONE, town.ada)
        why = await town.told(await town.ada.slash(town.channel, "why", message=answer.url))
        assert why.content.startswith("I know of no question of yours there.")
        assert (await town.told(await town.ada.slash(town.channel, "why"))).content == why.content
    assert not answer.deleted, "it stays until somebody deletes it"


async def test_nobody_else_deletes_a_record_and_nobody_twice(town: Town) -> None:
    async with town.bot():
        answer = await town.ask(image=town.picture())
        first, second = await receipt_of(town, answer), await receipt_of(town, answer)
        await deleted(town, first)
    async with town.bot():  # the second receipt still shows its button
        told = await town.told(await town.ada.click(second, "Delete this record"))
        assert told.content == NOT_THEIRS
        with pytest.raises(AssertionError, match="can't see"):
            await town.mod.click(second, "Delete this record")


async def test_a_record_is_deleted_after_a_restart_too(town: Town) -> None:
    async with town.bot():
        receipt = await receipt_of(town, await town.ask(image=town.picture()))
    async with town.bot():
        await deleted(town, receipt)
    assert town.ledger()[0]["user_id"] < 0


async def test_what_is_still_being_answered_is_not_deleted(town: Town) -> None:
    async with town.bot():
        answer = await town.ask(image=town.picture())
        receipt = await receipt_of(town, answer)
        town.models.hang()
        again = await town.ada.click(answer, "Retry")
        await town.pg.until(lambda: again.response and again.response.buttons == ["Stop"])
        assert again.response is not None
        await deleted(town, receipt)
        assert [row["state"] for row in town.ledger()] == ["answered", "open"]
        await town.ada.click(again.response, "Stop")
        await town.shown(again.response)
    assert [row["user_id"] for row in town.ledger()][1] == town.ada.id
