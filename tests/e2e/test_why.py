"""/why and the Why? button, as members and moderators meet them; /settings check beside them."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from playground import Message, Person
from tests.e2e.conftest import Town
from tests.e2e.test_limits import priced

UNKNOWN = "I know of no question of yours there. Only moderators can ask about others'."
HEARD = [
    "- Blocks, passed: Neither the asker nor the place is blocked.",
    "- Pictures, passed: 1 of 1 can be looked at.",
    "- Access, passed: No rule closes this channel.",
    "- Access, passed: No rule keeps this member out.",
]
DEFAULT = "- Model, decided: vision (`custom/vision`) answers: the one this bot uses by default."


async def sets(town: Town, command: str, **options: object) -> Message:
    """Have the moderator use a command; gives what only they see."""
    return await town.told(await town.mod.slash(town.channel, command, **options))


async def prompts(town: Town, prompt: str) -> None:
    """Have the moderator write instructions."""
    opened = await town.mod.slash(town.channel, "settings prompt")
    await town.told(await town.mod.submit(opened, prompt=prompt))


async def why(town: Town, who: Person, message: str | None = None) -> list[str]:
    """Use /why; gives the lines of the answer, which nobody else sees."""
    options = {} if message is None else {"message": message}
    told = await town.told(await who.slash(town.channel, "why", **options))
    assert told.ephemeral_to is who
    return told.content.splitlines()


async def denied(town: Town) -> None:
    """Close the channel to questions."""
    await sets(town, "settings access", rule="deny", channel=town.channel)


async def test_a_member_reads_how_their_last_question_was_decided(town: Town) -> None:
    host = town.models.base_url.split("/")[2]
    async with town.bot():
        assert await why(town, town.ada) == [UNKNOWN]
        await prompts(town, "Answer like a pirate.")
        await sets(town, "settings model", also="custom/other")
        await town.ask(image=town.picture(), model="custom/other")
        headline, ending, *rest = await why(town, town.ada)
    assert headline.startswith("**Question 1**, asked <t:")
    assert ending.startswith("other at Custom server answered within ")
    assert rest == [
        *HEARD,
        "- Model, decided: other (`custom/other`) was asked for, and is offered here.",
        "- Instructions: The server's instructions go along (21 characters).",
        "- Model: If it can't answer, these are asked: vision.",
        "- Rate, passed: This member asked 0 of 30 questions in the last minute.",
        f"- Attempt: other at {host} was asked; pictures sent: 1, as 24 kB of data.",
    ]


async def test_a_link_or_an_id_of_answer_or_question_names_the_question(town: Town) -> None:
    async with town.bot():
        asked = await town.asks()
        answer = await town.answer_to(asked)
        await town.ask(image=town.picture())
        for named in (answer.url, f"<{answer.url}>", str(answer.id), asked.url, str(asked.id)):
            lines = await why(town, town.ada, named)
            assert lines[0].startswith("**Question 1**")
        (last, *_rest) = await why(town, town.ada)
        assert last.startswith("**Question 2**")
        for nothing in (
            str(town.channel.id),
            "https://discord.com/channels/1/2/100000000000000003",
        ):
            assert await why(town, town.ada, nothing) == [UNKNOWN]
        for typo in ("hello", "12", "1' OR '1'='1"):
            assert await why(town, town.ada, typo) == [
                "That is no message. Right-click it → Copy Message Link, and paste the link."
            ]


async def test_only_moderators_read_about_others_and_the_instructions(town: Town) -> None:
    async with town.bot():
        await prompts(town, "Answer like a *pirate*.\nAlways. " + "x" * 1900)
        answer = await town.ask(image=town.picture())
        assert await why(town, town.ben, answer.url) == [UNKNOWN]
        lines = await why(town, town.mod, answer.url)
        assert lines[0].startswith("**Question 1**")
        assert lines[-1].startswith(
            r"The server's instructions now: Answer like a \*pirate\*. Always. xxx"
        )
        assert lines[-1].endswith("x…")
        assert not [line for line in await why(town, town.ada) if "pirate" in line]


async def test_a_moderator_of_another_server_reads_nothing(town: Town) -> None:
    elsewhere = town.pg.guild("Elsewhere")
    elsewhere.join(town.mod)
    elsewhere.join(town.ben, permissions=("manage_guild",))
    async with town.bot():
        answer = await town.ask(image=town.picture())
        lobby = elsewhere.channel("lobby")
        for who in (town.mod, town.ben):
            told = await town.told(await who.slash(lobby, "why", message=answer.url))
            assert told.content == UNKNOWN


async def test_who_moderates_elsewhere_reads_no_instructions_of_this_server(town: Town) -> None:
    elsewhere = town.pg.guild("Elsewhere")
    elsewhere.join(town.ada, permissions=("manage_guild",))
    async with town.bot():
        await prompts(town, "Answer like a pirate.")
        answer = await town.ask(image=town.picture())
        used = await town.ada.slash(elsewhere.channel("lobby"), "why", message=answer.url)
        told = await town.told(used)
    assert told.content.startswith("**Question 1**")
    assert "pirate" not in told.content


async def test_both_attempts_of_a_fallback_are_told(town: Town) -> None:
    for _try in range(3):
        town.models.fail(500)
    host = town.models.base_url.split("/")[2]
    async with town.bot():
        await sets(town, "settings fallbacks", models="custom/other")
        await town.ask(image=town.picture())
        lines = await why(town, town.ada)
    assert lines[1].startswith("other at Custom server answered within ")
    attempts = [line for line in lines if line.startswith("- Attempt: ")]
    failed = [
        f"- Attempt: vision at {host} was asked; pictures sent: 1, as links.",
        "- Attempt: vision gave no answer: The model's provider has a problem at the moment.",
    ]
    assert attempts == [
        *failed * (len(attempts) // 2),
        f"- Attempt: other at {host} was asked; pictures sent: 1, as 24 kB of data.",
    ]
    assert "- Model: If it can't answer, these are asked: other." in lines


async def test_a_private_refusal_has_a_button_that_explains_it(town: Town) -> None:
    async with town.bot():
        await denied(town)
        refused = await town.told(await town.ada.slash(town.channel, "ask", image=town.picture()))
        assert (refused.ephemeral_to, refused.buttons) == (town.ada, ["Why?"])
    async with town.bot():  # it outlives a restart
        told = await town.told(await town.ada.click(refused, "Why?"))
    assert told.ephemeral_to is town.ada
    assert told.content.splitlines()[1:] == [
        "It was refused before any model was asked.",
        *HEARD[:2],
        f"- **Access, refused:** Moderators have closed <#{town.channel.id}> to questions. "
        "Ask in another channel.",
    ]


async def test_a_public_refusal_explains_itself_to_who_asked_and_to_moderators(town: Town) -> None:
    async with town.bot():
        await denied(town)
        refused = await town.reply_saying(await town.asks(), "Moderators have closed")
        assert (refused.ephemeral_to, refused.buttons) == (None, ["Why?"])
        for who, reads in ((town.ada, True), (town.mod, True), (town.ben, False)):
            told = await town.told(await who.click(refused, "Why?"))
            assert told.ephemeral_to is who
            assert told.content.startswith("**Question 1**" if reads else UNKNOWN)


async def test_an_answer_of_yesterday_is_explained_after_a_restart(town: Town) -> None:
    async with town.bot():
        answer = await town.ask(image=town.picture())
        before = await why(town, town.ada)
    async with town.bot():
        assert await why(town, town.ada) == before
        assert await why(town, town.mod, answer.url) == before


async def test_what_is_erased_after_a_month_says_so(town: Town) -> None:
    async with town.bot():
        await town.ask(image=town.picture())
    with closing(sqlite3.connect(town.folder / "vidi.db")) as db, db:
        db.execute("UPDATE questions SET trace = NULL")
    async with town.bot():
        assert (await why(town, town.ada))[2:] == [
            "Which rules were looked at is no longer kept: that is erased after 30 days."
        ]


async def test_direct_messages_have_their_limit_in_it(town: Town) -> None:
    async with town.bot(VIDI_DM_DAILY="1"):
        await town.ask(channel=town.ada.dm, image=town.picture())
        used = await town.ada.slash(town.ada.dm, "ask", image=town.picture())
        refused = await town.told(used)
        told = await town.told(await town.ada.click(refused, "Why?"))
    assert told.content.splitlines()[2:] == [
        *HEARD[:2],
        DEFAULT,
        f"- **Rate, refused:** {refused.content}",
    ]


async def test_a_step_down_is_told_below_the_answer_and_in_the_trace(
    town: Town, tmp_path: Path
) -> None:
    async with priced(town, tmp_path):
        await sets(town, "limits budget", day="1.5", cheaper="acme/cheap", share=1)
        town.models.reply("One.", usage={"prompt_tokens": 9, "completion_tokens": 50})
        await town.ask(image=town.picture())
        answer = await town.ask(image=town.picture())
        lines = await why(town, town.ada)
    stepped = "The budget is nearly used up, so Cheap answers instead."
    assert f"-# {stepped}" in answer.content.splitlines()
    assert lines[1].startswith("Cheap at Acme answered within ")
    assert lines[-3:-1] == [
        "- Budget, passed: The server spent $0.05 of $1.50 today (UTC).",
        f"- Budget, decided: {stepped}",
    ]


@pytest.mark.parametrize("way", ["/ask", "a mention"])
async def test_a_check_tells_what_a_member_would_meet(town: Town, way: str) -> None:
    staff = town.guild.role("staff")
    town.guild.join(lia := town.pg.user("lia"), roles=[staff])
    thread = town.channel.thread("orders")
    async with town.bot():
        await sets(town, "settings override", model="custom/other", role=staff)
        for who, model in (
            (town.ada, DEFAULT),
            (lia, f"- Model, decided: other (`custom/other`) answers for <@&{staff.id}>."),
        ):
            shown = await sets(town, "settings check", member=who, channel=thread, way=way)
            assert shown.ephemeral_to is town.mod
            headline, *rest = shown.content.splitlines()
            assert headline == (
                f"**What would become of a question by <@{who.id}> in <#{thread.id}>, by {way}**"
            )
            assert rest[:5] == [*HEARD, model]
            assert rest[-3:] == [
                "**It would be answered.**",
                "Everybody in the channel would see the answer.",
                "Nothing was asked, sent or charged.",
            ]
        await denied(town)  # a thread is closed with its channel
        shown = await sets(town, "settings check", member=lia, channel=thread, way=way)
        assert shown.content.splitlines()[-2:] == [
            "**It would not be answered.** They would read: Moderators have closed "
            f"<#{town.channel.id}> to questions. Ask in another channel.",
            "Nothing was asked, sent or charged.",
        ]
    assert town.models.requests == []
    assert town.ledger() == []
