"""A guild's figures as a chart, as a table, and as the words that say what the chart shows."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bot.charts.types import Chart, Kind, Panel
from bot.i18n import N_, _, ngettext
from bot.money import NANO
from bot.text import plain
from bot.usage import DELETED
from bot.usage.buckets import Bucket, By
from bot.usage.export import exact_usd
from cogs._panels import cut
from cogs._usage.sums import cost, member, questions
from cogs._usage.tables import Row

MODELS = 8  # as many colours as there are
MEMBERS = 12
ALT_LIMIT = 1024
_NAME = 60

_KINDS: dict[By, Kind] = {"days": "stacked", "members": "ranked", "hours": "heatmap"}
_TITLES: dict[By, str] = {
    "days": N_("Cost and questions by day, {first} to {last}"),
    "members": N_("Cost and questions by member, {first} to {last}"),
    "hours": N_("Cost and questions by hour and weekday, {first} to {last}"),
}
_ALTS: dict[By, str] = {
    "days": N_(
        "A bar for each day from {first} to {last}, stacked by model: in all {questions}, {cost}. "
        "The dearest day is {column} with {most}."
    ),
    "members": N_(
        "A bar for each member, {first} to {last}: in all {questions}, {cost}. "
        "The dearest is {column} with {most}."
    ),
    "hours": N_(
        "A field for each hour and weekday (UTC), {first} to {last}: in all {questions}, {cost}. "
        "The dearest hour is {line} {column}:00 with {most}."
    ),
}
_WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))

_Key = TypeVar("_Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Span:
    """The days that a chart is about, both ends included."""

    first: dt.date
    last: dt.date


@dataclass(frozen=True, slots=True)
class Plot:
    """A chart, what it shows in words, and its figures; `people` is who the members in it are."""

    chart: Chart
    alt: str
    table: tuple[Row, ...]
    people: tuple[str, ...] = ()


def plot(by: By, found: Sequence[Bucket], span: Span, name: Callable[[str], str]) -> Plot:
    """Lay out sums that came dearest first, at least one; `name` names a model by its id."""
    match by:
        case "days":
            return _by_day(found, span, name)
        case "members":
            return _by_member(found, span)
        case "hours":
            return _by_hour(found, span)


def _by_day(found: Sequence[Bucket], span: Span, name: Callable[[str], str]) -> Plot:
    """A column a day, those without questions included; a line a model, the dearest first."""
    ids = list(_together(found, lambda bucket: bucket.line))
    names = {id_: cut(plain(name(id_)), _NAME) for id_ in ids}
    shown = ids if len(ids) <= MODELS else ids[: MODELS - 1]
    others = len(ids) - len(shown)
    rest = ngettext("{n} other model", "{n} other models", others).format(n=others)
    lines = [*(names[id_] for id_ in shown), *([rest] if others else [])]
    count = (span.last - span.first).days + 1
    days = [(span.first + dt.timedelta(days=at)).isoformat() for at in range(count)]
    grid = {id_: min(at, len(shown)) for at, id_ in enumerate(ids)}
    chart = _chart(
        "days",
        span,
        [day[5:] for day in days],
        lines,
        _panels(found, lambda b: (grid[b.line], days.index(b.column)), (len(lines), count)),
        _("Day (UTC)"),
    )
    ordered = sorted(found, key=lambda bucket: (bucket.column, grid[bucket.line]))
    rows = [(bucket.column, names[bucket.line], bucket) for bucket in ordered]
    alt = _alt("days", span, found, _together(found, lambda bucket: bucket.column))
    dearest = _("The dearest model is {model}.").format(model=names[ids[0]])
    return Plot(chart, cut(f"{alt} {dearest}", ALT_LIMIT), _table(_("Day"), _("Model"), rows))


def _by_member(found: Sequence[Bucket], span: Span) -> Plot:
    """A column a member, the dearest first; their names are in the message, not in the picture."""
    ids = [bucket.column for bucket in found]
    names = {id_: _("Member {n}").format(n=at) for at, id_ in enumerate(ids, 1)}
    names |= {id_: member(id_) for id_ in ids if id_ == str(DELETED)}
    shown = ids if len(ids) <= MEMBERS else ids[: MEMBERS - 1]
    others = len(ids) - len(shown)
    rest = ngettext("{n} other member", "{n} other members", others).format(n=others)
    columns = [*(names[id_] for id_ in shown), *([rest] if others else [])]
    grid = {id_: min(at, len(shown)) for at, id_ in enumerate(ids)}
    panels = _panels(found, lambda bucket: (0, grid[bucket.column]), (1, len(columns)))
    named = {names[bucket.column]: bucket for bucket in found}
    return Plot(
        _chart("members", span, columns, [""], panels, ""),
        _alt("members", span, found, named),
        _table(_("Member"), _("Id"), [(names[b.column], b.column, b) for b in found]),
        tuple(f"{names[id_]}: {member(id_)}" for id_ in shown if id_ != str(DELETED)),
    )


def _by_hour(found: Sequence[Bucket], span: Span) -> Plot:
    """A column an hour, a line a weekday."""
    weekdays = [_(weekday) for weekday in _WEEKDAYS]
    hours = [f"{hour:02}" for hour in range(24)]
    panels = _panels(found, lambda bucket: (int(bucket.line), int(bucket.column)), (7, 24))
    ordered = sorted(found, key=lambda bucket: (bucket.line, bucket.column))
    rows = [(weekdays[int(bucket.line)], bucket.column, bucket) for bucket in ordered]
    most = {found[0].column: found[0]}
    return Plot(
        _chart("hours", span, hours, weekdays, panels, _("Hour (UTC)")),
        _alt("hours", span, found, most, weekdays[int(found[0].line)]),
        _table(_("Weekday"), _("Hour (UTC)"), rows),
    )


def _together(found: Sequence[Bucket], key: Callable[[Bucket], _Key]) -> dict[_Key, Bucket]:
    """Add up what has the same key, the dearest first."""
    groups: defaultdict[_Key, list[Bucket]] = defaultdict(list)
    for bucket in found:
        groups[key(bucket)].append(bucket)
    sums = {name: _total(group) for name, group in groups.items()}
    dearest = sorted(sums, key=lambda name: (-sums[name].cost_nano_usd, -sums[name].questions))
    return {name: sums[name] for name in dearest}


def _total(found: Sequence[Bucket]) -> Bucket:
    return Bucket(
        column="",
        line="",
        questions=sum(bucket.questions for bucket in found),
        cost_nano_usd=sum(bucket.cost_nano_usd for bucket in found),
        unpriced=sum(bucket.unpriced for bucket in found),
    )


def _panels(
    found: Sequence[Bucket], place: Callable[[Bucket], tuple[int, int]], size: tuple[int, int]
) -> tuple[Panel, Panel]:
    """Put each sum into its line and column, once for money and once for questions."""
    lines, columns = size
    money = [[0] * columns for _line in range(lines)]
    asked = [[0] * columns for _line in range(lines)]
    for bucket in found:
        line, column = place(bucket)
        money[line][column] += bucket.cost_nano_usd
        asked[line][column] += bucket.questions
    dollars = tuple(tuple(nano / NANO for nano in row) for row in money)
    counts = tuple(tuple(map(float, row)) for row in asked)
    nothing = _("Free, or at unknown cost")
    return (
        Panel(_("Cost (USD)"), "usd", dollars, nothing),
        Panel(_("Questions"), "count", counts, ""),
    )


def _chart(
    by: By,
    span: Span,
    columns: Sequence[str],
    lines: Sequence[str],
    panels: tuple[Panel, Panel],
    label: str,
) -> Chart:
    title = _(_TITLES[by]).format(first=span.first, last=span.last)
    return Chart(_KINDS[by], title, tuple(columns), label, tuple(lines), panels)


def _alt(
    by: By, span: Span, found: Sequence[Bucket], columns: dict[str, Bucket], line: str = ""
) -> str:
    """Say what the chart shows; `columns` has the dearest first, in `line`."""
    total = _total(found)
    column, most = next(iter(columns.items()))
    return _(_ALTS[by]).format(
        first=span.first,
        last=span.last,
        questions=questions(total.questions),
        cost=cost(total.cost_nano_usd, total.unpriced),
        line=line,
        column=column,
        most=f"{questions(most.questions)}, {cost(most.cost_nano_usd, most.unpriced)}",
    )


def _table(first: str, second: str, rows: Sequence[tuple[str, str, Bucket]]) -> tuple[Row, ...]:
    head = (first, second, _("Questions"), _("Cost (USD)"), _("Of unknown cost"))
    return (
        head,
        *(
            (one, two, str(b.questions), exact_usd(b.cost_nano_usd), str(b.unpriced))
            for one, two, b in rows
        ),
    )
