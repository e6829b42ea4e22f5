"""What the lists say, laid over the shipped catalog, and what two lists in a row make of it."""

import dataclasses
import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from bot.catalog.catalog import Catalog
from bot.catalog.discovered import OWN_LIST, Discovered, Listed
from bot.catalog.loader import load
from bot.discovery.merging import merged
from bot.discovery.telling import changes
from bot.errors import ModelUnavailable

NOON = dt.datetime(2026, 8, 1, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)

ACME = """
[provider]
id = "acme"
label = "Acme"
company = "Acme Inc."
base_url = "https://acme.invalid/v1"
needs_key = false
discovery = "aimlapi"

[defaults]
checked = 2026-01-01
source = "written for a test"

[[models]]
name = "acme/sun-1"
label = "Sun 1"
aliases = ["sun-1"]
context_tokens = 1000
transport = "url"
price = { input = 1, output = 2, checked = 2026-01-01, source = "a page" }
successor = "acme/acme/moon-1"

[[models]]
name = "acme/moon-1"
label = "Moon 1"
dialect = "anthropic_parts"
temperature = false

[[models]]
name = "acme/old"
label = "Old"
retired = 2026-02-03
"""


@pytest.fixture
def shipped(tmp_path: Path) -> Catalog:
    (tmp_path / "acme.toml").write_text(ACME, "utf-8")
    return dataclasses.replace(load({}, tmp_path), today=lambda: NOON.date())


def kept(known: list[Discovered], shipped: Catalog, now: dt.datetime, *listed: Listed):
    """Give everything known after one more list."""
    living = [m for m in shipped.models.values() if m.provider.id == "acme" and not m.retired]
    news = merged("acme", known, listed, living, now)
    return list(({row.name: row for row in known} | {row.name: row for row in news}).values())


SUN = Listed(name="acme/sun-1", sees=True, chat=True)
MOON = Listed(name="acme/moon-1", sees=True, chat=True)


def test_a_listed_price_context_and_end_win_and_say_where_they_are_from(shipped: Catalog) -> None:
    end = dt.date(2026, 12, 1)
    listed = dataclasses.replace(
        SUN, context_tokens=5, input_usd=Decimal(3), output_usd=Decimal(4), shutdown=end
    )
    model = shipped.with_discovered(kept([], shipped, NOON, listed, MOON)).models["acme/acme/sun-1"]
    assert model.price is not None
    assert (model.price.input, model.price.output) == (3, 4)
    assert (model.price.source, model.price.checked) == (OWN_LIST, NOON.date())
    assert (model.context_tokens, model.shutdown, model.listed) == (5, end, NOON.date())
    assert model.from_list == {"price", "context_tokens", "shutdown"}


def test_what_a_list_does_not_tell_stays_as_it_ships(shipped: Catalog) -> None:
    after = shipped.with_discovered(kept([], shipped, NOON, SUN, MOON))
    sun, was = after.models["acme/acme/sun-1"], shipped.models["acme/acme/sun-1"]
    assert (sun.price, sun.context_tokens, sun.from_list) == (was.price, 1000, frozenset())


def test_a_model_is_found_under_its_alias_and_in_any_case(shipped: Catalog) -> None:
    listed = Listed(name="other/name", aliases=("SUN-1",), context_tokens=7, sees=True)
    after = shipped.with_discovered(kept([], shipped, NOON, listed, MOON))
    assert after.models["acme/acme/sun-1"].context_tokens == 7
    assert "acme/other/name" not in after.models


def test_a_new_model_that_sees_is_there_unproven_and_asked_like_its_family(
    shipped: Catalog,
) -> None:
    new = Listed(name="acme/moon-2", label="Moon 2", sees=True, chat=True, aliases=("moon-2",))
    after = shipped.with_discovered(kept([], shipped, NOON, SUN, MOON, new))
    model = after.resolve("acme/moon-2")
    assert model.id == "acme/acme/moon-2"
    assert (model.label, model.proven, model.found) == ("Moon 2", False, NOON.date())
    assert (model.dialect, model.temperature, model.price) == ("anthropic_parts", False, None)
    assert list(after.models) == [*shipped.models, model.id]


def test_a_new_model_of_no_known_family_gets_the_safer_values(shipped: Catalog) -> None:
    new = Listed(name="zenith/x", sees=True, chat=True)
    model = shipped.with_discovered(kept([], shipped, NOON, SUN, MOON, new)).models["acme/zenith/x"]
    assert (model.transport, model.dialect, model.context_tokens) == ("inline", "openai", None)


@pytest.mark.parametrize(
    "blind",
    [
        Listed(name="n", sees=False, chat=True),
        Listed(name="n", sees=None, chat=True),
        Listed(name="n", sees=True, chat=False),
    ],
)
def test_what_does_not_see_or_chat_is_not_added(shipped: Catalog, blind: Listed) -> None:
    after = shipped.with_discovered(kept([], shipped, NOON, SUN, MOON, blind))
    assert list(after.models) == list(shipped.models)


def test_a_new_guard_answers_no_questions(shipped: Catalog) -> None:
    new = Listed(name="meta/Llama-Guard-9", sees=True, chat=True)
    after = shipped.with_discovered(kept([], shipped, NOON, SUN, MOON, new))
    with pytest.raises(ModelUnavailable, match="guard"):
        after.resolve("acme/meta/Llama-Guard-9")


