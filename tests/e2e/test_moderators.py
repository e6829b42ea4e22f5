"""/settings, from the form to the next request; Undo; who may."""

import pytest

from playground import Interaction, Message, Person
from tests.e2e.conftest import Town

REFUSED = "Only moderators who may manage this server can do that."
UNDONE = "That is undone already, or was changed again since. Nothing changed now."


async def sets(town: Town, what: str, **options: object) -> Message:
    """Have the moderator use a subcommand of /settings; gives what only they see."""
    told = await town.told(await town.mod.slash(town.channel, f"settings {what}", **options))
    assert told.ephemeral_to is town.mod
    return told


async def undo(town: Town, change: Message, who: Person | None = None) -> Message:
    """Press Undo; gives what the bot says then."""
    return await town.told(await (who or town.mod).click(change, "Undo"))


async def writes_prompt(town: Town, prompt: str) -> tuple[Interaction, Message]:
    """Have the moderator fill in the form of /settings prompt."""
    opened = await town.mod.slash(town.channel, "settings prompt")
    return opened, await town.told(await town.mod.submit(opened, prompt=prompt))


async def test_a_new_servers_settings_are_all_shown(town: Town) -> None:
    async with town.bot():
        shown = await sets(town, "show")
    assert shown.content.splitlines() == [
        "Questions go to vision at Custom server now.",
        "Nobody has proven yet that it sees pictures: watch its first answers.",
        "**Model:** the one this bot uses by default",
        "**Members may also choose:** no other model",
        "**Fallbacks:** no other model is asked",
        "**Other models per channel or role:** none",
        "**Used although unproven:** no model",
        "**Guard:** none looks at questions first",
        "**Own endpoint:** none",
        "**Instructions:** none",
        "**Answers to /ask:** seen by everybody",
        "**Answers to the right-click menus:** seen by the asker only",
        "**Language:** the one each member uses",
        "**Length:** normal",
        "**Style:** plain text",
        "**Temperature:** the model's own",
        "**Text kept for follow-ups:** for 24 hours",
        "**Pictures are sent:** as the model asks",
        "**The company is named:** under each answer",
        "**Channels allowed:** all that aren't denied",
        "**Channels denied:** none",
        "**Roles and members allowed:** all who aren't denied",
        "**Roles and members denied:** none",
        "**Questions by each member:** 30 a minute",
        "**Questions by role:** as for everybody",
        "**Questions by all together:** no limit",
        "**Pictures in a question:** as many as the model takes",
        "**Not limited:** nobody",
        "**Budget of this server:** unlimited",
        "**Budget of each member:** unlimited",
        "**When it runs short:** the model stays, and the channel is told at 80 %",
        "**Told about it:** no channel",
    ]


async def test_the_model_is_chosen_from_those_that_work_here(town: Town) -> None:
    async with town.bot():
        choices = await town.mod.complete(town.channel, "settings model", "model", "")
        assert [choice.name for choice in choices] == [
            "The one this bot uses by default",
            "vision at Custom server · not proven to see",
            "other at Custom server · not proven to see",
            "Built-in reader",
        ]
        changed = await sets(town, "model", model=choices[2].value)
        assert "**Model:** other at Custom server (it was: the one this bot" in changed.content
        assert "Questions go to other at Custom server now." in changed.content
        await town.ask(image=town.picture())
        (asked,) = town.models.chats
        assert asked.body["model"] == "other"
        unknown = await sets(town, "model", model="custom/nothing")
        assert "There is no model “custom/nothing” here." in unknown.content
        keyless = await sets(town, "model", model="openai/gpt-4o")
        assert "GPT-4o needs OPENAI_API_KEY" in keyless.content
        back = await sets(town, "model", model="default")
        assert "**Model:** the one this bot uses by default (it was: other" in back.content


async def test_members_choose_among_what_is_offered_and_nothing_else(town: Town) -> None:
    async with town.bot():
        assert [c.value for c in await town.ada.complete(town.channel, "ask", "model", "")] == [
            "custom/vision"
        ]
        changed = await sets(town, "model", also="custom/other")
        assert "**Members may also choose:** other at Custom server" in changed.content
        offered = await town.ada.complete(town.channel, "ask", "model", "")
        assert [c.value for c in offered] == ["custom/vision", "custom/other"]
        await town.ask(image=town.picture(), model="custom/other")
        assert town.models.chats[0].body["model"] == "other"
        asked = await town.ada.slash(
            town.channel, "ask", image=town.picture(), model="local/reader"
        )
        refusal = await town.told(asked)
        assert "“local/reader” isn't offered here." in refusal.content
        assert refusal.ephemeral_to is town.ada
        assert "no other model" in (await sets(town, "model", also="none")).content


