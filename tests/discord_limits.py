"""What Discord refuses in a message or modal, said in words: an independent second reading."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

ROW, BUTTON, STRING_SELECT, TEXT_INPUT, LABEL = 1, 2, 3, 4, 18
ENTITY_SELECTS = {5: {"user"}, 6: {"role"}, 7: {"user", "role"}, 8: {"channel"}}
LINK = 5

Json = Mapping[str, Any]


def broken(payload: Json) -> list[str]:
    """Name every limit that a message or a modal (it has a title) breaks."""
    found = _modal(payload) if "title" in payload else _message(payload)
    return [*found, *_repeated("custom_id", _custom_ids(payload.get("components") or ()))]


def _message(payload: Json) -> Iterator[str]:
    yield from _length("content", payload.get("content"), 0, 2000)
    rows = payload.get("components") or ()
    yield from _count("rows", rows, 0, 5)
    for row in rows:
        if row["type"] != ROW:
            yield f"{row['type']} is no row"
        else:
            yield from _row(row["components"])


def _row(items: Sequence[Json]) -> Iterator[str]:
    width = sum(1 if item["type"] == BUTTON else 5 for item in items)
    if not 1 <= width <= 5:
        yield f"a row is {width} wide"
    for item in items:
        if item["type"] == BUTTON:
            yield from _button(item)
        elif item["type"] == STRING_SELECT or item["type"] in ENTITY_SELECTS:
            yield from _select(item)
        else:
            yield f"{item['type']} can't stand in a row"


def _button(button: Json) -> Iterator[str]:
    yield from _length("button label", button.get("label"), 1, 80)
    if button.get("style") == LINK:
        yield from _length("button url", button.get("url"), 1, 512)
    else:
        yield from _length("custom_id", button.get("custom_id"), 1, 100)


def _select(select: Json) -> Iterator[str]:
    yield from _length("custom_id", select.get("custom_id"), 1, 100)
    yield from _length("placeholder", select.get("placeholder"), 1, 150)
    low, high = select.get("min_values", 1), select.get("max_values", 1)
    if not (0 <= low <= 25 and 1 <= high <= 25 and low <= high):
        yield f"{low} to {high} values"
    if select["type"] == STRING_SELECT:
        yield from _options(select.get("options") or (), low, high)
    else:
        yield from _defaults(select, low, high)


def _options(options: Sequence[Json], low: int, high: int) -> Iterator[str]:
    yield from _count("options", options, 1, 25)
    if high > len(options):
        yield f"{high} of {len(options)} options"
    for option in options:
        yield from _length("option label", option.get("label"), 1, 100)
        yield from _length("option value", option.get("value"), 1, 100)
        yield from _length("option description", option.get("description") or "-", 1, 100)
    yield from _repeated("option value", [option.get("value") for option in options])
    chosen = sum(bool(option.get("default")) for option in options)
    if chosen > high or 0 < chosen < low:
        yield f"{chosen} options chosen, {low} to {high} may be"


def _defaults(select: Json, low: int, high: int) -> Iterator[str]:
    defaults = select.get("default_values") or ()
    if defaults and not low <= len(defaults) <= high:
        yield f"{len(defaults)} default values, {low} to {high} may be"
    for default in defaults:
        if default["type"] not in ENTITY_SELECTS[select["type"]]:
            yield f"a {default['type']} in a select of type {select['type']}"
    yield from _repeated("default value", [(each["type"], str(each["id"])) for each in defaults])


def _modal(modal: Json) -> Iterator[str]:
    yield from _length("title", modal.get("title"), 1, 45)
    yield from _length("custom_id", modal.get("custom_id"), 1, 100)
    labels = modal.get("components") or ()
    yield from _count("components", labels, 1, 5)
    for label in labels:
        if label["type"] != LABEL:
            yield f"{label['type']} is no label"
            continue
        yield from _length("label", label.get("label"), 1, 45)
        yield from _length("label description", label.get("description") or "-", 1, 100)
        item = label["component"]
        yield from _input(item) if item["type"] == TEXT_INPUT else _select(item)


def _input(item: Json) -> Iterator[str]:
    yield from _length("custom_id", item.get("custom_id"), 1, 100)
    yield from _length("text placeholder", item.get("placeholder") or "-", 1, 100)
    most = item.get("max_length") or 4000
    least = item.get("min_length") or 0
    if not 0 <= least <= most <= 4000:
        yield f"{least} to {most} characters"
    yield from _length("text value", item.get("value") or "", 0, most)


def _length(what: str, text: str | None, low: int, high: int) -> Iterator[str]:
    if not low <= len(text or "") <= high:
        yield f"{what}: {len(text or '')} characters, {low} to {high} may be: {text!r:.60}"


def _count(what: str, items: Sequence[Any], low: int, high: int) -> Iterator[str]:
    if not low <= len(items) <= high:
        yield f"{what}: {len(items)}, {low} to {high} may be"


def _custom_ids(components: Sequence[Json]) -> list[str]:
    found: list[str] = []
    for each in components:
        inner = [each["component"]] if "component" in each else each.get("components") or ()
        found += [each["custom_id"]] if "custom_id" in each else []
        found += _custom_ids(inner)
    return found


def _repeated(what: str, values: Sequence[Any]) -> list[str]:
    return [f"{what} {value!r} twice" for value in dict.fromkeys(values) if values.count(value) > 1]
