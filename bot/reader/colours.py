"""The colours that a picture mostly has, by name."""

import colorsys
from collections import Counter

from PIL import Image

from bot.i18n import N_

NAMES = (
    N_("white"),
    N_("grey"),
    N_("black"),
    N_("red"),
    N_("orange"),
    N_("yellow"),
    N_("green"),
    N_("blue"),
    N_("purple"),
    N_("pink"),
    N_("brown"),
)
_HUES = (  # up to which hue, in degrees, a colour has this name
    (15, "red"),
    (42, "orange"),
    (68, "yellow"),
    (170, "green"),
    (255, "blue"),
    (290, "purple"),
    (340, "pink"),
    (360, "red"),
)
_MOST = 3
_SMALLEST_SHARE = 0.12


def dominant(image: Image.Image) -> tuple[str, ...]:
    """Give at most three of NAMES, the commonest first, each on an eighth of it or more."""
    small = image.convert("RGB").resize((64, 64), Image.Resampling.BOX).quantize(12).convert("RGB")
    shares: Counter[str] = Counter()
    for count, colour in small.getcolors() or ():
        if isinstance(colour, tuple):
            shares[name(colour[0], colour[1], colour[2])] += count
    total = shares.total()
    common = shares.most_common(_MOST)
    return tuple(colour for colour, count in common if count >= _SMALLEST_SHARE * total)


def name(red: int, green: int, blue: int) -> str:
    """Give the name of a colour whose parts go from 0 to 255."""
    hue, lightness, saturation = colorsys.rgb_to_hls(red / 255, green / 255, blue / 255)
    chroma = max(red, green, blue) - min(red, green, blue)
    if lightness > 0.9:
        return "white"
    if lightness < 0.12:
        return "black"
    if chroma < 28 or saturation < 0.12:
        return "grey"
    degrees = hue * 360
    if 10 <= degrees <= 50 and lightness < 0.4:
        return "brown"
    return next(colour for limit, colour in _HUES if degrees <= limit)
