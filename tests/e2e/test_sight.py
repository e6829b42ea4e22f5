"""Proof of sight and guards through Discord: what moderators see, and what models get."""

from pathlib import Path

from cogs._changing.checking import TESTS
from playground import Interaction, Message, eyes
from playground.completions import Fail
from playground.model_server import ModelRequest
from tests.e2e.conftest import Town

PROOF = "What word is in the picture?"


async def settles(town: Town, used: Interaction, words: str) -> Message:
    """Wait until the answer to a command says this; only its moderator sees it."""
    await town.pg.until(lambda: used.response is not None and words in used.response.content)
    assert used.response is not None
    assert used.response.ephemeral_to is town.mod
    return used.response


async def chooses_other(town: Town, words: str) -> Message:
    used = await town.mod.slash(town.channel, "settings model", model="custom/other")
    return await settles(town, used, words)


def blind(request: ModelRequest) -> str:
    return "A sunset." if PROOF in request.text else "I invent a dog."


def asked(town: Town) -> list[str]:
    """Which models got a member's question."""
    return [chat.body["model"] for chat in town.models.chats if PROOF not in chat.text]


async def test_a_chosen_model_proves_by_link_that_it_sees(town: Town) -> None:
    async with town.bot():
        told = await chooses_other(town, "sees pictures: it read")
        (proof,) = town.models.proofs
        await town.ask(image=town.picture())
    assert told.content.startswith("Changed.")
    assert "Questions go to other at Custom server now." in told.content
    assert any("Checking that other at Custom server sees" in edit.content for edit in told.edits)
    assert (told.buttons, len(told.attachments)) == (["Undo"], 1)
    assert proof.images[0] == told.attachments[0].url
    assert town.models.chats[0].images[0].startswith("http")


async def test_a_blind_model_is_told_of_and_never_asked(town: Town) -> None:
    town.models.sees = False
    town.models.always(blind)
    async with town.bot():
        told = await chooses_other(town, "does not see pictures")
        used = await town.ada.slash(town.channel, "ask", image=town.picture())
        await town.pg.until(
            lambda: used.response is not None and "can't see pictures" in used.response.content
        )
        shown = await town.told(await town.mod.slash(town.channel, "settings show"))
    assert "as a link, as data" in told.content
    assert "other at Custom server does not see pictures" in shown.content
    assert asked(town) == []


async def test_a_test_that_finds_the_model_blind_says_so_once(town: Town) -> None:
    town.models.sees = False
    town.models.always(blind)
    async with town.bot():
        tested = await town.mod.slash(town.channel, "settings test")
        await town.pg.until(
            lambda: tested.response is not None and "does not see" in tested.response.content
        )
        after = await town.mod.slash(town.channel, "settings privacy", keep_hours=3)
        await town.told(after)
    assert not tested.followups
    assert not after.followups


async def test_moderators_are_told_once_of_a_model_found_blind_by_a_question(town: Town) -> None:
    town.models.sees = False
    town.models.always(blind)
    async with town.bot():
        await town.mod.slash(town.channel, "settings model", also="custom/other")
        answer = await town.ask(image=town.picture(), model="custom/other")
        first = await town.mod.slash(town.channel, "settings privacy", keep_hours=3)
        await town.pg.until(lambda: bool(first.followups))
        second = await town.mod.slash(town.channel, "settings privacy", keep_hours=4)
        await town.told(second)
    assert "so vision answered" in answer.content
    (notice,) = first.followups
    assert notice.content.startswith("other at Custom server does not see pictures")
    assert notice.ephemeral_to is town.mod
    assert not second.followups
    assert asked(town) == ["vision"]


async def test_a_model_nobody_can_judge_now_is_used_unproven_on_a_moderators_word(
    town: Town,
) -> None:
    town.models.sees = False
    down = Fail(400, {"error": {"message": "odd"}})
    town.models.always(lambda request: down if PROOF in request.text else "A cat.")
    async with town.bot():
        told = await chooses_other(town, "can't be told now")
        assert told.buttons == ["Undo", "Use it unproven"]
        used = await town.told(await town.mod.click(told, "Use it unproven"))
        answer = await town.ask(image=town.picture())
    assert "**Used although unproven:** other at Custom server (it was: no model)" in used.content
    assert "A cat." in answer.content
    assert asked(town) == ["other"]


