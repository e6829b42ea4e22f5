"""/settings fallbacks, override, access, history, export and import, as moderators meet them."""

from playground import Message
from tests.e2e.conftest import Town


async def sets(town: Town, what: str, **options: object) -> Message:
    """Have the moderator use a subcommand of /settings; gives what only they see."""
    told = await town.told(await town.mod.slash(town.channel, f"settings {what}", **options))
    assert told.ephemeral_to is town.mod
    return told


async def test_models_stand_in_for_another_in_their_order(town: Town) -> None:
    async with town.bot():
        suggested = await town.mod.complete(town.channel, "settings fallbacks", "models", "")
        assert [choice.value for choice in suggested][:2] == ["none", "custom/vision"]
        changed = await sets(town, "fallbacks", models="custom/other, local/reader")
        assert changed.content.splitlines() == [
            "Changed.",
            "**When it fails:** other at Custom server, Built-in reader "
            "(it was: no other model is asked)",
        ]
        assert changed.buttons == ["Undo"]
        wrong = await sets(town, "fallbacks", models="custom/other, custom/nothing")
        assert wrong.content.startswith("There is no model “custom/nothing” here.")
        cleared = await sets(town, "fallbacks", models="none")
        assert "**When it fails:** no other model is asked (it was: other" in cleared.content


async def test_a_channel_and_a_role_have_models_of_their_own(town: Town) -> None:
    staff = town.guild.role("staff")
    async with town.bot():
        changed = await sets(
            town, "override", model="custom/other", channel=town.channel, role=staff
        )
        where = f"<#{town.channel.id}>", f"<@&{staff.id}>"
        assert changed.content.splitlines() == [
            "Changed.",
            "A role's model beats a channel's, which beats the server's; of several roles the "
            "first in this list counts.",
            f"**Other models:** other at Custom server for {where[0]}, other at Custom server "
            f"for {where[1]} (it was: for no channel or role)",
        ]
        nowhere = await sets(town, "override", model="custom/other")
        assert nowhere.content == (
            "Name a channel or a role too; /settings model is for everybody."
        )
        one = await sets(town, "override", model="none", channel=town.channel)
        assert f"for {where[1]} (it was: other" in one.content
        undone = await town.told(await town.mod.click(one, "Undo"))
        assert where[0] in undone.content
        gone = await sets(town, "override", model="none")
        assert "**Other models:** for no channel or role (it was:" in gone.content


async def test_rules_of_access_are_set_and_taken_away(town: Town) -> None:
    staff = town.guild.role("staff")
    async with town.bot():
        changed = await sets(
            town, "access", rule="allow", channel=town.channel, role=staff, member=town.ada
        )
        lines = changed.content.splitlines()
        assert lines[1].startswith("A denied channel is closed; once any is allowed,")
        assert lines[2:] == [
            f"**Channels allowed:** <#{town.channel.id}> (it was: all that aren't denied)",
            f"**Roles and members allowed:** <@&{staff.id}>, <@{town.ada.id}> "
            "(it was: all who aren't denied)",
        ]
        moved = await sets(town, "access", rule="deny", member=town.ada)
        assert f"**Roles and members denied:** <@{town.ada.id}> (it was: none)" in moved.content
        assert f"**Roles and members allowed:** <@&{staff.id}> (it was:" in moved.content
        unnamed = await sets(town, "access", rule="deny")
        assert unnamed.content == "Name a channel, a role or a member that the rule is for."
        cleared = await sets(town, "access", rule="no rule")
        assert len(cleared.content.splitlines()) == 5
        assert not town.pg.pings


async def test_the_history_tells_who_changed_what_and_turns_pages(town: Town) -> None:
    async with town.bot():
        empty = await sets(town, "history")
        assert (empty.content, empty.buttons) == ("Nothing has been changed here yet.", [])
        for hours in range(1, 13):
            await sets(town, "privacy", keep_hours=hours)
        page = await sets(town, "history")
        assert page.content.count(f"by <@{town.mod.id}>") == 10
        newest = page.content.splitlines()[1]
        assert newest == "- **Text kept for follow-ups:** for 12 hours (it was: for 11 hours)"
        assert page.buttons == ["Older"]
    async with town.bot():
        await town.mod.click(page, "Older")
        assert page.content.count("by <@") == 2
        assert page.content.endswith("for 1 hour (it was: for 24 hours)")
        assert page.buttons == ["Newest"]
        await town.mod.click(page, "Newest")
        assert page.content.splitlines()[1] == newest
