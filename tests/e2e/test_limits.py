"""/limits and budget notices, from what a moderator types to the refused question."""

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update

from bot.app import Vidi
from bot.db.tables import questions
from cogs._writing import writable
from playground import Channel, Fault, Message
from playground.guilds import Role
from tests.e2e.conftest import Town

USD = 1_000_000_000


async def sets(town: Town, what: str, **options: object) -> Message:
    """Have the moderator use a subcommand of /limits; gives what only they see."""
    told = await town.told(await town.mod.slash(town.channel, f"limits {what}", **options))
    assert told.ephemeral_to is town.mod
    return told


def priced(town: Town, tmp_path: Path) -> AbstractAsyncContextManager[Vidi]:
    """Run the bot with a dear and a cheap model: a question costs at most $1 or $0.001."""
    folder = tmp_path / "acme"
    folder.mkdir(exist_ok=True)
    (folder / "acme.toml").write_text(
        f"""
        [provider]
        id = "acme"
        label = "Acme"
        company = "Acme Inc."
        needs_key = false
        base_url = "{town.models.base_url}"

        [defaults]
        checked = 2026-01-01
        source = "written for a test"
        max_output_tokens = 1000

        [[models]]
        name = "dear"
        label = "Dear"
        price = {{ input = 1, output = 1000, checked = 2026-01-01, source = "a test" }}

        [[models]]
        name = "cheap"
        label = "Cheap"
        price = {{ input = 0.001, output = 1, checked = 2026-01-01, source = "a test" }}
        """,
        "utf-8",
    )
    return town.bot(VIDI_CATALOG_DIR=str(folder), VIDI_DEFAULT_MODEL="acme/dear")


async def spend(vidi: Vidi, nano_usd: int) -> None:
    """Write down that the first question cost so much."""
    dearer = update(questions).where(questions.c.id == 1).values(cost_nano_usd=nano_usd)
    await vidi.core.db.transact(lambda session: session.execute(dearer))


async def refused(town: Town) -> Message:
    """Have ada ask what is refused; gives the sentence."""
    return await town.told(await town.ada.slash(town.channel, "ask", image=town.picture()))


def notices(town: Town, where: Channel) -> list[Message]:
    return [m for m in where.messages if m.author is town.pg.bot and "budget" in m.content]


async def denied(town: Town, vidi: Vidi, channel: Channel) -> None:
    """Take away the bot's permission to write, and wait until it has heard of it."""
    channel.deny(town.pg.bot, "send_messages")
    guild = vidi.bot.get_guild(town.guild.id)
    assert guild is not None
    await town.pg.until(lambda: writable(guild, channel.id) is None)


async def test_a_member_is_stopped_by_the_rate_and_a_role_and_an_exemption_help(
    town: Town,
) -> None:
    regulars = town.guild.role("regulars")
    town.guild.join(ben := town.pg.user("carl"), roles=[regulars])
    async with town.bot():
        await sets(town, "rate", day="1")
        await town.ask(image=town.picture())
        refused = await town.told(await town.ada.slash(town.channel, "ask", image=town.picture()))
        assert "1 of 1 questions a day" in refused.content
        alone = await sets(town, "rate", role=regulars)
        assert alone.content.startswith("Nothing changed.")
        changed = await sets(town, "rate", role=regulars, day="2")
        assert (
            "**Questions by role:** 30 a minute and 2 a day for "
            f"<@&{regulars.id}> (it was: as for everybody)" in changed.content
        )
        await town.ask(ben, image=town.picture())
        await town.ask(ben, image=town.picture())
        again = await town.told(await ben.slash(town.channel, "ask", image=town.picture()))
        assert "2 of 2 questions a day" in again.content
        exempt = await sets(town, "rate", exempt=town.ada)
        assert f"**Not limited:** <@{town.ada.id}> (it was: nobody)" in exempt.content
        await town.ask(image=town.picture())
        limited = await sets(town, "rate", unexempt=town.ada)
        assert f"**Not limited:** nobody (it was: <@{town.ada.id}>)" in limited.content
        back = await sets(town, "rate", role=regulars, day="default")
        assert "**Questions by role:** as for everybody" in back.content


async def test_roles_are_exempt_like_members_but_not_everybody(town: Town) -> None:
    regulars, everyone = town.guild.role("regulars"), Role(town.guild.id, "@everyone", 0, 0)
    async with town.bot() as vidi:
        await sets(town, "rate", exempt=regulars)
        rate = vidi.core.settings.of(town.guild.id).rate
        assert (rate.exempt_roles, rate.exempt_members) == ((regulars.id,), ())
        assert "**Not limited:** nobody" in (await sets(town, "rate", unexempt=regulars)).content
        refused = await sets(town, "rate", exempt=everyone)
        assert refused.content == (
            "To lift the limits of everybody, write none for minute and day instead."
        )
        await sets(town, "rate", role=everyone, minute="7")
        rate = vidi.core.settings.of(town.guild.id).rate
        assert (rate.minute, rate.roles) == (7, ())


