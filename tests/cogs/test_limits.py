"""/limits through the real command tree: what a moderator types, reads and takes back."""

import functools
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.choices import OVERRIDES_MAX, Budget, GuildSettings, Override, Rate, RoleRate
from bot.db.engine import Database
from bot.db.keys import SecretBox
from bot.errors import Refused
from bot.guilds.catalogs import GuildCatalogs
from bot.guilds.connections import Connections
from bot.guilds.keyring import Keyring
from bot.owner.book import OwnerBook
from bot.owner.decisions import Allowance
from bot.service import VisionService
from bot.settings import SettingsBook
from bot.sight.proof import Sight
from bot.usage.standing import standing
from cogs._changing.changing import Changer
from cogs._changing.checking import Checker
from cogs._changing.counting import with_rate
from cogs.limits import LimitsCog
from cogs.settings import SettingsCog
from tests.interactions import DIRECT, ELSEWHERE, GUILD_ID, MODERATOR, Client, Reply, connected

USD = 1_000_000_000


@pytest.fixture
async def client(
    db: Database,
    box: SecretBox,
    settings: SettingsBook,
    catalogs: GuildCatalogs,
    owner: OwnerBook,
    service: VisionService,
    sight: Sight,
    keyring: Keyring,
    connections: Connections,
) -> AsyncIterator[Client]:
    changer = Changer(settings, catalogs, service, Checker(sight, catalogs))
    cogs = [
        SettingsCog(settings, catalogs, service, sight, keyring, connections),
        LimitsCog(
            settings, catalogs, service, owner, changer, functools.partial(standing, db, box)
        ),
    ]
    async with connected(cogs) as connection:
        yield connection


async def sets(client: Client, what: str, **options: Any) -> Reply:
    reply = await client.slash(f"limits {what}", by=MODERATOR, **options)
    assert reply.is_private
    return reply


async def test_a_new_server_limits_members_to_thirty_a_minute_and_nothing_else(
    client: Client,
) -> None:
    shown = await sets(client, "show")
    day, month = (word.split(":")[1] for word in shown.content.split() if word.startswith("<t:"))
    assert int(month) >= int(day)
    assert shown.content.splitlines() == [
        "**Questions by each member:** 30 a minute",
        "**Questions by role:** as for everybody",
        "**Questions by all together:** no limit",
        "**Pictures in a question:** as many as the model takes",
        "**Not limited:** nobody",
        "**Budget of this server:** unlimited",
        "**Budget of each member:** unlimited",
        "**When it runs short:** the model stays, and the channel is told at 80 %",
        "**Told about it:** no channel",
        "**This server so far:** 0 questions in the last minute and 0 questions today; "
        "$0 spent today, $0 this month.",
        "**You so far:** 0 of 30 questions in the last minute and 0 questions today; "
        "$0 spent today, $0 this month.",
        f"Days start anew <t:{day}:R>, months <t:{month}:R>.",
    ]


async def test_each_limit_is_told_as_it_was_and_is_and_undone_with_one_press(
    client: Client, settings: SettingsBook
) -> None:
    changed = await sets(client, "rate", minute="5", day="100", server_day="2000", pictures="2")
    assert settings.of(GUILD_ID).rate == Rate(minute=5, day=100, guild_day=2000, pictures=2)
    assert changed.content.splitlines() == [
        "Changed.",
        "**Questions by each member:** 5 a minute and 100 a day (it was: 30 a minute)",
        "**Questions by all together:** 2000 a day (it was: no limit)",
        "**Pictures in a question:** 2 (it was: as many as the model takes)",
    ]
    undone = await client.press("Undo", changed, by=MODERATOR)
    assert "Undone." in undone.content
    assert settings.of(GUILD_ID) == GuildSettings()


@pytest.mark.parametrize("word", ["none", "None", "off", " no  limit ", "unlimited"])
async def test_none_lifts_a_limit_and_default_brings_back_the_first_one(
    client: Client, settings: SettingsBook, word: str
) -> None:
    await sets(client, "rate", minute=word)
    assert settings.of(GUILD_ID).rate.minute is None
    await sets(client, "rate", minute="default")
    assert settings.of(GUILD_ID).rate == Rate()


