"""What a channel is told of a budget, in words."""

import dataclasses
import datetime as dt

import pytest

from bot.catalog.catalog import Catalog
from bot.guilds.budgets import BudgetEvent
from cogs.budgets import notice
from tests.interactions import GUILD_ID

USD = 1_000_000_000
RESET = dt.datetime(2026, 12, 1, tzinfo=dt.UTC)
WHEN = f"<t:{int(RESET.timestamp())}:R>"
EVENT = BudgetEvent(GUILD_ID, "month", "share", 40_123_456_789, 50 * USD, RESET)


def test_the_share_is_told_with_who_answers_from_now_on(catalog: Catalog) -> None:
    event = dataclasses.replace(EVENT, cheaper="openai/gpt-4o-mini")
    assert notice(event, catalog) == [
        "**80 % of this month's budget is used: $40.12 of $50.**",
        f"From now on GPT-4o mini at OpenAI answers; the budget starts anew {WHEN}.",
    ]


def test_without_a_cheaper_model_the_share_says_that_answers_go_on(catalog: Catalog) -> None:
    assert notice(dataclasses.replace(EVENT, period="day"), catalog) == [
        "**80 % of today's budget is used: $40.12 of $50.**",
        f"Questions are answered until it is used up; it starts anew {WHEN}.",
    ]


def test_the_end_is_told_with_what_happens_to_questions(catalog: Catalog) -> None:
    event = dataclasses.replace(EVENT, level="full", cheaper="openai/gpt-4o-mini")
    assert notice(event, catalog) == [
        "**This month's budget no longer covers a question: $40.12 of $50 is used.**",
        f"Questions that cost money are refused until it starts anew {WHEN}. "
        "Moderators can change it with /limits budget.",
    ]


@pytest.mark.parametrize(
    ("spent", "limit", "percent"), [(0, 0, 0), (1, 0, 100), (3 * USD, USD, 100), (USD, 3 * USD, 33)]
)
def test_the_share_is_a_percentage_whatever_the_amounts(
    catalog: Catalog, spent: int, limit: int, percent: int
) -> None:
    event = dataclasses.replace(EVENT, spent_nano=spent, limit_nano=limit)
    assert notice(event, catalog)[0].startswith(f"**{percent} % of")


def test_a_model_that_is_gone_is_named_harmlessly(catalog: Catalog) -> None:
    event = dataclasses.replace(EVENT, cheaper="custom/@everyone")
    assert "@everyone" not in notice(event, catalog)[1]
