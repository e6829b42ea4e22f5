import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from bot.choices import Budget
from bot.db.engine import Database
from bot.usage.forecast import Forecast, forecast, forecast_of
from cogs._forecast import forecast_lines
from tests.usage.books import GUILD, NOON, a_row, write

USD = 1_000_000_000
DAY = dt.timedelta(days=1)
TODAY = NOON.date()


def steady(nano_a_day: int) -> dict[dt.date, int]:
    """The same on each of the last seven days, of which today is half over."""
    days = {TODAY - DAY * ago: nano_a_day for ago in range(1, 7)}
    return {**days, TODAY: nano_a_day // 2}


def test_a_month_that_runs_out_says_when() -> None:
    month = forecast(steady(2 * USD), Budget(month=23 * USD), NOON).month
    assert month is not None
    assert (month.spent, month.percent) == (13 * USD, 56)
    assert month.runs_out_at == NOON + 5 * DAY
    assert month.resets_at == dt.datetime(2026, 12, 1, tzinfo=dt.UTC)


def test_a_budget_that_lasts_has_no_end() -> None:
    found = forecast(steady(2 * USD), Budget(day=2 * USD, month=54 * USD), NOON)
    assert found.day is not None
    assert found.month is not None
    assert (found.day.runs_out_at, found.month.runs_out_at) == (None, None)
    assert found.day.resets_at == dt.datetime(2026, 11, 11, tzinfo=dt.UTC)


def test_a_budget_that_is_used_up_ends_now() -> None:
    found = forecast({TODAY: USD}, Budget(day=USD, month=0), NOON)
    assert found.day is not None
    assert found.month is not None
    assert found.day.used_up
    assert found.day.runs_out_at == NOON
    assert (found.month.used_up, found.month.percent) == (True, 100)


def test_a_guild_that_began_yesterday_is_not_stretched_over_a_week() -> None:
    assert forecast({TODAY - DAY: 3 * USD}, Budget(month=USD), NOON).pace == 2 * USD


def test_a_first_question_just_after_midnight_is_no_pace_of_its_own() -> None:
    just_after = NOON.replace(hour=0, minute=1)
    assert forecast({TODAY: USD}, Budget(month=USD), just_after).pace == USD


def test_older_days_count_for_the_month_and_not_for_the_pace() -> None:
    found = forecast({TODAY - 7 * DAY: 5 * USD}, Budget(month=10 * USD), NOON)
    assert found.pace == 0
    assert found.month is not None
    assert (found.month.spent, found.month.runs_out_at) == (5 * USD, None)


def test_the_pace_reaches_into_last_month_and_the_sum_does_not() -> None:
    second = dt.datetime(2026, 11, 2, tzinfo=dt.UTC)
    spent = {dt.date(2026, 10, 30): 3 * USD, dt.date(2026, 11, 1): USD}
    found = forecast(spent, Budget(month=100 * USD), second)
    assert found.month is not None
    assert (found.month.spent, found.pace) == (USD, round(4 * USD / 3))


def test_a_year_ends_in_december() -> None:
    month = forecast({}, Budget(month=USD), dt.datetime(2026, 12, 31, 23, tzinfo=dt.UTC)).month
    assert month is not None
    assert month.resets_at == dt.datetime(2027, 1, 1, tzinfo=dt.UTC)


@given(
    spent=st.dictionaries(st.integers(0, 40), st.integers(0, 10**15), max_size=12),
    budget=st.integers(0, 10**15),
    minutes=st.integers(0, 60 * 24 * 365),
)
def test_a_forecast_never_lies_outside_its_period(
    spent: dict[int, int], budget: int, minutes: int
) -> None:
    now = NOON + dt.timedelta(minutes=minutes)
    by_day = {now.date() - DAY * ago: nano for ago, nano in spent.items()}
    found = forecast(by_day, Budget(day=budget, month=budget), now)
    for outlook in (found.day, found.month):
        assert outlook is not None
        assert outlook.runs_out_at is None or now <= outlook.runs_out_at <= outlook.resets_at
        assert outlook.used_up == (outlook.percent >= 100)


async def test_what_is_open_or_unknown_counts_for_its_reservation(db: Database) -> None:
    rows = [
        a_row(70),
        a_row(None, reserved=5),
        a_row(state="open", reserved=200),
        a_row(state="open", reserved=4000, now=NOON - 9 * DAY),
        a_row(10**6, now=NOON - 10 * DAY),  # last month
        a_row(10**6, guild_id=GUILD + 1),
    ]
    await write(db, rows)
    found = await forecast_of(db, GUILD, Budget(day=USD, month=USD), NOON)
    assert found.day is not None
    assert found.month is not None
    assert (found.day.spent, found.month.spent) == (275, 4275)


async def test_a_guild_without_a_budget_has_no_forecast(db: Database) -> None:
    found = await forecast_of(db, GUILD, Budget(member_day=USD), NOON)
    assert found == Forecast(0, None, None)
    assert forecast_lines(found) == []


def test_a_forecast_is_said_in_a_line_a_budget() -> None:
    resets = int(dt.datetime(2026, 11, 11, tzinfo=dt.UTC).timestamp())
    ends = int((NOON + 5 * DAY).timestamp())
    budget = Budget(day=USD, month=23 * USD)
    assert forecast_lines(forecast(steady(2 * USD), budget, NOON)) == [
        f"Budget of today: $1.00 of $1 (100 %). It is used up and starts again <t:{resets}:R>.",
        "Budget of this month: $13.00 of $23 (56 %). "
        f"At the pace of the last 7 days it runs out on <t:{ends}:f>.",
    ]


def test_a_budget_nobody_touched_lasts() -> None:
    assert forecast_lines(forecast({}, Budget(day=USD, month=USD), NOON)) == [
        "Budget of today: $0 of $1 (0 %). "
        "At the pace of the last 7 days it lasts to the end of the day.",
        "Budget of this month: $0 of $1 (0 %). "
        "At the pace of the last 7 days it lasts to the end of the month.",
    ]
