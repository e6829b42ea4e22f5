import math

import pytest

from bot.reader.layout import Place, in_reading_order, is_legible


def place(
    text: str, left: float, top: float, *, width: float | None = None, height: float = 20
) -> Place:
    right = left + (len(text) * height * 0.5 if width is None else width)
    bottom = top + height
    return Place(((left, top), (right, top), (right, bottom), (left, bottom)), text, 0.99)


def turned(one: Place, degrees: float) -> Place:
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    first, second, third, fourth = (
        (x * cosine - y * sine, x * sine + y * cosine) for x, y in one.corners
    )
    return Place((first, second, third, fourth), one.text, one.score)


RECEIPT = [
    place("Total", 10, 130),
    place("9.40", 400, 128),
    place("Espresso", 10, 40),
    place("7.50", 402, 43),
    place("BAKERY", 180, 10),
    place("Sourdough loaf", 10, 70),
    place("4.80", 401, 68),
]
READ = ("BAKERY", "Espresso   7.50", "Sourdough loaf   4.80", "", "Total   9.40")


def test_prices_stand_on_their_items_line_and_paragraphs_apart() -> None:
    assert in_reading_order(RECEIPT) == READ


@pytest.mark.parametrize("degrees", [-8, -3, 3, 8])
def test_a_crooked_photograph_reads_the_same(degrees: float) -> None:
    assert in_reading_order([turned(one, degrees) for one in RECEIPT]) == READ


def test_words_close_to_each_other_are_one_space_apart() -> None:
    assert in_reading_order([place("world", 65, 11), place("hello", 10, 10)]) == ("hello world",)


def test_columns_of_prose_come_one_after_the_other() -> None:
    left = [place(f"left column line {at}", 10, 10 + 26 * at) for at in range(4)]
    right = [place(f"right column line {at}", 300, 12 + 26 * at) for at in range(4)]
    mixed = [one for pair in zip(right, left, strict=True) for one in pair]
    assert in_reading_order(mixed) == (
        *(f"left column line {at}" for at in range(4)),
        "",
        *(f"right column line {at}" for at in range(4)),
    )


def test_nothing_found_is_no_line() -> None:
    assert in_reading_order([]) == ()


@pytest.mark.parametrize(
    ("text", "width", "score"),
    [
        ("CORNER BAKERY", 292, 1.0),
        ("größe café żółć", 280, 0.95),
        ("9", 18, 0.99),
        ("合計 450 円", 260, 0.98),
        ("いらっしゃいませ", 300, 0.97),
        ("S A L E", 250, 0.99),
        ("2 x Crolssant", 120, 0.82),
        ("R = 5 Ω", 90, 0.97),
    ],
)
def test_latin_chinese_and_japanese_are_legible(text: str, width: float, score: float) -> None:
    assert is_legible(Place(((0, 0), (width, 0), (width, 36), (0, 36)), text, score))


@pytest.mark.parametrize(
    ("text", "width", "score"),
    [
        (",  ?", 340, 0.935),  # Привет, как дела?
        ("  45 ", 289, 0.99),  # Хлеб 45 рублей
        ("", 300, 0.0),
        ("Kαλημρα κσμε", 290, 0.803),
        ("071V D170", 193, 0.666),  # Hebrew
        ("huu  jun", 311, 0.759),  # Armenian
    ],
)
def test_what_the_model_makes_of_other_scripts_is_not(
    text: str, width: float, score: float
) -> None:
    assert not is_legible(Place(((0, 0), (width, 0), (width, 41), (0, 41)), text, score))
