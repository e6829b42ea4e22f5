"""From tokens and pictures to money."""

import datetime as dt
from decimal import Decimal

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.catalog.loader import load
from bot.catalog.prices import cost, usd, worst_case_nano_usd
from bot.catalog.types import ImageTokens, Model, Price
from bot.provider.types import Completion, ImagePart
from bot.types import CostSource, Finish, Usage

DAY = dt.date(2026, 11, 22)
GPT = load({}).models["openai/gpt-4o"]


def model(price: tuple[str, str] | None = ("2.5", "10"), **changes: object) -> Model:
    known = price and Price(
        input=Decimal(price[0]), output=Decimal(price[1]), checked=DAY, source="a test"
    )
    return msgspec.structs.replace(GPT, price=known, **changes)


def said(**facts: object) -> Completion:
    return Completion(text="x" * 30, finish=Finish.STOP, **facts)  # type: ignore[arg-type]  # by field


def test_the_providers_own_figure_wins() -> None:
    whole = said(input_tokens=1000, output_tokens=100, cost_usd=Decimal("0.0071955"))
    expected = Usage(1000, 100, 7_195_500, CostSource.PROVIDER)
    assert cost(model(), whole, (), 0) == expected
    assert cost(model(None), whole, (), 0) == expected


def test_tokens_times_the_listed_price() -> None:
    whole = said(input_tokens=1000, output_tokens=100)
    assert cost(model(), whole, (), 0) == Usage(1000, 100, 3_500_000, CostSource.ESTIMATE)


def test_tokens_that_nobody_reported_are_estimated_but_not_written_down_as_told() -> None:
    picture = ImagePart(url="https://x/y.png", width=1024, height=1024)
    used = cost(model(), said(), (picture,), 300)
    assert used == Usage(None, None, (100 + 765) * 2500 + 10 * 10_000, CostSource.ESTIMATE)


def test_an_unknown_price_is_unknown_and_never_free() -> None:
    whole = said(input_tokens=1000, output_tokens=100)
    assert cost(model(None), whole, (), 0) == Usage(1000, 100, None, CostSource.UNKNOWN)
    assert worst_case_nano_usd(model(None), 1, 100) == 50_000_000


def test_a_price_of_zero_is_free() -> None:
    free = model(("0", "0"))
    assert cost(free, said(input_tokens=5), (), 0) == Usage(5, None, 0, CostSource.FREE)
    assert worst_case_nano_usd(free, 4, 100) == 0


def test_an_absurd_cost_is_cut_down_to_what_is_possible() -> None:
    whole = said(cost_usd=Decimal("1e30"))
    assert cost(model(), whole, (), 0).cost_nano_usd == 1_000_000_000_000


@pytest.mark.parametrize(
    ("rule", "size", "tokens"),
    [
        (ImageTokens(rule="fixed", base=256), (5000, 5000), 256),
        (ImageTokens(rule="tiles", base=85, per=170), (1024, 1024), 765),
        (ImageTokens(rule="tiles", base=85, per=170), (2048, 4096), 1105),
        (ImageTokens(rule="tiles", base=85, per=170), (10, 10), 255),
        (ImageTokens(rule="tiles", base=256, per=256, short=1536), (2677, 2677), 2560),
        (ImageTokens(rule="patches", size=32, cap=1536), (1024, 1024), 1024),
        (
            ImageTokens(rule="patches", size=32, cap=1536, factor=Decimal("1.62")),
            (4000, 4000),
            2465,
        ),
        (ImageTokens(rule="patches", size=32, cap=1536), (1800, 2400), 1452),
        (ImageTokens(rule="patches", size=32, cap=1536), (60_000, 64), 938),
        (ImageTokens(rule="pixels", size=750, cap=1600), (1000, 750), 1000),
        (ImageTokens(rule="pixels", size=750, cap=1600), (8000, 8000), 1600),
    ],
)
def test_pictures_cost_tokens_by_their_models_rule(
    rule: ImageTokens, size: tuple[int, int], tokens: int
) -> None:
    picture = ImagePart(width=size[0], height=size[1])
    one_dollar_a_token = model(("1", "0"), image_tokens=rule)
    assert cost(one_dollar_a_token, said(), (picture,), 0).cost_nano_usd == tokens * 1000


RULES = {m.image_tokens for m in load({}).models.values()} | {
    ImageTokens(rule="patches", size=32),
    ImageTokens(rule="pixels", size=1024),
    ImageTokens(rule="tiles", per=170),
}


@pytest.mark.parametrize("rule", sorted(RULES, key=repr), ids=repr)
@given(st.integers(1, 65_535), st.integers(1, 65_535))
@example(2048, 700)
@example(20_000, 2_000)
def test_no_picture_costs_more_than_the_worst_case(
    rule: ImageTokens, width: int, height: int
) -> None:
    height = min(height, max(1, 40_000_000 // width))
    picky = model(image_tokens=rule)
    worst = worst_case_nano_usd(picky, 2, 500)
    for size in ((width, height), (None, None)):
        picture = ImagePart(width=size[0], height=size[1])
        whole = said(output_tokens=picky.max_output_tokens)
        spent = cost(picky, whole, (picture, picture), 500).cost_nano_usd
        assert spent is not None
        assert spent <= worst


@pytest.mark.parametrize(
    ("nano", "text"),
    [
        (0, "free"),
        (1, "$0.0000000010"),
        (999, "$0.0000010"),
        (450_000, "$0.00045"),
        (9_999_999, "$0.010"),
        (12_345_678, "$0.0123"),
        (500_000_000, "$0.50"),
        (999_999_999, "$1.00"),
        (1_250_000_000, "$1.25"),
        (1_234_500_000_000, "$1,234.50"),
    ],
)
def test_amounts_are_written_as_people_read_them(nano: int, text: str) -> None:
    assert usd(nano) == text