@pytest.mark.parametrize("word", ["0", "-1", "many", "1.5", "1000001", "9" * 40, "٣", "²", ""])
async def test_what_is_no_limit_changes_nothing_and_says_what_to_write(
    client: Client, settings: SettingsBook, word: str
) -> None:
    refused = await sets(client, "rate", day="7", minute=word)
    assert refused.content.endswith(
        "is no limit. Write a whole number from 1 to 1,000,000, or none for no limit. "
        "To let nobody ask, use /settings access."
    )
    assert len(refused.content) < 200
    assert settings.of(GUILD_ID) == GuildSettings()


def test_only_so_many_roles_have_limits_of_their_own() -> None:
    full = Rate(roles=tuple(RoleRate(role_id) for role_id in range(OVERRIDES_MAX)))
    assert with_rate(full, RoleRate(3, minute=1)).roles[3].minute == 1
    with pytest.raises(Refused, match="25 roles have limits of their own"):
        with_rate(full, RoleRate(OVERRIDES_MAX))


async def test_a_question_takes_one_to_ten_pictures(client: Client, settings: SettingsBook) -> None:
    assert "from 1 to 10," in (await sets(client, "rate", pictures="11")).content
    await sets(client, "rate", pictures="10")
    assert settings.of(GUILD_ID).rate.pictures == 10


async def test_what_is_not_typed_stays_as_it_is(client: Client, settings: SettingsBook) -> None:
    before = Rate(
        minute=9, roles=(RoleRate(1, 2, 3),), exempt_roles=(4,), exempt_members=(5,), pictures=6
    )
    budget = Budget(day=USD, member_month=2 * USD, share=70, channel_id=7)
    await settings.change(GUILD_ID, 1, GuildSettings(prompt="Hi", rate=before, budget=budget))
    await sets(client, "rate", server_minute="60")
    await sets(client, "budget", month="50")
    now = settings.of(GUILD_ID)
    assert now.rate == Rate(9, None, 60, None, 6, (RoleRate(1, 2, 3),), (4,), (5,))
    assert now.budget == Budget(USD, 50 * USD, None, 2 * USD, 70, None, 7)
    assert now.prompt == "Hi"


