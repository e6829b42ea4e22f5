"""/settings panel: a moderator goes through every part, changes something, takes it back."""

from dataclasses import replace
from typing import Any

import pytest

from bot.choices import Access, GuildSettings, Override, RoleRate
from playground import Interaction, Message
from playground.guilds import Role
from tests.discord_limits import broken
from tests.e2e.conftest import Town
from tests.full_settings import full_settings

CHOOSE = "Choose what to change"


async def opens(town: Town) -> Message:
    """Have the moderator open the panel."""
    panel = await town.told(await town.mod.slash(town.channel, "settings panel"))
    assert panel.ephemeral_to is town.mod
    return panel


async def goes(town: Town, panel: Message, part: str) -> None:
    """Choose a part on the overview, to which the panel goes back first."""
    if "Overview" in panel.buttons:
        await town.mod.click(panel, "Overview")
    await town.mod.select(panel, CHOOSE, [part])
    assert f"### Settings: {part}" in panel.content


async def fills(town: Town, opened: Interaction, **typed: str) -> Interaction:
    """Fill in the form that a press opened."""
    assert opened.modal is not None
    return await town.mod.submit(opened, **typed)


async def lists(town: Town, panel: Message, button: str, menu: str, chosen: list[Any]) -> None:
    """Open one of the lists of access and choose in it."""
    await town.mod.click(panel, button)
    assert f"**{menu}**" in panel.content
    await town.mod.select(panel, menu, chosen)


def in_limits(town: Town) -> None:
    """No message or form that the bot sent breaks a limit."""
    for request in town.pg.requests:
        if isinstance(request.payload, dict) and isinstance(request.payload.get("data"), dict):
            assert not broken(request.payload["data"]), request.payload


async def test_everything_is_seen_at_a_glance_and_the_problem_comes_first(town: Town) -> None:
    async with town.bot() as vidi:
        panel = await opens(town)
        assert panel.content.splitlines() == [
            "Questions go to vision at Custom server now.",
            "Nobody has proven yet that it sees pictures: watch its first answers.",
            "**Model:** the one this bot uses by default",
            "**Fallbacks:** no other model is asked",
            "**Other models per channel or role:** none",
            "**Keys and endpoint:** Own endpoint: none",
            "**Access:** Channels allowed: all that aren't denied",
            "**Answers:** Answers to /ask: seen by everybody",
            "**Instructions:** none",
            "**Guard:** none looks at questions first",
            "**Privacy:** Text kept for follow-ups: for 24 hours",
            "**Limits:** Questions by each member: 30 a minute",
            "**Budget:** Budget of this server: unlimited",
        ]
        keyless = GuildSettings(model_id="openai/gpt-4o")
        await vidi.core.settings.change(town.guild.id, town.mod.id, keyless)
        await goes(town, panel, "Answers")
        await town.mod.click(panel, "Overview")
        assert panel.content.startswith("GPT-4o needs OPENAI_API_KEY")


async def test_a_change_is_told_with_what_was_and_taken_back_where_it_was_made(town: Town) -> None:
    async with town.bot() as vidi:
        panel = await opens(town)
        await goes(town, panel, "Model")
        used = await town.mod.select(panel, "The model that answers here", ["custom/other"])
        assert used.kind == "update"
        assert panel.content.startswith(
            "Changed.\n**Model:** other at Custom server (it was: the one this bot uses by default)"
        )
        assert vidi.core.settings.of(town.guild.id).model_id == "custom/other"
        await town.ask(image=town.picture())
        assert town.models.chats[0].body["model"] == "other"
        await town.mod.click(panel, "Undo")
        assert panel.content.startswith("Undone.\n**Model:** the one this bot uses by default")
        assert vidi.core.settings.of(town.guild.id) == GuildSettings()
        history = await town.told(await town.mod.slash(town.channel, "settings history"))
        assert history.content.count("other at Custom server") >= 2
        in_limits(town)