async def test_a_model_is_tested_on_demand_and_the_test_is_in_the_usage(town: Town) -> None:
    async with town.bot():
        used = await town.mod.slash(town.channel, "settings test")
        told = await settles(town, used, "sees pictures: it read")
        usage = await town.told(await town.mod.slash(town.channel, "usage summary"))
    (picture,) = told.attachments
    word = eyes.read(picture.data)
    assert f"it read {word}, sent as a link, in " in told.content
    assert len(word) == 6
    assert "cost unknown" in told.content
    assert "Proofs of sight: 1, cost unknown." in usage.content


async def test_the_built_in_reader_needs_no_test(town: Town) -> None:
    async with town.bot():
        used = await town.mod.slash(town.channel, "settings test", model="local/reader")
        told = await town.told(used)
    assert told.content == "The built-in reader needs no test: it runs on the bot's machine."


def with_guard(town: Town, folder: Path) -> str:
    folder.mkdir()
    (folder / "acme.toml").write_text(
        f"""
        provider = {{ id = "acme", label = "Acme", company = "Acme Inc.", needs_key = false, \
base_url = "{town.models.base_url}" }}
        defaults = {{ checked = 2026-01-01, source = "written for a test" }}

        [[models]]
        name = "guard"
        label = "Acme Guard"
        guard = true
        """,
        "utf-8",
    )
    return str(folder)


async def test_a_guard_is_switched_on_and_stops_what_it_judges_unsafe(
    town: Town, tmp_path: Path
) -> None:
    verdicts = iter(["safe", "unsafe\nS1"])
    town.models.always(
        lambda request: next(verdicts) if request.body["model"] == "guard" else "A cat."
    )
    async with town.bot(VIDI_CATALOG_DIR=with_guard(town, tmp_path / "catalog")):
        choices = await town.mod.complete(town.channel, "settings screen", "model", "")
        assert [choice.name for choice in choices] == ["No guard", "Acme Guard at Acme"]
        used = await town.mod.slash(town.channel, "settings screen", model=choices[1].value)
        changed = await town.told(used)
        answer = await town.ask(image=town.picture())
        stopped = await town.ada.slash(town.channel, "ask", image=town.picture())
        refusal = await town.told(stopped)
    assert "**Guard:** Acme Guard at Acme; while it can't look, questions are" in changed.content
    assert "Screened by Acme Guard first." in answer.content
    assert "judged it unsafe: violent crimes. Nothing was asked." in refusal.content
    assert asked(town) == ["guard", "vision", "guard"]
    assert [row["state"] for row in town.ledger()] == ["answered", "refused:unsafe"]


async def test_where_no_guard_is_set_up_the_suggestions_say_so(town: Town) -> None:
    async with town.bot():
        choices = await town.mod.complete(town.channel, "settings screen", "model", "")
        used = await town.mod.slash(town.channel, "settings screen", model="custom/vision")
        told = await town.told(used)
    assert [choice.name for choice in choices] == [
        "No guard is set up here, so there is none to choose"
    ]
    assert "vision is no guard." in told.content


async def test_tests_that_cost_are_few_a_minute_and_a_change_is_told_all_the_same(
    town: Town,
) -> None:
    async with town.bot():
        for _test in range(TESTS):
            tested = await town.told(await town.mod.slash(town.channel, "settings test"))
            await town.pg.until(lambda said=tested: "it read" in said.content)
        proofs = len(town.models.proofs)
        refused = await town.told(await town.mod.slash(town.channel, "settings test"))
        assert refused.content.startswith("It isn't tested now: only 5 tests a minute")
        changed = await town.told(
            await town.mod.slash(town.channel, "settings model", model="custom/other")
        )
    assert changed.content.startswith("Changed.\n**Model:** other at Custom server")
    assert "It isn't tested now" in changed.content
    assert changed.buttons == ["Undo"]
    assert len(town.models.proofs) == proofs