async def test_a_budget_is_set_in_dollars_and_lifted_with_none(
    client: Client, settings: SettingsBook
) -> None:
    changed = await sets(client, "budget", day="0.50", month="$20", member_day="0.1")
    assert changed.content.splitlines()[1].startswith("**Budget of this server:** $0.50")
    assert settings.of(GUILD_ID).budget == Budget(USD // 2, 20 * USD, USD // 10)
    shown = await sets(client, "show")
    assert "$0 of $0.50 spent today, $0 of $20 this month." in shown.content
    assert "Budget of this month: $0 of $20 (0 %)." in shown.content
    await sets(client, "budget", day="none", month="none", member_day="off")
    assert settings.of(GUILD_ID) == GuildSettings()


async def test_an_amount_nobody_understands_changes_nothing(
    client: Client, settings: SettingsBook
) -> None:
    refused = await sets(client, "budget", day="5", month="a lot")
    assert "That is no amount I understand." in refused.content
    assert settings.of(GUILD_ID) == GuildSettings()


async def test_the_cheaper_model_is_one_that_works_here(
    client: Client, settings: SettingsBook
) -> None:
    offered = await client.slash("limits budget", by=MODERATOR, focused="cheaper", cheaper="")
    values = [value for _name, value in offered.choices]
    assert values[0] == "none"
    assert "default" not in values
    assert "openai/gpt-4o-mini" in values
    changed = await sets(client, "budget", cheaper="openai/gpt-4o-mini", share=60)
    assert "from 60 % on, GPT-4o mini at OpenAI answers" in changed.content
    keyless = await sets(client, "budget", cheaper="groq/meta-llama/llama-4-scout-17b-16e-instruct")
    assert "Changed." not in keyless.content
    assert settings.of(GUILD_ID).budget.cheaper == "openai/gpt-4o-mini"
    await sets(client, "budget", cheaper="none")
    assert settings.of(GUILD_ID).budget.cheaper is None


async def test_a_cheaper_model_that_saves_nothing_is_refused(
    client: Client, settings: SettingsBook
) -> None:
    await settings.change(GUILD_ID, 1, GuildSettings(model_id="openai/gpt-4o-mini"))
    for dearer in ("openai/gpt-4o", "openai/gpt-4o-mini"):
        refused = await sets(client, "budget", cheaper=dearer)
        assert "costs no less than what answers here, so it would save nothing." in refused.content
    override = Override("channel", 1, "openai/gpt-4o")
    await settings.change(
        GUILD_ID, 1, GuildSettings(model_id="openai/gpt-4o-mini", overrides=(override,))
    )
    assert "Changed." in (await sets(client, "budget", cheaper="openai/gpt-4o-mini")).content


@pytest.mark.parametrize("what", ["rate", "budget"])
async def test_without_an_option_the_limits_in_force_are_said(client: Client, what: str) -> None:
    told = await sets(client, what)
    assert told.content.startswith("Nothing changed.\n**Questions by each member:** 30 a minute")
    assert "**You so far:**" in told.content
    assert not told.buttons


async def test_the_cheaper_model_is_suggested_by_what_is_typed(client: Client) -> None:
    offered = await client.slash(
        "limits budget", by=MODERATOR, focused="cheaper", cheaper="4o mini"
    )
    assert {value for _name, value in offered.choices} == {"openai/gpt-4o-mini"}


async def test_who_is_exempt_is_told_no_limit_of_their_own(
    client: Client, settings: SettingsBook
) -> None:
    rate = Rate(minute=3, exempt_members=(MODERATOR.id,))
    await settings.change(GUILD_ID, 1, GuildSettings(rate=rate))
    shown = await sets(client, "show")
    assert f"**Not limited:** <@{MODERATOR.id}>" in shown.content
    assert "**You so far:** 0 questions in the last minute" in shown.content


async def test_no_channel_is_told_any_more(client: Client, settings: SettingsBook) -> None:
    await settings.change(GUILD_ID, 1, GuildSettings(budget=Budget(channel_id=7)))
    changed = await sets(client, "budget", tell="no channel")
    assert "**Told about it:** no channel (it was: <#7>)" in changed.content


async def test_a_channel_that_is_gone_is_named(client: Client, settings: SettingsBook) -> None:
    await settings.change(GUILD_ID, 1, GuildSettings(budget=Budget(channel_id=7)))
    assert "I can't write in <#7>." in (await sets(client, "show")).content


async def test_what_the_owner_pays_is_shown_where_the_owner_pays(
    client: Client, owner: OwnerBook
) -> None:
    await owner.decide(Allowance(month=10 * USD), by=1)
    shown = await sets(client, "show")
    assert "**The bot's owner pays:** $0 today, $0 of $10 this month." in shown.content


async def test_the_fullest_settings_fit_into_one_message(
    client: Client, settings: SettingsBook
) -> None:
    ids = tuple(range(10**18, 10**18 + 50))
    roles = tuple(RoleRate(role_id, 10**6, 10**6) for role_id in ids[:25])
    most = 10**6
    rate = Rate(most, most, most, most, 10, roles, ids, ids)
    much = 999_999_999_999_999
    budget = Budget(much, much, much, much, 100, "custom/" + "x" * 190, ids[0])
    await settings.change(GUILD_ID, 1, GuildSettings(rate=rate, budget=budget))
    shown = await sets(client, "show")
    assert len(shown.content) <= 2000
    assert "Budget of this month:" in shown.content
    assert "I can't write in" in shown.content


@pytest.mark.parametrize("what", ["rate", "budget", "show"])
async def test_it_works_only_where_the_bot_is_a_member(client: Client, what: str) -> None:
    for place in (DIRECT, ELSEWHERE):
        told = await client.slash(f"limits {what}", by=MODERATOR, at=place)
        assert told.content == "That works only in a server that has me as a member."


async def test_the_command_leaves_room_in_what_discord_allows(client: Client) -> None:
    def size(node: dict[str, object]) -> int:
        own = sum(len(str(node.get(key, ""))) for key in ("name", "description", "value"))
        below = [*node.get("options", ()), *node.get("choices", ())]  # type: ignore[misc]  # lists
        return own + sum(map(size, below))

    command = client.bot.tree.get_command("limits")
    assert command is not None
    assert size(command.to_dict(client.bot.tree)) < 2000
