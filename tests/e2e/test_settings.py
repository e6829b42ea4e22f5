"""/settings fallbacks, override, access, history, export and import, as moderators meet them."""

import json
from collections.abc import Mapping
from typing import Any

from playground import File, Message
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
            "**Fallbacks:** other at Custom server, Built-in reader "
            "(it was: no other model is asked)",
        ]
        assert changed.buttons == ["Undo"]
        wrong = await sets(town, "fallbacks", models="custom/other, custom/nothing")
        assert wrong.content.startswith("There is no model “custom/nothing” here.")
        cleared = await sets(town, "fallbacks", models="none")
        assert "**Fallbacks:** no other model is asked (it was: other" in cleared.content


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
            f"**Other models per channel or role:** other at Custom server for {where[0]}, other "
            f"at Custom server for {where[1]} (it was: none)",
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
        assert "**Other models per channel or role:** none (it was:" in gone.content


async def test_rules_of_access_are_set_and_taken_away(town: Town) -> None:
    staff = town.guild.role("staff")
    async with town.bot():
        changed = await sets(
            town, "access", rule="allow", channel=town.channel, role=staff, member=town.ada
        )
        lines = changed.content.splitlines()
        assert lines[1].startswith("Once a channel is allowed, all others are closed;")
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


def exported(message: Message) -> dict[str, Any]:
    """Read the file that a message brings."""
    return json.loads(message.attachments[0].data)


def as_file(content: object) -> File:
    """Give settings as a file to upload."""
    return File("vidi-settings.json", json.dumps(content).encode())


async def test_settings_travel_as_a_file(town: Town) -> None:
    async with town.bot():
        await sets(town, "access", rule="deny", channel=town.channel)
        await sets(town, "privacy", keep_hours=5)
        file = await sets(town, "export")
        content = exported(file)
        assert content["settings"]["access"]["denied_channels"] == [str(town.channel.id)]
        reset = await sets(town, "reset")
        assert "**Channels denied:** none (it was: <#" in reset.content
        back = await sets(town, "import", file=as_file(content))
        assert back.content.splitlines() == [
            "Changed.",
            "**Text kept for follow-ups:** for 5 hours (it was: for 24 hours)",
            f"**Channels denied:** <#{town.channel.id}> (it was: none)",
        ]
        undone = await town.told(await town.mod.click(back, "Undo"))
        assert undone.content.startswith("Undone.\n**Text kept for follow-ups:** for 24 hours")
        assert exported(await sets(town, "export")) == exported(file) | {
            "settings": content["settings"]
            | {
                "retention_hours": 24,
                "access": content["settings"]["access"] | {"denied_channels": []},
            }
        }


async def test_every_mistake_in_a_file_is_named_and_nothing_is_changed(town: Town) -> None:
    wrong = {
        "prompt": 5,
        "rate": {"minute": 0},
        "overrides": [{"scope": "planet", "model_id": "custom/other"}],
        "colour": "red",
    }
    async with town.bot():
        told = await sets(town, "import", file=as_file({"version": 1, "settings": wrong}))
        assert told.content.splitlines() == [
            "Nothing was changed: there are 5 mistakes in the file.",
            "- `colour`: there is no such setting",
            "- `prompt`: expected text of 0 to 2000 characters, or null",
            "- `rate.minute`: expected a whole number from 1 to 1000000, or null",
            "- `overrides[0].id`: it is missing",
            "- `overrides[0].scope`: expected one of role, channel",
        ]
        no_json = await sets(town, "import", file=File("a.json", b"{"))
        assert no_json.content.splitlines()[1:] == ["- This is no JSON file."]
        large = await sets(town, "import", file=File("a.json", b" " * 65_537))
        assert large.content == "This file is too large for settings: they take 64 KiB at most."
        assert (await sets(town, "history")).content == "Nothing has been changed here yet."


async def test_a_file_from_another_server_says_what_does_not_fit(town: Town) -> None:
    settings = {
        "model_id": "custom/other",
        "also": ["openai/gpt-4o"],
        "overrides": [{"scope": "role", "id": "123456789012345678", "model_id": "custom/other"}],
        "access": {"allowed_roles": ["123456789012345678"]},
    }
    async with town.bot():
        told = await sets(town, "import", file=as_file({"version": 1, "settings": settings}))
        assert told.content.splitlines()[:4] == [
            "Changed.",
            "Left out, for they are no roles or channels of this server: 123456789012345678",
            "Rules of access for these stay though this server doesn't have them, so that "
            "nothing opens by accident: 123456789012345678",
            "Kept, though they can't be asked here now: openai/gpt-4o",
        ]
        assert "**Model:** other at Custom server (it was: the one" in told.content
        endpoint = {"endpoint": {"base_url": "https://models.example.org/v1", "models": ["a"]}}
        refused = await sets(town, "import", file=as_file({"version": 1, "settings": endpoint}))
        assert refused.content.startswith("The file names another endpoint than this server has")


def size(command: Mapping[str, Any]) -> int:
    """Count a command as Discord does: names, descriptions and values of all that is in it."""
    own = len(command.get("name", "")) + len(command.get("description", ""))
    inner = [*(command.get("options") or ()), *(command.get("choices") or ())]
    return own + len(str(command.get("value", ""))) + sum(map(size, inner))


async def test_every_group_of_commands_leaves_room_for_longer_languages(town: Town) -> None:
    async with town.bot() as vidi:
        tree = vidi.bot.tree
        sizes = {each.name: size(each.to_dict(tree)) for each in tree.get_commands()}
    assert sizes["settings"] > 1000
    assert not {name: count for name, count in sizes.items() if count >= 6500}


async def test_a_hostile_file_pings_nobody_and_fits_a_message(town: Town) -> None:
    keys = {f"@everyone `<@{town.ada.id}>`\n# {number} " + "x" * 200: 1 for number in range(90)}
    async with town.bot():
        told = await sets(town, "import", file=as_file({"version": 1, "settings": keys}))
    assert told.content.startswith("Nothing was changed: there are 90 mistakes in the file.")
    assert len(told.content) <= 2000
    assert "more" in told.content.splitlines()[-1]
    assert not [line for line in told.content.splitlines() if line.startswith("#")]
    assert all(line.count("`") == 2 for line in told.content.splitlines()[1:-1])
    assert not town.pg.pings
