import datetime as dt

import pytest

from bot.clock import day_of, month_of, next_month, utcnow

PLUS_TWO = dt.timezone(dt.timedelta(hours=2))


def at(*parts: int, tz: dt.timezone = dt.UTC) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=tz)


def test_days_and_months_begin_by_utc_wherever_a_moment_was_read() -> None:
    moment = at(2026, 12, 1, 1, 30, tz=PLUS_TWO)
    assert day_of(moment) == at(2026, 11, 30)
    assert month_of(moment) == at(2026, 11, 1)
    assert next_month(moment) == at(2026, 12, 1)


@pytest.mark.parametrize("month", range(1, 13))
def test_the_next_month_begins_as_this_one_ends(month: int) -> None:
    begins = next_month(at(2028, month, 1))
    assert month_of(begins) == begins
    assert month_of(begins - dt.timedelta(microseconds=1)) == at(2028, month, 1)
    assert next_month(begins - dt.timedelta(microseconds=1)) == begins


def test_now_is_told_in_utc() -> None:
    assert utcnow().tzinfo is dt.UTC
