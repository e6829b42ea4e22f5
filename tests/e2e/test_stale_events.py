"""What comes twice, too late or from another time does no harm."""

import pytest

from playground import Fault
from tests.e2e.conftest import Town

EDIT = "PATCH /channels/{}/messages/{}"
STORY = "One thing after another. " * 400


@pytest.mark.parametrize("button", ["Receipt", "Follow up", "Retry", "Delete"])
async def test_a_button_from_before_the_database_was_replaced_shows_nobody_elses_question(
    town: Town, button: str
) -> None:
    async with town.bot():
        old = await town.answer_to(await town.asks())
    (town.folder / "vidi.db").unlink()
    async with town.bot():
        elsewhere = await town.answer_to(await town.asks(channel=town.guild.channel("staff")))
        told = await town.told(await town.mod.click(old, button))
    assert told.content == "I know nothing about this answer any more. Please ask again."
    assert not elsewhere.deleted
    assert [row["id"] for row in town.ledger()] == [1], "the same number as the old answer's"


async def test_a_redelivered_question_can_still_be_taken_back(town: Town) -> None:
    town.models.reply(STORY, delay=0.05)
    async with town.bot() as vidi:
        asked = await town.asks()
        answer = await town.reply_saying(asked, "One thing")
        await town.pg.gateway.redeliver(asked)
        await town.pg.gateway.redeliver(asked)
        assert vidi.core.service.in_flight() == {1}
        await town.ada.delete(asked)
        await town.pg.until(lambda: answer.deleted)
    assert [row["state"] for row in town.ledger()] == ["cancelled:question_deleted"]


async def test_a_rate_limit_too_long_to_wait_for_ends_without_an_error(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    town.models.reply("A cat.", first_delay=0.2)
    async with town.bot() as vidi:
        asked = await town.asks()
        await town.reply_saying(asked, "Looking at it")
        town.pg.fault(Fault(EDIT, status=429, retry_after=1336, scope="shared", times=9))
        await town.pg.until(lambda: any("not delivered" in r.message for r in caplog.records))
        assert not vidi.core.service.in_flight()
    assert not [r for r in caplog.records if r.levelname == "ERROR"]
    assert [row["state"] for row in town.ledger()] == ["answered"]


async def test_commands_that_discord_knows_already_are_not_registered_again(town: Town) -> None:
    def asked(method: str) -> int:
        return [r.method for r in town.pg.requests if r.path.endswith("/commands")].count(method)

    async with town.bot():
        await town.pg.until(lambda: asked("PUT"))
    async with town.bot():
        await town.pg.until(lambda: asked("GET") == 2)
        await town.answer_to(await town.asks())  # by then it would have been sent
    assert asked("PUT") == 1


async def test_a_refusal_is_said_although_saying_it_fails_at_first(town: Town) -> None:
    town.pg.fault(Fault("POST /webhooks/{}/{}", reset=True))
    async with town.bot(VIDI_DM_DAILY="0"):
        told = await town.told(await town.ada.slash(town.ada.dm, "ask", image=town.picture()))
    assert told.content.startswith("You have asked as often as you may today.")
    assert told.ephemeral_to is town.ada