async def test_only_a_channel_that_the_bot_can_write_in_is_told(town: Town) -> None:
    vault = town.guild.channel("vault", deny=("send_messages",))
    cellar = town.guild.channel("cellar", deny=("view_channel",))
    office = town.guild.channel("office")
    async with town.bot() as vidi:
        for closed in (vault, cellar):
            refused = await sets(town, "budget", channel=closed, day="5")
            assert refused.content == (
                f"I can't write in {closed.mention}. Allow me View Channel and Send Messages "
                "there, or choose another."
            )
        assert vidi.core.settings.of(town.guild.id).budget.day is None
        changed = await sets(town, "budget", channel=office, day="5")
        assert f"**Told about it:** {office.mention} (it was: no channel)" in changed.content
        await denied(town, vidi, office)
        assert f"I can't write in {office.mention}." in (await sets(town, "show")).content


async def test_at_its_share_the_cheaper_model_answers_and_the_channel_is_told_once(
    town: Town, tmp_path: Path
) -> None:
    office = town.guild.channel("office")
    async with priced(town, tmp_path) as vidi:
        await sets(town, "budget", day="10", cheaper="acme/cheap", share=50, channel=office)
        await town.ask(image=town.picture())
        assert not notices(town, office)
        await spend(vidi, 6 * USD)
        await town.ask(image=town.picture())
        await town.pg.until(lambda: bool(notices(town, office)))
        await town.ask(image=town.picture())
        await spend(vidi, 10 * USD)
        refused = await town.told(await town.ada.slash(town.channel, "ask", image=town.picture()))
        await town.pg.until(lambda: len(notices(town, office)) == 2)
        shown = await sets(town, "show")
    async with priced(town, tmp_path):  # a restart forgets nothing
        await town.told(await town.ada.slash(town.channel, "ask", image=town.picture()))
        await asyncio.sleep(0.2)
    assert [chat.body["model"] for chat in town.models.chats] == ["dear", "cheap", "cheap"]
    assert "This server's budget of $10" in refused.content
    share, full = notices(town, office)
    assert share.content.splitlines()[0] == "**60 % of today's budget is used: $6.00 of $10.**"
    assert share.content.splitlines()[1].startswith(
        "From now on Cheap at Acme answers; the budget starts anew <t:"
    )
    assert full.content.splitlines()[0].startswith(
        "**Today's budget no longer covers a question: $10.0"
    )
    assert "Questions that cost money are refused until it starts anew <t:" in full.content
    assert share.content.splitlines()[2].startswith("Budget of today: $6.00 of $10 (60 %).")
    assert "of $10 spent today" in shown.content
    assert "It is used up and starts again" in shown.content


async def test_questions_at_the_same_moment_make_one_notice(town: Town, tmp_path: Path) -> None:
    office = town.guild.channel("office")
    async with priced(town, tmp_path):
        await sets(town, "budget", month="0", channel=office)
        asked = [
            await town.ada.slash(town.channel, "ask", image=town.picture()) for _one in range(4)
        ]
        for each in asked:
            assert "This server's budget" in (await town.told(each)).content
        await town.pg.until(lambda: bool(notices(town, office)))
        await asyncio.sleep(0.3)
    (notice,) = notices(town, office)
    assert notice.content.startswith(
        "**This month's budget no longer covers a question: $0 of $0 is used.**"
    )
    assert not town.models.chats


async def test_a_notice_that_could_not_be_posted_comes_with_the_next_question(
    town: Town, tmp_path: Path
) -> None:
    office = town.guild.channel("office")
    forbidden = {"code": 50013, "message": "Missing Permissions"}
    async with priced(town, tmp_path) as vidi:
        await sets(town, "budget", day="0", channel=office)
        await denied(town, vidi, office)
        await refused(town)
        office.overwrites.clear()
        town.pg.world.tell_guild("CHANNEL_UPDATE", town.guild, office.json())
        fault = Fault("POST /channels/{}/messages", status=403, json=forbidden)
        town.pg.fault(fault)
        await refused(town)
        await town.pg.until(lambda: any(r.status == 403 for r in town.pg.requests))
        assert not notices(town, office)
        await refused(town)
        await town.pg.until(lambda: len(notices(town, office)) == 1)


async def test_another_servers_channel_is_never_told(town: Town, tmp_path: Path) -> None:
    elsewhere = town.pg.guild("Elsewhere").channel("lobby")
    async with priced(town, tmp_path) as vidi:
        await sets(town, "budget", day="0")
        current = vidi.core.settings.of(town.guild.id)
        foreign = replace(current, budget=replace(current.budget, channel_id=elsewhere.id))
        await vidi.core.settings.change(town.guild.id, town.mod.id, foreign)
        await town.told(await town.ada.slash(town.channel, "ask", image=town.picture()))
        shown = await sets(town, "show")
        await asyncio.sleep(0.2)
    assert not elsewhere.messages
    assert f"I can't write in {elsewhere.mention}." in shown.content


async def test_members_do_not_see_the_command(town: Town) -> None:
    async with town.bot():
        for what in ("rate", "budget", "show"):
            with pytest.raises(AssertionError, match="ada can't see /limits"):
                await town.ada.slash(town.channel, f"limits {what}")
