"""How a guild's figures are laid out for a chart."""

import datetime as dt

from bot.usage.buckets import Bucket
from cogs._usage.plotting import ALT_LIMIT, Span, plot
from cogs._usage.tables import as_text

SPAN = Span(dt.date(2026, 11, 1), dt.date(2026, 11, 30))


def by_model(count: int) -> list[Bucket]:
    return [Bucket("2026-11-03", f"p/{at}", 1, 100 - at, 0) for at in range(count)]


def test_models_beyond_the_colours_share_the_last_one_and_stand_in_the_table() -> None:
    shown = plot("days", by_model(12), SPAN, str)
    assert shown.chart.series == (*(f"p/{at}" for at in range(7)), "5 other models")
    assert shown.chart.panels[1].values[7][2] == 5
    assert [row[1] for row in shown.table[1:]] == [f"p/{at}" for at in range(12)]


def test_as_many_models_as_colours_need_no_others() -> None:
    assert len(plot("days", by_model(8), SPAN, str).chart.series) == 8
    assert "p/7" in plot("days", by_model(8), SPAN, str).chart.series


def test_days_without_questions_have_their_place() -> None:
    chart = plot("days", by_model(1), SPAN, str).chart
    assert (len(chart.ticks), chart.ticks[0], chart.ticks[-1]) == (30, "11-01", "11-30")


def test_members_are_numbered_in_the_picture_and_named_beside_it() -> None:
    found = [Bucket("77", "", 3, 9, 0), Bucket("0", "", 2, 5, 0), Bucket("88", "", 1, 1, 0)]
    shown = plot("members", found, SPAN, str)
    assert shown.chart.ticks == ("Member 1", "deleted members", "Member 3")
    assert shown.people == ("Member 1: <@77>", "Member 3: <@88>")


def test_alt_text_says_the_finding_within_discords_limit() -> None:
    busy = Bucket("09", "2", 4, 7_000_000, 1)
    assert plot("hours", [busy], SPAN, str).alt == (
        "A field for each hour and weekday (UTC), 2026-11-01 to 2026-11-30: in all 4 questions, "
        "$0.0070 and 1 question of unknown cost. The dearest hour is Wed 09:00 with 4 questions, "
        "$0.0070 and 1 question of unknown cost."
    )
    assert len(plot("days", by_model(1), SPAN, lambda _id: "name " * 500).alt) <= ALT_LIMIT


def test_a_table_in_a_message_can_not_be_broken_out_of() -> None:
    text = as_text([("Day", "Model"), ("2026-11-03", "``` @everyone")], 500)
    assert text is not None
    assert text.count("```") == 2
    assert as_text([("a", "b" * 500)], 500) is None