async def test_instructions_go_with_every_question(town: Town) -> None:
    async with town.bot():
        opened, changed = await writes_prompt(town, "Answer like a pirate.")
        assert opened.modal is not None
        assert opened.modal.inputs[0].value == ""
        assert "**Instructions:** Answer like a pirate. (it was: none)" in changed.content
        await town.answer_to(await town.asks())
        assert "Answer like a pirate." in town.models.chats[0].text
        reopened, emptied = await writes_prompt(town, "")
        assert reopened.modal is not None
        assert reopened.modal.inputs[0].value == "Answer like a pirate."
        assert "**Instructions:** none (it was: Answer like a pirate.)" in emptied.content
        await town.answer_to(await town.asks())
        assert "pirate" not in town.models.chats[1].text


async def test_instructions_written_while_the_bot_restarted_are_not_lost(town: Town) -> None:
    async with town.bot():
        opened = await town.mod.slash(town.channel, "settings prompt")
    async with town.bot():
        changed = await town.told(await town.mod.submit(opened, prompt="Be brief."))
        assert "**Instructions:** Be brief. (it was: none)" in changed.content


async def test_the_reader_is_chosen_with_open_eyes(town: Town) -> None:
    async with town.bot():
        changed = await sets(town, "model", model="local/reader")
    assert changed.content.endswith(
        "Questions go to Built-in reader now.\n"
        "It only reads the text in pictures; it can't say what they show."
    )


async def test_the_longest_instructions_fit_into_every_message(town: Town) -> None:
    prompt = "Say “yes” **always**! " * 95
    async with town.bot():
        _opened, changed = await writes_prompt(town, prompt[:2000])
        shown = await sets(town, "show")
        assert len(changed.content) <= 2000
        assert "Questions go to" in shown.content
        await town.answer_to(await town.asks())
    assert prompt[:2000].strip() in town.models.chats[0].text


async def test_public_and_private_are_set_by_way_in(town: Town) -> None:
    posted = await town.ben.send(town.channel, files=[town.picture()])
    async with town.bot():
        changed = await sets(town, "answers", ask="private", menus="public")
        assert changed.content.splitlines()[1:] == [
            "**Answers to /ask:** seen by the asker only (it was: seen by everybody)",
            "**Answers to the right-click menus:** seen by everybody "
            "(it was: seen by the asker only)",
        ]
        hidden = await town.ask(image=town.picture())
        described = await town.shown((await town.ada.menu("Describe image", posted)).response)
        overridden = await town.ask(image=town.picture(), private=False)
    assert (hidden.ephemeral_to, described.ephemeral_to) == (town.ada, None)
    assert overridden.ephemeral_to is None


async def test_nothing_is_kept_where_moderators_want_nothing_kept(town: Town) -> None:
    async with town.bot():
        changed = await sets(town, "privacy", keep_hours=0)
        assert "not at all, so answers can't be followed up" in changed.content
        answer = await town.answer_to(await town.asks())
        reply = await town.ada.send(town.channel, "and this?", reply_to=answer)
        told = await town.reply_saying(reply, "I no longer have this question")
        shown = await town.told(await town.ada.slash(town.channel, "privacy show"))
    assert told.buttons == []
    assert "Here not at all, so answers can't be followed up." in shown.content
    assert len(town.models.chats) == 1


async def test_reset_acts_at_once_and_can_be_undone_once_also_after_a_restart(town: Town) -> None:
    async with town.bot():
        await sets(town, "answers", ask="private")
        await writes_prompt(town, "Be brief.")
        reset = await sets(town, "reset")
        assert "**Instructions:** none (it was: Be brief.)" in reset.content
        assert (await town.ask(image=town.picture())).ephemeral_to is None
    async with town.bot():
        undone = await undo(town, reset)
        assert undone.content.startswith("Undone.\n**Instructions:** Be brief. (it was: none)")
        assert (await undo(town, reset)).content == UNDONE
        assert (await town.ask(image=town.picture())).ephemeral_to is town.ada
        redone = await undo(town, undone)
        assert "**Instructions:** none (it was: Be brief.)" in redone.content
        nothing = await sets(town, "reset")
        assert nothing.content.startswith("Nothing changed.")
        assert nothing.buttons == []


async def test_members_neither_see_settings_nor_get_through_by_force(town: Town) -> None:
    async with town.bot():
        for what in ("show", "model", "prompt", "answers", "privacy", "reset"):
            with pytest.raises(AssertionError, match="ada can't see /settings"):
                await town.ada.slash(town.channel, f"settings {what}")
        with pytest.raises(AssertionError, match="can't see /settings"):
            await town.mod.slash(town.mod.dm, "settings show")
        changed = await sets(town, "answers", ask="private")
        changed.ephemeral_to = None  # as if it were seen by everybody
        changed.flags = 0
        told = await undo(town, changed, town.ada)
        assert (told.content, told.ephemeral_to) == (REFUSED, town.ada)
        assert (await town.ask(image=town.picture())).ephemeral_to is town.ada


async def test_two_moderators_do_not_undo_each_other_by_accident(town: Town) -> None:
    async with town.bot():
        first = await sets(town, "answers", ask="private")
        await sets(town, "answers", ask="public")
        assert (await undo(town, first)).content == UNDONE
        assert (await sets(town, "show")).content.count("seen by everybody") == 1
