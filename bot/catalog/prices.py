"""What an answer costs: the provider's own figure, else tokens times the listed price."""

from collections.abc import Sequence
from decimal import Decimal
from math import ceil, floor, sqrt

from bot.catalog.types import NANO, ImageTokens, Model, Price
from bot.i18n import _
from bot.provider.types import Completion, ImagePart
from bot.types import CostSource, Usage

UNKNOWN_CEILING = 50_000_000
"""Nano-USD reserved for a question whose price nobody knows: $0.05, never nothing."""

_PER_TOKEN = NANO // 1_000_000  # USD per million tokens -> nano-USD per token
_CHARS_PER_TOKEN = 3  # English has about four, other scripts fewer: the estimate errs upwards
_MOST = 1_000 * NANO  # no answer costs more; a figure beyond it is a provider's mistake
_MOST_PIXELS = 40_000_000  # larger pictures are refused
_LONGEST_EDGE = 65_535  # pixels; no JPEG is longer


def cost(
    model: Model, completion: Completion, images: Sequence[ImagePart], prompt_chars: int
) -> Usage:
    """Give tokens as reported and the cost in nano-USD as well as it can be known."""
    nano, source = _cost(model, completion, images, prompt_chars)
    return Usage(completion.input_tokens, completion.output_tokens, nano, source)


def worst_case_nano_usd(model: Model, images: int, prompt_chars: int) -> int:
    """Give the most that one request can cost, in nano-USD; a fixed ceiling without a price."""
    if model.price is None:
        return UNKNOWN_CEILING
    tokens = _text_tokens(prompt_chars) + images * _most_picture_tokens(model.image_tokens)
    return _times_price(model.price, tokens, model.max_output_tokens)


def usd(nano: int) -> str:
    """Give an amount as people read it: `$1.25`, `$0.50`, `$0.0123`, `$0.00045`, `free`."""
    if nano <= 0:
        return _("free")
    if nano >= NANO:
        return f"${nano / NANO:,.2f}"
    if nano >= NANO // 100:
        return f"${nano / NANO:.4f}".removesuffix("00")
    return f"${Decimal(f'{Decimal(nano) / NANO:.1e}'):f}"


def _cost(
    model: Model, completion: Completion, images: Sequence[ImagePart], prompt_chars: int
) -> tuple[int | None, CostSource]:
    if completion.cost_usd is not None:
        return _clamped(completion.cost_usd * NANO), CostSource.PROVIDER
    if model.price is None:
        return None, CostSource.UNKNOWN
    if not model.price.input and not model.price.output:
        return 0, CostSource.FREE
    read = completion.input_tokens
    if read is None:
        pictures = (_part_tokens(model.image_tokens, part) for part in images)
        read = _text_tokens(prompt_chars) + sum(pictures)
    written = completion.output_tokens
    if written is None:
        written = _text_tokens(len(completion.text))
    return _times_price(model.price, read, written), CostSource.ESTIMATE


def _times_price(price: Price, read: int, written: int) -> int:
    return _clamped((price.input * read + price.output * written) * _PER_TOKEN)


def _clamped(nano: Decimal) -> int:
    return min(max(0, ceil(nano)), _MOST)


def _text_tokens(characters: int) -> int:
    return ceil(characters / _CHARS_PER_TOKEN)


def _part_tokens(rule: ImageTokens, part: ImagePart) -> int:
    if part.width is None or part.height is None:
        return _most_picture_tokens(rule)
    return _picture_tokens(rule, part.width, part.height)


def _picture_tokens(rule: ImageTokens, width: int, height: int) -> int:
    match rule.rule:
        case "fixed":
            return rule.base
        case "tiles":
            wide, high = _fitted(width, height, rule)
            return rule.base + rule.per * _squares(wide / rule.size, high / rule.size)
        case "patches":
            return ceil(_patches(width / rule.size, height / rule.size, rule.cap) * rule.factor)
        case "pixels":
            tokens = ceil(width * height / rule.size)
            return min(tokens, rule.cap or tokens)


def _most_picture_tokens(rule: ImageTokens) -> int:
    """Give what a picture of the worst size costs, whatever its sides are."""
    match rule.rule:
        case "fixed":
            return rule.base
        case "tiles":
            return rule.base + rule.per * _most_squares(rule.size, rule.fit, rule.short)
        case "patches":
            patches = rule.cap or _most_squares(rule.size, _LONGEST_EDGE, _LONGEST_EDGE)
            return ceil(patches * rule.factor)
        case "pixels":
            return rule.cap or ceil(_MOST_PIXELS / rule.size)


def _most_squares(side: int, longest: int, shortest: int) -> int:
    """Bound how many squares a picture within these edges touches: as if each row and column of
    them had one that is barely touched."""
    area = min(longest * shortest, _MOST_PIXELS)
    touched = area / side**2 + (longest + area / longest) / side + 1
    return min(ceil(longest / side) * ceil(shortest / side), floor(touched))


def _patches(wide: float, high: float, cap: int | None) -> int:
    """Count patches; a picture with more than `cap` shrinks until whole ones fill a side."""
    if cap is None or _squares(wide, high) <= cap:
        return _squares(wide, high)
    scale = sqrt(cap / (wide * high))
    scale *= min(max(1, floor(edge * scale)) / (edge * scale) for edge in (wide, high))
    return min(cap, _squares(wide * scale, high * scale))


def _squares(wide: float, high: float) -> int:
    """Count begun squares; what shrank to a whole number of them has no more than that."""
    return ceil(round(wide, 6)) * ceil(round(high, 6))


def _fitted(width: int, height: int, rule: ImageTokens) -> tuple[float, float]:
    """Shrink into the square, then to the short side; never enlarge."""
    scale = min(1.0, rule.fit / max(width, height, 1))
    scale = min(scale, rule.short / max(min(width, height), 1))
    return width * scale, height * scale
