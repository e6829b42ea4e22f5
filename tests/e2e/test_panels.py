"""/models, /usage, /privacy, /help and /status, as members and moderators see them."""

import re

import pytest

from bot.choices import GuildSettings
from playground import Channel, Message, Person
from tests.e2e.conftest import Town

REFUSED = "Only moderators who may manage this server can do that."


async def panel(
    town: Town,
    command: str,
    who: Person | None = None,
    channel: Channel | None = None,
    **options: str,
) -> Message:
    """Have somebody, ada unless told, use a command; gives what only they see."""
    person = who or town.ada
    told = await town.told(await person.slash(channel or town.channel, command, **options))
    assert told.ephemeral_to is person
    assert len(told.content) <= 2000
    return told


def model_ids(page: Message) -> list[str]:
    return re.findall(r"\(`([^`]+)`\)", page.content)


async def test_the_catalog_is_turned_page_by_page_also_after_a_restart(town: Town) -> None:
    async with town.bot() as vidi:
        page = await panel(town, "models")
        assert page.content.startswith("Models, page 1 of ")
        assert model_ids(page)[0] == "custom/vision"
        assert "price unknown. It answers here." in page.content
        assert page.buttons == ["Next"]
        seen = model_ids(page)
        models = set(vidi.core.catalog.models)
    async with town.bot():
        while "Next" in page.buttons:
            await town.ada.click(page, "Next")
            assert len(page.content) <= 2000
            seen += model_ids(page)
        assert page.buttons == ["Previous"]
    assert len(seen) == len(set(seen))
    assert set(seen) == models


async def test_models_are_found_by_parts_of_their_names(town: Town) -> None:
    async with town.bot():
        found = await panel(town, "models", search="GPT-4o openai")
        assert "openai/gpt-4o" in model_ids(found)
        assert all("gpt-4o" in model_id for model_id in model_ids(found))
        assert "needs OPENAI_API_KEY, which whoever runs this bot has not set" in found.content
        nothing = await panel(town, "models", search="nothing like it")
        assert nothing.content == "No model is called anything like “nothing like it”."
        assert nothing.buttons == []


async def test_usage_adds_up_what_the_receipts_say(town: Town) -> None:
    for read, written, cost in ((1000, 20, 0.01), (3000, 40, 0.0234)):
        usage = {"prompt_tokens": read, "completion_tokens": written, "cost": cost}
        town.models.reply("A cat.", usage=usage)
    async with town.bot():
        answers = [await town.ask(who, image=town.picture()) for who in (town.ada, town.ben)]
        receipts = [await town.told(await town.ada.click(a, "Receipt")) for a in answers]
        costs = [re.search(r"Cost: \$([\d.]+)", receipt.content) for receipt in receipts]
        assert [float(cost[1]) for cost in costs if cost] == [0.01, 0.0234]
        summary = await panel(town, "usage summary", town.mod, days="today")
        mine = await panel(town, "usage mine")
        refused = await panel(town, "usage summary")
        direct = await panel(town, "usage mine", town.ben, town.ben.dm, days="30")
    assert summary.content.splitlines() == [
        "**Usage in this server, today**",
        "2 questions, 2 answered.",
        "4,000 tokens in, 60 tokens out.",
        "Cost: $0.0334.",
        "By model",
        "- vision at Custom server: 2 questions, 4,060 tokens, $0.0334",
        "By member",
        f"- {town.ben.mention}: 1 question, 3,040 tokens, $0.0234",
        f"- {town.ada.mention}: 1 question, 1,020 tokens, $0.01",
    ]
    assert mine.content.splitlines()[1:4] == [
        "1 question, 1 answered.",
        "1,000 tokens in, 20 tokens out.",
        "Cost: $0.01.",
    ]
    assert refused.content == REFUSED
    assert "$0.0234" in direct.content


async def test_usage_of_nothing_says_so(town: Town) -> None:
    async with town.bot():
        told = (await panel(town, "usage mine")).content.splitlines()
    assert told[1:] == ["Nothing was asked.", "Left to you: 30 of 30 questions this minute"]


async def test_privacy_names_who_receives_pictures_and_what_is_kept(town: Town) -> None:
    async with town.bot(OPENAI_API_KEY="sk") as vidi:
        settings = GuildSettings(
            model_id="openai/gpt-4o", also=("local/reader", "custom/other"), retention_hours=1
        )
        await vidi.core.settings.change(town.guild.id, town.mod.id, settings)
        here = (await panel(town, "privacy show")).content
        alone = (await panel(town, "privacy show", channel=town.ada.dm)).content
    host = town.models.base_url.split("/")[2]
    assert "- GPT-4o at OpenAI: OpenAI, at api.openai.com\n" in here
    assert "- Built-in reader: nobody, it runs on the machine of this bot\n" in here
    assert f"- other at Custom server: a server that the operator chose, at {host}\n" in here
    assert "encrypted. Here for 1 hour; Delete on an answer erases them at once." in here
    assert f"- vision at Custom server: a server that the operator chose, at {host}\n" in alone
    assert "for 24 hours" in alone
    assert "OpenAI" not in alone


@pytest.mark.parametrize("private", [True, False])
async def test_help_names_the_ways_that_work_in_the_place(town: Town, private: bool) -> None:
    elsewhere = town.pg.guild("Elsewhere", bot=False)
    elsewhere.join(town.ada)
    town.pg.installs(town.ada)
    async with town.bot() as vidi:
        settings = GuildSettings(ask_private=private)
        await vidi.core.settings.change(town.guild.id, town.mod.id, settings)
        here = (await panel(town, "help")).content
        alone = (await panel(town, "help", channel=town.ada.dm)).content
        abroad = (await panel(town, "help", channel=elsewhere.channel("chat"))).content
    seen = "only you see the answer" if private else "everybody sees the answer"
    assert f"- /ask with a picture or a link: {seen}." in here
    assert "- Reply to somebody's picture and mention me." in here
    assert "no mention is needed" in alone
    assert "I am no member here" in abroad
    for way in ("“Describe image”", "/models", "/privacy show", "/usage mine"):
        assert all(way in said for said in (here, alone, abroad))


async def test_status_tells_how_the_bot_is(town: Town) -> None:
    town.models.hang()
    async with town.bot():
        asked = await town.asks()
        waiting = await town.reply_saying(asked, "Looking at it")
        status = (await panel(town, "status")).content
        await town.ada.click(waiting, "Stop")
        await town.answer_to(asked)
    assert re.match(r"Vidi \d+\.\d+\.\d+, running since <t:\d+:R>\.\n", status)
    assert "Message content: on." in status
    assert "Questions go to vision at Custom server here.\n1 question is being answered." in status
    assert status.endswith("\nDatabase: in order.")