async def test_an_old_panel_works_after_a_restart_and_undoes_only_what_still_stands(
    town: Town,
) -> None:
    async with town.bot():
        panel = await opens(town)
        await goes(town, panel, "Answers")
        await town.mod.click(panel, "Answer /ask in private")
    async with town.bot() as vidi:
        settings = vidi.core.settings
        changed = replace(settings.of(town.guild.id), strip_metadata=True)
        await settings.change(town.guild.id, town.ben.id, changed)
        await town.mod.click(panel, "Undo")
        assert panel.content.startswith("That is undone already")
        await town.mod.click(panel, "Answer menus in public")
        assert settings.of(town.guild.id) == replace(
            GuildSettings(), ask_private=True, menus_private=False, strip_metadata=True
        )


Press = tuple[str, list[Any]] | str
SIMPLE: list[tuple[str, Press, dict[str, str], dict[str, Any]]] = [
    ("Fallbacks", ("Add a model at the end", ["custom/other"]), {},
     {"fallbacks": ("custom/other",)}),
    ("Fallbacks", "Type another model…", {"model": "custom/other"},
     {"fallbacks": ("custom/other",)}),
    ("Model", ("Models that members may choose besides", ["custom/other"]), {},
     {"also": ("custom/other",)}),
    ("Model", "Type another model…",
     {"model": "local/reader", "also": "custom/other, custom/vision"},
     {"model_id": "local/reader", "also": ("custom/other", "custom/vision")}),
    ("Answers", ("Length of the answers", ["short"]), {}, {"length": "short"}),
    ("Answers", ("Looks of the answers", ["card"]), {}, {"style": "card"}),
    ("Answers", ("Language of the answers", ["de"]), {}, {"language": "de"}),
    ("Answers", "Type language or temperature…", {"language": "Ukrainian", "temperature": "0.3"},
     {"language": "uk", "temperature": 0.3}),
    ("Instructions", "Write instructions…", {"prompt": "Be kind."}, {"prompt": "Be kind."}),
    ("Privacy", ("How long text is kept for follow-ups", ["0"]), {}, {"retention_hours": 0}),
    ("Privacy", "Type hours…", {"hours": "5"}, {"retention_hours": 5}),
    ("Privacy", "Strip metadata", {}, {"strip_metadata": True}),
    ("Privacy", "Name the company in receipts only", {}, {"tell_company": False}),
]  # fmt: skip


@pytest.mark.parametrize(("part", "press", "typed", "changes"), SIMPLE)
async def test_every_control_changes_what_it_says(
    town: Town, part: str, press: Press, typed: dict[str, str], changes: dict[str, Any]
) -> None:
    async with town.bot() as vidi:
        panel = await opens(town)
        await goes(town, panel, part)
        if isinstance(press, str):
            used = await town.mod.click(panel, press)
        else:
            used = await town.mod.select(panel, *press)
        if typed:
            used = await fills(town, used, **typed)
        assert used.kind == "update"
        assert panel.content.startswith("Changed.")
        assert vidi.core.settings.of(town.guild.id) == replace(GuildSettings(), **changes)
        await town.mod.click(panel, "Undo")
        assert panel.content.startswith("Undone.")
        assert vidi.core.settings.of(town.guild.id) == GuildSettings()
        in_limits(town)


async def test_channels_roles_and_members_are_chosen_as_themselves(town: Town) -> None:
    staff, vault = town.guild.role("staff"), town.guild.channel("vault")
    async with town.bot() as vidi:
        panel = await opens(town)
        await goes(town, panel, "Access")
        await lists(town, panel, "Deny channels…", "Deny in these channels", [vault])
        await lists(
            town,
            panel,
            "Allow roles and members…",
            "Allow only these roles and members",
            [staff, town.ben],
        )
        access = vidi.core.settings.of(town.guild.id).access
        assert access == Access(
            denied_channels=(vault.id,), allowed_roles=(staff.id,), allowed_members=(town.ben.id,)
        )
        await lists(
            town, panel, "Allow channels…", "Allow only in these channels", [vault, town.channel]
        )
        access = vidi.core.settings.of(town.guild.id).access
        assert access.denied_channels == ()
        assert access.allowed_channels == (vault.id, town.channel.id)
        await lists(
            town, panel, "Allow roles and members…", "Allow only these roles and members", []
        )
        access = vidi.core.settings.of(town.guild.id).access
        assert (access.allowed_roles, access.allowed_members) == ((), ())
        await town.mod.click(panel, "Allow channels…")
        await town.mod.click(panel, "Back to Access")
        assert "Deny channels…" in panel.buttons
        in_limits(town)


