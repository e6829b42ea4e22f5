"""Amounts in USD as people write them."""

import pytest

from bot.errors import Refused
from bot.money import dollars, parse_usd


@pytest.mark.parametrize(
    ("text", "nano"),
    [
        ("5", 5_000_000_000),
        ("0.50", 500_000_000),
        (" $1 ", 1_000_000_000),
        ("2.5 USD", 2_500_000_000),
        (".25", 250_000_000),
        ("0", 0),
        ("0.000000001", 1),
        ("1000000", 1_000_000_000_000_000),
        ("none", None),
        ("Off", None),
    ],
)
def test_an_amount_is_read_to_the_nano_dollar(text: str, nano: int | None) -> None:
    assert parse_usd(text) == nano


@pytest.mark.parametrize(
    "text", ["", "five", "-1", "1e3", "1,5", "5€", "1.0000000001", "1000000.01", "٥", "NaN", "1."]
)
def test_what_is_no_amount_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(Refused, match=r"like 5 or 0\.50"):
        parse_usd(text)


@pytest.mark.parametrize(
    ("nano", "text"),
    [
        (0, "$0"),
        (5_000_000_000, "$5"),
        (500_000_000, "$0.50"),
        (100_000_000_000, "$100"),
        (1_234_560_000_000, "$1,234.56"),
        (125_000, "$0.000125"),
        (1_000_000_000_000_000, "$1,000,000"),
    ],
)
def test_an_amount_is_shown_exactly(nano: int, text: str) -> None:
    assert dollars(nano) == text
    assert parse_usd(text.replace(",", "")) == nano