def test_a_model_missing_from_one_list_lives_on(shipped: Catalog) -> None:
    known = kept([], shipped, NOON, SUN, MOON)
    known = kept(known, shipped, NOON + DAY, MOON)
    assert shipped.with_discovered(known).resolve("acme/acme/sun-1")


def test_a_model_missing_from_two_lists_in_a_row_is_refused_with_day_and_successor(
    shipped: Catalog,
) -> None:
    known = kept([], shipped, NOON, SUN, MOON)
    known = kept(known, shipped, NOON + DAY, MOON)
    known = kept(known, shipped, NOON + 2 * DAY, MOON)
    later = dataclasses.replace(shipped, today=lambda: (NOON + 2 * DAY).date())
    with pytest.raises(ModelUnavailable, match=r"since 2026-08-02.*acme/acme/moon-1"):
        later.with_discovered(known).resolve("acme/acme/sun-1")


def test_a_shipped_model_that_no_list_ever_named_is_gone_after_two(shipped: Catalog) -> None:
    known = kept([], shipped, NOON, MOON)
    assert shipped.with_discovered(known).models["acme/acme/sun-1"].retired is None
    known = kept(known, shipped, NOON + DAY, MOON)
    assert shipped.with_discovered(known).models["acme/acme/sun-1"].retired == NOON.date()
    assert "acme/acme/sun-1" in shipped.with_discovered(known).models


def test_two_misses_with_the_model_between_them_are_not_two_in_a_row(shipped: Catalog) -> None:
    known = kept([], shipped, NOON, MOON)
    known = kept(known, shipped, NOON + DAY, SUN, MOON)
    known = kept(known, shipped, NOON + 2 * DAY, MOON)
    assert shipped.with_discovered(known).models["acme/acme/sun-1"].retired is None


def test_a_model_that_comes_back_can_be_asked_again(shipped: Catalog) -> None:
    known = kept([], shipped, NOON, MOON)
    known = kept(known, shipped, NOON + DAY, MOON)
    gone = shipped.with_discovered(known)
    known = kept(known, shipped, NOON + 2 * DAY, SUN, MOON)
    after = shipped.with_discovered(known)
    assert after.resolve("acme/acme/sun-1")
    assert changes(gone, after) == ["back: acme/acme/sun-1 is on the list again"]


def test_a_found_model_that_goes_keeps_its_row_and_says_since_when(shipped: Catalog) -> None:
    new = Listed(name="acme/moon-2", sees=True, chat=True)
    known = kept([], shipped, NOON, SUN, MOON, new)
    known = kept(known, shipped, NOON + DAY, SUN, MOON)
    known = kept(known, shipped, NOON + 2 * DAY, SUN, MOON)
    later = dataclasses.replace(shipped, today=lambda: (NOON + 2 * DAY).date())
    with pytest.raises(ModelUnavailable, match="missing from its provider's list since 2026-08-02"):
        later.with_discovered(known).resolve("acme/acme/moon-2")


def test_what_ships_as_retired_stays_so(shipped: Catalog) -> None:
    listed = Listed(name="acme/old", sees=True, chat=True)
    after = shipped.with_discovered(kept([], shipped, NOON, SUN, MOON, listed))
    assert after.models["acme/acme/old"].retired == dt.date(2026, 2, 3)


def test_a_changed_price_keeps_what_it_was_and_when_it_changed(shipped: Catalog) -> None:
    cheap = dataclasses.replace(SUN, input_usd=Decimal(1), output_usd=Decimal(2))
    dear = dataclasses.replace(SUN, input_usd=Decimal(5), output_usd=Decimal(2))
    known = kept([], shipped, NOON, cheap, MOON)
    known = kept(known, shipped, NOON + DAY, dear, MOON)
    (row,) = [row for row in known if row.name == SUN.name]
    assert (row.was_input_usd, row.input_usd, row.changed_at) == (1, 5, NOON + DAY)
    assert row.first_seen == NOON


def test_the_lines_tell_what_is_new_gone_dearer_longer_and_ending(shipped: Catalog) -> None:
    listed = dataclasses.replace(
        SUN,
        context_tokens=2000,
        input_usd=Decimal("1.5"),
        output_usd=Decimal(2),
        shutdown=dt.date(2027, 1, 1),
    )
    new = Listed(name="acme/moon-2", sees=True, chat=True)
    known = kept([], shipped, NOON, listed, new)
    known = kept(known, shipped, NOON + DAY, listed, new)
    assert changes(shipped, shipped.with_discovered(known)) == [
        "price: acme/acme/sun-1 is $1.5 in, $2 out; it was $1 in, $2 out",
        "context: acme/acme/sun-1 takes 2,000 tokens; it was 1,000",
        "ends: acme/acme/sun-1 shuts down on 2027-01-01",
        "gone: acme/acme/moon-1, missing since 2026-08-01",
        "new: acme/acme/moon-2 (price unknown)",
    ]


def test_two_looks_in_the_same_hour_make_nothing_gone(shipped: Catalog) -> None:
    missed = kept([], shipped, NOON, MOON)
    soon = kept(missed, shipped, NOON + dt.timedelta(minutes=1), MOON)
    later = kept(soon, shipped, NOON + dt.timedelta(hours=1), MOON)
    assert shipped.with_discovered(soon).models["acme/acme/sun-1"].retired is None
    assert shipped.with_discovered(later).models["acme/acme/sun-1"].retired == NOON.date()