async def test_what_a_select_does_not_show_stays_as_it_is(town: Town) -> None:
    many = tuple(10**18 + each for each in range(30))
    async with town.bot() as vidi:
        book, guild_id = vidi.core.settings, town.guild.id
        access = Access(denied_members=many, denied_channels=(1,))
        await book.change(guild_id, town.mod.id, GuildSettings(access=access))
        panel = await opens(town)
        await goes(town, panel, "Access")
        await lists(town, panel, "Deny channels…", "Deny in these channels", [town.channel])
        await lists(
            town, panel, "Deny roles and members…", "Deny these roles and members", [town.ada]
        )
        access = book.of(guild_id).access
        assert access.denied_channels == (1, town.channel.id)
        assert access.denied_members == (*many[25:], town.ada.id)


async def test_a_channel_or_role_gets_its_model_in_two_steps(town: Town) -> None:
    staff = town.guild.role("staff")
    async with town.bot() as vidi:
        panel = await opens(town)
        await goes(town, panel, "Other models per channel or role")
        await town.mod.select(panel, "Choose a model for a channel", [town.channel])
        assert panel.content.endswith(f"\nWhich model answers for <#{town.channel.id}>?")
        await town.mod.select(panel, "The model that answers there", ["custom/other"])
        await town.mod.select(panel, "Choose a model for a role", [staff])
        typed = await town.mod.click(panel, "Type another model…")
        await fills(town, typed, model="local/reader")
        channel = Override("channel", town.channel.id, "custom/other")
        role = Override("role", staff.id, "local/reader")
        assert vidi.core.settings.of(town.guild.id).overrides == (channel, role)
        await town.mod.select(panel, "Put this one first", ["@staff: Built-in reader"])
        assert vidi.core.settings.of(town.guild.id).overrides == (role, channel)
        await town.mod.select(panel, "Take other models away", ["@staff: Built-in reader"])
        assert vidi.core.settings.of(town.guild.id).overrides == (channel,)
        in_limits(town)


async def test_limits_and_budget_are_typed_and_a_slip_changes_nothing(town: Town) -> None:
    staff = town.guild.role("staff")
    async with town.bot() as vidi:
        panel = await opens(town)
        await goes(town, panel, "Limits")
        opened = await town.mod.click(panel, "Type numbers…")
        assert opened.modal is not None
        assert [field.value for field in opened.modal.inputs] == ["30", "", "", "", ""]
        await fills(town, opened, minute="5", day="50", pictures="2")
        slip = await fills(town, await town.mod.click(panel, "Type numbers…"), minute="lots")
        assert slip.kind == "update"
        assert panel.content.startswith("“lots” is no limit. Write a whole number")
        assert "\nYou typed: lots; 50; 2\n" in panel.content
        opened = await town.mod.select(panel, "Set other limits for a role", [staff])
        await fills(town, opened, minute="9", day="")
        await town.mod.select(panel, "Don't limit these roles and members", [town.mod])
        rate = vidi.core.settings.of(town.guild.id).rate
        assert (rate.minute, rate.day, rate.pictures) == (5, 50, 2)
        assert rate.roles == (RoleRate(staff.id, 9, None),)
        assert rate.exempt_members == (town.mod.id,)
        await goes(town, panel, "Budget")
        opened = await town.mod.click(panel, "Type amounts…")
        await fills(town, opened, month="10", member_day="$0.50", share="75 %")
        assert "Budget of this month: $0 of $10" in panel.content
        await town.mod.select(panel, "Tell this channel", [town.channel])
        await town.mod.select(panel, "The model when money runs short", ["custom/other"])
        assert "costs no less than what answers here" in panel.content
        await town.mod.select(panel, "The model when money runs short", ["local/reader"])
        budget = vidi.core.settings.of(town.guild.id).budget
        assert (budget.month, budget.member_day) == (10 * 10**9, 5 * 10**8)
        assert (budget.share, budget.channel_id) == (75, town.channel.id)
        assert budget.cheaper == "local/reader"
        in_limits(town)


