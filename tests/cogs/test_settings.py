"""/settings as moderators meet it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import discord
import pytest

from bot.catalog.catalog import Catalog
from bot.choices import OVERRIDES_MAX, Access, GuildSettings, Override, OwnEndpoint
from bot.db.engine import Database
from bot.errors import Refused
from bot.guilds.catalogs import GuildCatalogs
from bot.guilds.connections import Connections
from bot.guilds.keyring import Keyring
from bot.service import VisionService
from bot.settings import SettingsBook
from bot.sight.proof import Sight
from cogs._changing.choosing import suggest_also
from cogs.settings import SettingsCog
from cogs.settings.access import with_rule
from cogs.settings.overrides import with_override
from tests.interactions import (
    GUILD_ID,
    HERE,
    MEMBER,
    MODERATOR,
    Client,
    Person,
    Reply,
    connected,
)

GPT = "openai/gpt-4o"
MINI = "openai/gpt-4o-mini"
LATEST = "openai/gpt-5.2"
UPDATE = 7


@pytest.fixture
async def client(
    settings: SettingsBook,
    catalogs: GuildCatalogs,
    service: VisionService,
    sight: Sight,
    keyring: Keyring,
    connections: Connections,
) -> AsyncIterator[Client]:
    async with connected(
        [SettingsCog(settings, catalogs, service, sight, keyring, connections)]
    ) as connection:
        yield connection


async def test_settings_are_for_moderators_of_servers_that_have_the_bot(client: Client) -> None:
    command = client.bot.tree.get_command("settings")
    assert command is not None
    payload = command.to_dict(client.bot.tree)
    assert payload["default_member_permissions"] == discord.Permissions(manage_guild=True).value
    assert payload["contexts"] == [0]
    assert payload["integration_types"] == [0]


async def test_show_names_every_setting_and_the_model_in_force(client: Client) -> None:
    reply = await client.slash("settings show", by=MODERATOR)
    assert reply.is_private
    for words in ("Model", "also choose", "Instructions", "/ask", "menus", "for 24 hours"):
        assert words in reply.content
    assert "Questions go to GPT-5.1 at OpenAI now." in reply.content


async def test_a_model_is_chosen_and_the_answer_tells_what_was_and_what_is(
    client: Client, settings: SettingsBook, service: VisionService
) -> None:
    reply = await client.slash("settings model", by=MODERATOR, model=GPT)
    assert settings.of(GUILD_ID).model_id == GPT
    assert service.model_of(GUILD_ID).id == GPT
    assert "GPT-4o at OpenAI (it was: the one this bot uses by default)" in reply.content
    assert reply.is_private
    assert list(reply.buttons) == ["Undo"]


async def test_default_goes_back_to_the_operators_model(
    client: Client, settings: SettingsBook
) -> None:
    await client.slash("settings model", by=MODERATOR, model=GPT)
    await client.slash("settings model", by=MODERATOR, model="default")
    assert settings.of(GUILD_ID).model_id is None


@pytest.mark.parametrize("wrong", ["nothing/like-this", "aimlapi/openai/gpt-4.1-2025-04-14", ""])
async def test_a_model_that_cannot_be_asked_is_refused_in_one_sentence(
    client: Client, settings: SettingsBook, wrong: str
) -> None:
    reply = await client.slash("settings model", by=MODERATOR, model=wrong)
    assert settings.of(GUILD_ID) == GuildSettings()
    assert reply.is_private
    assert reply.content.endswith(".")
    assert "Traceback" not in reply.content


async def test_members_may_choose_what_the_list_names(
    client: Client, settings: SettingsBook, service: VisionService
) -> None:
    await client.slash("settings model", by=MODERATOR, model=GPT, also=f"{MINI}, {LATEST},{GPT}")
    assert settings.of(GUILD_ID).also == (MINI, LATEST)
    assert [model.id for model in service.offered(GUILD_ID)] == [GPT, MINI, LATEST]


async def test_what_two_moderators_change_at_the_same_moment_both_holds(
    client: Client, settings: SettingsBook
) -> None:
    answers, privacy = await asyncio.gather(
        client.slash("settings answers", by=MODERATOR, length="short"),
        client.slash("settings privacy", by=MODERATOR, keep_hours=1),
    )
    assert settings.of(GUILD_ID) == GuildSettings(length="short", retention_hours=1)
    assert "Text kept" not in answers.content
    assert "Length" not in privacy.content


async def test_a_list_with_a_plus_adds_and_none_clears(
    client: Client, settings: SettingsBook
) -> None:
    await client.slash("settings model", by=MODERATOR, also=MINI)
    await client.slash("settings model", by=MODERATOR, also=f"+{LATEST}")
    assert settings.of(GUILD_ID).also == (MINI, LATEST)
    await client.slash("settings model", by=MODERATOR, also="None")
    assert settings.of(GUILD_ID).also == ()


async def test_one_wrong_name_in_the_list_changes_nothing(
    client: Client, settings: SettingsBook
) -> None:
    reply = await client.slash("settings model", by=MODERATOR, also=f"{MINI}, openai/gpt-9")
    assert "openai/gpt-9" in reply.content
    assert settings.of(GUILD_ID) == GuildSettings()


async def test_suggestions_are_usable_models_and_mark_those_not_proven_to_see(
    client: Client, catalog: Catalog
) -> None:
    reply = await client.slash("settings model", by=MODERATOR, focused="model", model="gpt-4o")
    values = [value for _name, value in reply.choices]
    assert GPT in values
    assert all(catalog.usable(model) for value in values if (model := catalog.find(value)))
    for name, value in reply.choices:
        model = catalog.find(value)
        if model is not None:
            seen = model.proven or model.provider.id == "openai"  # which were just proven
            assert ("not proven to see" in name) is not seen


async def test_nothing_typed_suggests_the_default_first(client: Client) -> None:
    reply = await client.slash("settings model", by=MODERATOR, focused="model", model="")
    assert reply.choices[0][1] == "default"
    assert len(reply.choices) <= 25


async def test_the_last_item_of_a_list_is_completed_and_the_others_stay(client: Client) -> None:
    typed = f"{MINI}, gpt-5"
    reply = await client.slash("settings model", by=MODERATOR, focused="also", also=typed)
    assert reply.choices
    assert all(name == value for name, value in reply.choices)
    assert all(value.startswith(f"{MINI}, openai/gpt-5") for _name, value in reply.choices)


def test_a_list_too_long_for_a_suggestion_can_be_sent_as_it_is(catalog: Catalog) -> None:
    earlier = ", ".join([MINI, LATEST, GPT, "openai/gpt-5.1", "openai/gpt-5.2"])
    (choice,) = suggest_also(f"{earlier}, gpt", catalog)
    assert choice.value == earlier
    assert "+" in choice.name


@pytest.mark.parametrize("typed", ["", ",", "+", "x" * 300, ", ,+", "none", "🦊" * 50])
def test_any_typing_gives_choices_that_discord_takes(catalog: Catalog, typed: str) -> None:
    choices = suggest_also(typed, catalog)
    assert len(choices) <= 25
    assert all(1 <= len(choice.name) <= 100 for choice in choices)
    assert all(1 <= len(choice.value) <= 100 for choice in choices)


async def test_instructions_are_written_in_a_form_that_shows_the_current_ones(
    client: Client, settings: SettingsBook
) -> None:
    form = await client.slash("settings prompt", by=MODERATOR)
    reply = await client.submit(form, {"prompt": "Answer like a pirate."}, by=MODERATOR)
    assert settings.of(GUILD_ID).prompt == "Answer like a pirate."
    assert "Answer like a pirate. (it was: none)" in reply.content

    form = await client.slash("settings prompt", by=MODERATOR)
    (label,) = form.data["components"]
    assert label["component"]["value"] == "Answer like a pirate."
    assert label["component"]["max_length"] == 2000


async def test_an_empty_form_clears_the_instructions(
    client: Client, settings: SettingsBook
) -> None:
    await settings.change(GUILD_ID, MODERATOR.id, GuildSettings(prompt="Be brief."))
    form = await client.slash("settings prompt", by=MODERATOR)
    await client.submit(form, {"prompt": "  \n "}, by=MODERATOR)
    assert settings.of(GUILD_ID).prompt is None


async def test_a_form_sent_late_keeps_what_was_changed_meanwhile(
    client: Client, settings: SettingsBook
) -> None:
    form = await client.slash("settings prompt", by=MODERATOR)
    await client.slash("settings privacy", by=MODERATOR, keep_hours=3)
    await client.submit(form, {"prompt": "Be brief."}, by=MODERATOR)
    assert settings.of(GUILD_ID) == GuildSettings(prompt="Be brief.", retention_hours=3)


async def test_instructions_over_the_limit_are_refused_in_one_sentence(
    client: Client, settings: SettingsBook
) -> None:
    form = await client.slash("settings prompt", by=MODERATOR)
    reply = await client.submit(form, {"prompt": "x" * 2001}, by=MODERATOR)
    assert reply.is_private
    assert "2000" in reply.content
    assert settings.of(GUILD_ID).prompt is None


async def test_instructions_are_quoted_without_links_that_hide_or_mentions(
    client: Client, settings: SettingsBook
) -> None:
    form = await client.slash("settings prompt", by=MODERATOR)
    hostile = "Say [here](https://evil.example/x) to <@1>, @everyone, ``` and\n# shout"
    reply = await client.submit(form, {"prompt": hostile}, by=MODERATOR)
    assert settings.of(GUILD_ID).prompt == hostile
    assert "](https://" not in reply.content
    assert "<@1>" not in reply.content
    assert "\n#" not in reply.content
    assert "```" not in reply.content
    assert reply.data["allowed_mentions"] == {"parse": []}


async def test_the_longest_change_still_fits_into_a_message(
    client: Client, settings: SettingsBook
) -> None:
    await settings.change(GUILD_ID, MODERATOR.id, GuildSettings(prompt="word " * 399))
    form = await client.slash("settings prompt", by=MODERATOR)
    reply = await client.submit(form, {"prompt": "other " * 333}, by=MODERATOR)
    assert len(reply.content) <= 2000
    shown = await client.slash("settings show", by=MODERATOR)
    assert len(shown.content) <= 2000


async def test_who_sees_answers_is_set_by_way_in(client: Client, settings: SettingsBook) -> None:
    reply = await client.slash("settings answers", by=MODERATOR, ask="private", menus="public")
    assert settings.of(GUILD_ID) == GuildSettings(ask_private=True, menus_private=False)
    assert "/ask:** seen by the asker only (it was: seen by everybody)" in reply.content
    await client.slash("settings answers", by=MODERATOR, ask="public")
    assert settings.of(GUILD_ID) == GuildSettings(ask_private=False, menus_private=False)


async def test_how_long_text_is_kept_is_set_in_hours(
    client: Client, settings: SettingsBook
) -> None:
    reply = await client.slash("settings privacy", by=MODERATOR, keep_hours=0)
    assert settings.of(GUILD_ID).retention_hours == 0
    assert "can't be followed up (it was: for 24 hours)" in reply.content


async def test_what_changes_nothing_is_said_and_offers_no_undo(client: Client) -> None:
    reply = await client.slash("settings privacy", by=MODERATOR, keep_hours=24)
    assert reply.content.startswith("Nothing changed.")
    assert not reply.buttons


async def test_reset_acts_at_once_and_undo_brings_everything_back(
    client: Client, settings: SettingsBook
) -> None:
    chosen = GuildSettings(
        model_id=GPT,
        also=(MINI,),
        prompt="Be brief.",
        ask_private=True,
        menus_private=False,
        retention_hours=5,
    )
    await settings.change(GUILD_ID, MODERATOR.id, chosen)
    reply = await client.slash("settings reset", by=MODERATOR)
    assert settings.of(GUILD_ID) == GuildSettings()
    undone = await client.press("Undo", reply, by=MODERATOR)
    assert settings.of(GUILD_ID) == chosen
    assert undone.content.startswith("Undone.")
    assert undone.is_private


async def test_reset_keeps_keys_and_endpoint_and_says_so(
    client: Client, settings: SettingsBook, keyring: Keyring
) -> None:
    endpoint = OwnEndpoint("https://models.example.org/v1", ("a",))
    await settings.change(
        GUILD_ID, MODERATOR.id, GuildSettings(prompt="Be brief.", endpoint=endpoint)
    )
    await keyring.put(GUILD_ID, MODERATOR.id, "groq", "https://api.groq.com:443", "k" * 20)
    reply = await client.slash("settings reset", by=MODERATOR)
    assert settings.of(GUILD_ID) == GuildSettings(endpoint=endpoint)
    assert set(keyring.of(GUILD_ID)) == {"groq"}
    assert reply.content.splitlines()[:3] == [
        "Changed.",
        "The endpoint stays: /settings endpoint takes it away.",
        "Keys stay: /settings key takes them away.",
    ]


async def test_fallbacks_keep_their_order_and_are_five_at_most(
    client: Client, settings: SettingsBook
) -> None:
    await client.slash("settings fallbacks", by=MODERATOR, models=f"{LATEST}, {MINI},{LATEST}")
    assert settings.of(GUILD_ID).fallbacks == (LATEST, MINI)
    await client.slash("settings fallbacks", by=MODERATOR, models=f"+{GPT}")
    assert settings.of(GUILD_ID).fallbacks == (LATEST, MINI, GPT)
    more = "+openai/gpt-5.1, openai/gpt-4.1-2025-04-14, local/reader"
    reply = await client.slash("settings fallbacks", by=MODERATOR, models=more)
    assert reply.content == "At most 5 models can stand in for another; these are 6."
    await client.slash("settings fallbacks", by=MODERATOR, models="none")
    assert settings.of(GUILD_ID).fallbacks == ()


def test_a_second_model_for_the_same_role_takes_the_place_of_the_first() -> None:
    both = with_override(with_override((), "role", 1, GPT), "channel", 1, MINI)
    assert both == (Override("role", 1, GPT), Override("channel", 1, MINI))
    assert with_override(both, "role", 1, LATEST) == (Override("role", 1, LATEST), both[1])
    assert with_override(both, "role", 1, None) == (both[1],)
    assert with_override(both, "role", 2, None) == both


def test_only_so_many_channels_and_roles_have_models_of_their_own() -> None:
    full = tuple(Override("role", number, GPT) for number in range(OVERRIDES_MAX))
    assert with_override(full, "role", 3, MINI)[3] == Override("role", 3, MINI)
    with pytest.raises(Refused, match="25 channels and roles have models of their own"):
        with_override(full, "channel", 3, MINI)


def test_a_rule_replaces_the_one_before_it() -> None:
    allowed = with_rule(with_rule(Access(), "roles", 1, "allow"), "members", 1, "allow")
    assert allowed == Access(allowed_roles=(1,), allowed_members=(1,))
    assert with_rule(allowed, "roles", 1, "allow") == allowed
    denied = with_rule(allowed, "roles", 1, "deny")
    assert denied == Access(denied_roles=(1,), allowed_members=(1,))
    assert with_rule(denied, "roles", 1, "no rule") == Access(allowed_members=(1,))


def test_a_list_of_rules_that_is_full_says_what_to_do() -> None:
    full = Access(denied_channels=tuple(range(1, 51)))
    assert with_rule(full, "channels", 50, "deny") == full
    with pytest.raises(Refused, match="name a category instead of its channels"):
        with_rule(full, "channels", 51, "deny")


async def test_pages_of_the_history_in_public_are_turned_by_moderators_only(
    client: Client, settings: SettingsBook
) -> None:
    for hours in range(1, 13):
        await settings.change(GUILD_ID, MODERATOR.id, GuildSettings(retention_hours=hours))
    page = await client.slash("settings history", by=MODERATOR)
    assert list(page.buttons) == ["Older"]
    turned = await client.press("Older", page, by=MEMBER)
    assert "for 1 hour" in turned.content, "it is private, so whoever sees it was shown it"
    public = replace(page, data={**page.data, "flags": 0})
    refused = await client.press("Older", public, by=MEMBER)
    assert refused.content == "Only moderators who may manage this server can do that."


async def test_a_panel_in_public_is_used_by_moderators_only(client: Client) -> None:
    button = {
        "type": 2,
        "style": 2,
        "label": "Type amounts…",
        "custom_id": "vidi:panel:budget:amounts",
    }
    rows = [{"type": 1, "components": [button]}]
    private = discord.MessageFlags.ephemeral.flag
    shown, public = (Reply(4, {"components": rows, "flags": flags}) for flags in (private, 0))
    for panel, by in ((shown, MEMBER), (public, MODERATOR)):
        form = await client.press("Type amounts…", panel, by=by)
        assert form.data["title"] == "What questions may cost"
    refused = await client.press("Type amounts…", public, by=MEMBER)
    assert refused.content == "Only moderators who may manage this server can do that."


async def test_undo_pressed_twice_is_harmless_and_says_so(
    client: Client, settings: SettingsBook
) -> None:
    reply = await client.slash("settings model", by=MODERATOR, model=GPT)
    await client.press("Undo", reply, by=MODERATOR)
    again = await client.press("Undo", reply, by=MODERATOR)
    assert "undone already" in again.content
    assert settings.of(GUILD_ID) == GuildSettings()


async def test_undo_leaves_what_was_changed_since(client: Client, settings: SettingsBook) -> None:
    first = await client.slash("settings model", by=MODERATOR, model=GPT)
    await client.slash("settings model", by=MODERATOR, model=MINI)
    reply = await client.press("Undo", first, by=MODERATOR)
    assert "Nothing changed now" in reply.content
    assert settings.of(GUILD_ID).model_id == MINI


async def test_an_undo_can_be_undone(client: Client, settings: SettingsBook) -> None:
    reply = await client.slash("settings model", by=MODERATOR, model=GPT)
    undone = await client.press("Undo", reply, by=MODERATOR)
    await client.press("Undo", undone, by=MODERATOR)
    assert settings.of(GUILD_ID).model_id == GPT


async def test_undo_is_for_moderators(client: Client, settings: SettingsBook) -> None:
    reply = await client.slash("settings model", by=MODERATOR, model=GPT)
    refused = await client.press("Undo", reply, by=MEMBER)
    assert "moderators" in refused.content
    assert settings.of(GUILD_ID).model_id == GPT


async def test_somebody_whom_discord_lets_use_settings_gets_no_button_that_refuses(
    client: Client,
) -> None:
    reply = await client.slash("settings model", by=MEMBER, model=GPT)
    assert "GPT-4o" in reply.content
    assert not reply.buttons


async def test_undo_works_after_a_restart(
    db: Database,
    settings: SettingsBook,
    catalogs: GuildCatalogs,
    service: VisionService,
    sight: Sight,
    keyring: Keyring,
    connections: Connections,
) -> None:
    async with connected(
        [SettingsCog(settings, catalogs, service, sight, keyring, connections)]
    ) as before:
        reply = await before.slash("settings model", by=MODERATOR, model=GPT)
    book = SettingsBook(db)
    await book.load()
    async with connected(
        [SettingsCog(book, catalogs, service, sight, keyring, connections)]
    ) as after:
        await after.press("Undo", reply, by=MODERATOR)
    assert book.of(GUILD_ID) == GuildSettings()


async def test_another_servers_change_cannot_be_undone_from_here(
    client: Client, settings: SettingsBook
) -> None:
    other = await settings.change(GUILD_ID + 5, MODERATOR.id, GuildSettings(prompt="theirs"))
    reply = await client.slash("settings model", by=MODERATOR, model=GPT)
    reply.data["components"][0]["components"][0]["custom_id"] = f"vidi:undo:{other.id}"
    await client.press("Undo", reply, by=MODERATOR)
    assert settings.of(GUILD_ID + 5).prompt == "theirs"


async def test_a_model_that_has_become_unusable_is_named_with_its_reason(
    client: Client, settings: SettingsBook
) -> None:
    await settings.change(
        GUILD_ID, MODERATOR.id, GuildSettings(model_id="aimlapi/openai/gpt-4.1-2025-04-14")
    )
    reply = await client.slash("settings show", by=MODERATOR)
    assert "AIMLAPI_API_KEY" in reply.content


async def test_nothing_is_left_behind_in_discord_pys_memory(client: Client) -> None:
    await client.slash("settings model", by=MODERATOR, model=GPT)
    store = client.bot._connection._view_store
    assert not store._views


async def test_other_buttons_are_left_alone(client: Client, settings: SettingsBook) -> None:
    reply = await client.slash("settings model", by=MODERATOR, model=GPT, at=HERE)
    reply.data["components"][0]["components"][0]["custom_id"] = "vidi:undo:not-a-number"
    with pytest.raises(TimeoutError):
        await client.press("Undo", reply, by=Person(1, MODERATOR.permissions), patience=0.2)
    assert settings.of(GUILD_ID).model_id == GPT
