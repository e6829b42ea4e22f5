"""Settings in words: readable, harmless, and never longer than a message."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given

from bot.catalog.loader import load
from bot.choices import Access, Budget, GuildSettings, Override, OwnEndpoint, Rate, RoleRate
from bot.settings import KeyShown, Past
from cogs._changing.describe import ROOM, VALUE_LIMIT, changes, rows, shown
from cogs._panels import MESSAGE_LIMIT, fit
from cogs.settings.history import ENTRY_LIMIT, entry
from tests.any_settings import any_settings
from tests.full_settings import full_settings

CATALOG = load({"OPENAI_API_KEY": "sk-not-a-real-key"})
LINE_LIMIT = 2 * VALUE_LIMIT + 100


def changed(**values: object) -> list[str]:
    """Give what is said when these settings are chosen in a new server."""
    return changes(GuildSettings(), replace(GuildSettings(), **values), CATALOG)


@given(any_settings, any_settings)
def test_no_settings_are_too_long_for_a_message(
    before: GuildSettings, after: GuildSettings
) -> None:
    told = shown(after, CATALOG)
    assert max(map(len, told)) <= LINE_LIMIT
    assert len(fit(told)) <= MESSAGE_LIMIT
    differences = changes(before, after, CATALOG)
    assert all(len(line) <= LINE_LIMIT and "\n" not in line for line in differences)
    past = Past(1, 2, datetime.now(UTC), before, after)
    assert len(entry(past, CATALOG)) <= ENTRY_LIMIT


@given(any_settings, any_settings)
def test_each_setting_that_differs_is_said_and_no_other(
    before: GuildSettings, after: GuildSettings
) -> None:
    pairs = list(zip(rows(before, CATALOG), rows(after, CATALOG), strict=True))
    assert [was.name for was, _now in pairs] == [now.name for _was, now in pairs]
    assert len({was.name for was, _now in pairs}) == len(pairs)
    assert bool(changes(before, after, CATALOG)) is (before != after)


@pytest.mark.parametrize(
    ("values", "line"),
    [
        (
            {"fallbacks": ("openai/gpt-4o", "local/reader")},
            "**Fallbacks:** GPT-4o at OpenAI, Built-in reader (it was: no other model is asked)",
        ),
        (
            {"overrides": (Override("role", 5, "openai/gpt-4o"), Override("channel", 6, "x/y"))},
            "**Other models per channel or role:** GPT-4o at OpenAI for <@&5>, x/y for <#6> "
            "(it was: none)",
        ),
        ({"language": "pt-BR"}, "**Language:** Brazilian Portuguese (it was: the one each "),
        ({"temperature": 0.7}, "**Temperature:** 0.7 (it was: the model's own)"),
        ({"strip_metadata": True}, "**Pictures are sent:** always without metadata, never as a"),
        ({"tell_company": False}, "**The company is named:** only in the receipt (it was: under"),
        (
            {"access": Access(denied_roles=(5,), denied_members=(6,))},
            "**Roles and members denied:** <@&5>, <@6> (it was: none)",
        ),
        ({"rate": Rate(minute=None)}, "**Questions by each member:** no limit (it was: 30 a min"),
        ({"rate": Rate(day=9)}, "**Questions by each member:** 30 a minute and 9 a day (it was:"),
        (
            {"rate": Rate(roles=(RoleRate(5, minute=2), RoleRate(6)))},
            "**Questions by role:** 2 a minute for <@&5>, no limit for <@&6> (it was: as for",
        ),
        ({"budget": Budget(day=0)}, "**Budget of this server:** nothing may be spent (it was: un"),
        (
            {"budget": Budget(member_month=500_000_000)},
            "**Budget of each member:** $0.50 a month (it was: unlimited)",
        ),
        (
            {"budget": Budget(share=90, cheaper="openai/gpt-4o-mini")},
            "**When it runs short:** from 90 % on, GPT-4o mini at OpenAI answers (it was: the mod",
        ),
        (
            {"endpoint": OwnEndpoint("https://a.example/v1", ("m", "n"))},
            "**Own endpoint:** <https://a.example/v1> with m, n (it was: none)",
        ),
    ],
)
def test_a_change_says_what_is_and_what_was(values: dict[str, object], line: str) -> None:
    (said,) = changed(**values)
    assert said.startswith(line)


def test_of_a_long_list_only_what_came_and_went_is_said() -> None:
    before = Access(denied_channels=tuple(range(10**17, 10**17 + 40)))
    after = Access(denied_channels=(*before.denied_channels[1:], 7, 8))
    (said,) = changes(GuildSettings(access=before), GuildSettings(access=after), CATALOG)
    assert said == f"**Channels denied:** 41 now; new: <#7>, <#8>; gone: <#{10**17}>"
    turned = Access(denied_channels=before.denied_channels[::-1])
    (said,) = changes(GuildSettings(access=before), GuildSettings(access=turned), CATALOG)
    assert said == "**Channels denied:** 40 now; in another order"


def test_what_moderators_wrote_is_quoted_without_mentions() -> None:
    (said,) = changed(prompt="Greet <@1> and @everyone [here](https://evil.example)")
    assert "<@1>" not in said
    assert "@everyone" not in said
    assert "](" not in said
    (said,) = changed(model_id="custom/<@&5> @here")
    assert "<@&5>" not in said
    assert "@here" not in said


def test_where_room_is_short_what_is_as_by_default_is_only_named() -> None:
    settings = GuildSettings(prompt="word " * 400, also=("x/" + "y" * 150,) * 20)
    told = shown(settings, CATALOG)
    assert sum(map(len, told)) < ROOM
    assert told[-1].startswith("As by default: Model, Fallbacks, Other models per channel or role,")
    assert len(told) == 3


def test_where_everything_is_chosen_everything_is_shown() -> None:
    settings = full_settings(("custom/vision", "custom/other"))
    told = shown(settings, CATALOG)
    assert len(told) == len(rows(settings, CATALOG))
    assert sum(map(len, told)) < ROOM


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        (None, KeyShown("openai", "abcd"), "- **Key for OpenAI:** …abcd (it was: none)"),
        (KeyShown("openai", "abcd"), None, "- **Key for OpenAI:** none (it was: …abcd)"),
        (None, KeyShown("own", ""), "- **Key for own:** set (it was: none)"),
    ],
)
def test_a_keys_change_shows_its_last_four(
    before: KeyShown | None, after: KeyShown | None, line: str
) -> None:
    past = Past(1, 2, datetime(2026, 8, 1, tzinfo=UTC), before, after)
    assert entry(past, CATALOG).splitlines() == ["<t:1785542400:f> by <@2>", line]