async def test_a_channel_the_bot_may_not_write_in_is_not_chosen(town: Town) -> None:
    vault = town.guild.channel("vault", deny=("send_messages",))
    async with town.bot() as vidi:
        panel = await opens(town)
        await goes(town, panel, "Budget")
        await town.mod.select(panel, "Tell this channel", [vault])
        assert panel.content.startswith(f"I may not write in <#{vault.id}>.")
        assert vidi.core.settings.of(town.guild.id) == GuildSettings()


async def test_only_keys_and_endpoint_ask_for_manage_server_again(town: Town) -> None:
    async with town.bot() as vidi:
        panel = await opens(town)
        await goes(town, panel, "Keys and endpoint")
        town.guild.members[town.mod.id].roles.clear()
        refused = await town.told(await town.mod.click(panel, "Set the endpoint…"))
        assert refused.content == "Only moderators who may manage this server can do that."
        await goes(town, panel, "Privacy")
        await town.mod.click(panel, "Strip metadata")
        assert vidi.core.settings.of(town.guild.id).strip_metadata


async def test_keys_and_endpoint_open_the_forms_of_their_commands(town: Town) -> None:
    async with town.bot() as vidi:
        await vidi.core.keyring.put(
            town.guild.id, town.mod.id, "openai", "https://api.openai.com:443", "sk-0123456789-wxyz"
        )
        panel = await opens(town)
        assert "**Keys and endpoint:** Own endpoint: none; Own keys: OpenAI …wxyz" in panel.content
        await goes(town, panel, "Keys and endpoint")
        opened = await town.mod.click(panel, "Set the endpoint…")
        assert opened.modal is not None
        assert opened.modal.custom_id == "vidi:endpoint"
        opened = await town.mod.select(panel, "Enter a key for a provider", ["OpenAI"])
        assert opened.modal is not None
        assert opened.modal.title == "Key for OpenAI"
        await town.mod.select(panel, "Forget a key at once", ["OpenAI …wxyz"])
        assert panel.content.startswith("The key for OpenAI is forgotten (it was: …wxyz).")
        assert not vidi.core.keyring.of(town.guild.id)
        in_limits(town)


async def test_a_panel_full_to_the_brim_is_shown_and_every_part_of_it_opens(town: Town) -> None:
    channels = [town.guild.channel(f"room-{each}") for each in range(50)]
    async with town.bot() as vidi:
        full = full_settings(["custom/vision", "custom/other"], [each.id for each in channels])
        await vidi.core.settings.change(town.guild.id, town.mod.id, full)
        panel = await opens(town)
        (menu,) = (part for part in panel.components[0]["components"])
        for option in menu["options"]:
            await goes(town, panel, option["label"])
        await town.mod.select(panel, "Tell this channel", [channels[1]])
        assert panel.content.startswith("Changed.")
        in_limits(town)


async def test_the_role_that_everybody_has_gets_no_rule(town: Town) -> None:
    everyone = Role(town.guild.id, "@everyone", 0, 0)
    async with town.bot() as vidi:
        panel = await opens(town)
        for part, menu in (
            ("Other models per channel or role", "Choose a model for a role"),
            ("Limits", "Set other limits for a role"),
            ("Limits", "Don't limit these roles and members"),
        ):
            await goes(town, panel, part)
            await town.mod.select(panel, menu, [everyone])
            assert panel.content.startswith("Everybody has that role.")
        await goes(town, panel, "Access")
        await lists(
            town, panel, "Deny roles and members…", "Deny these roles and members", [everyone]
        )
        assert panel.content.startswith("Everybody has that role.")
        assert vidi.core.settings.of(town.guild.id) == GuildSettings()


async def test_a_model_is_tested_from_the_panel_which_stays(town: Town) -> None:
    async with town.bot():
        panel = await opens(town)
        await goes(town, panel, "Model")
        shown = panel.content
        tested = await town.mod.click(panel, "Test whether it sees")
        await town.pg.until(
            lambda: tested.response and "sees pictures: it read" in tested.response.content
        )
        assert panel.content == shown
        await goes(town, panel, "Model")
        await town.mod.select(panel, "The model that answers here", ["vision at Custom server"])
        offered = await town.mod.complete(town.channel, "settings model", "model", "custom/")
        assert [choice.name for choice in offered[:2]] == [
            "vision at Custom server",
            "other at Custom server · not proven to see",
        ]
