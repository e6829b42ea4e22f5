import pytest
from PIL import Image

from bot.reader.colours import NAMES, dominant, name


@pytest.mark.parametrize(
    ("colour", "meant"),
    [
        ((255, 255, 255), "white"),
        ((245, 242, 235), "white"),
        ((0, 0, 0), "black"),
        ((20, 18, 22), "black"),
        ((128, 128, 128), "grey"),
        ((220, 20, 30), "red"),
        ((255, 140, 0), "orange"),
        ((250, 220, 40), "yellow"),
        ((40, 160, 60), "green"),
        ((40, 90, 200), "blue"),
        ((0, 180, 220), "blue"),
        ((130, 50, 190), "purple"),
        ((240, 80, 170), "pink"),
        ((120, 80, 45), "brown"),
    ],
)
def test_a_colour_gets_the_name_people_give_it(colour: tuple[int, int, int], meant: str) -> None:
    assert name(*colour) == meant


def test_every_colour_has_one_of_the_names() -> None:
    steps = range(0, 256, 15)
    assert {name(r, g, b) for r in steps for g in steps for b in steps} == set(NAMES)


def test_the_commonest_colour_comes_first_and_a_speck_is_not_named() -> None:
    image = Image.new("RGB", (100, 100), "white")
    image.paste((200, 20, 20), (0, 0, 100, 30))
    image.paste((20, 20, 200), (0, 0, 5, 5))
    assert dominant(image) == ("white", "red")
