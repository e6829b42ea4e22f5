import itertools

import pytest
from matplotlib.colors import to_rgb

from bot.charts.drawing import (
    COLOURS,
    FAINT,
    GROUND,
    HATCHES,
    INK,
    contrast,
    ink_on,
    written,
)
from cogs._usage.plotting import MODELS


@pytest.mark.parametrize("ink", [INK, FAINT])
def test_words_can_be_read_on_their_ground(ink: str) -> None:
    assert contrast(to_rgb(ink), to_rgb(GROUND)) >= 4.5


def test_bars_stand_out_from_the_ground_by_their_edge() -> None:
    assert contrast(to_rgb(INK), to_rgb(GROUND)) >= 3


@pytest.mark.parametrize("colour", list(itertools.product((0, 0.25, 0.5, 0.75, 1), repeat=3)))
def test_numbers_can_be_read_on_any_field(colour: tuple[float, float, float]) -> None:
    assert contrast(to_rgb(ink_on(colour)), colour) >= 4.5


def test_contrast_is_what_wcag_says() -> None:
    assert contrast((0, 0, 0), (1, 1, 1)) == pytest.approx(21)
    assert contrast(to_rgb("#777777"), (1, 1, 1)) == pytest.approx(4.48, abs=0.01)


def test_models_differ_in_colour_and_in_hatch() -> None:
    assert len(set(COLOURS)) == len(set(HATCHES)) == len(COLOURS) == MODELS


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "$0.00"), (0.08, "$0.08"), (0.5, "$0.50"), (0.000032, "$0.000032"), (1234.5, "$1,234.50")],
)
def test_money_on_an_axis_has_no_more_decimals_than_it_needs(value: float, text: str) -> None:
    assert written(value, "usd") == text


def test_questions_are_whole() -> None:
    assert written(12345, "count") == "12,345"
