"""Money as people write it: USD in, integer nano-USD out, and back."""

import re
from decimal import Decimal

from bot.catalog.prices import usd
from bot.choices import USD_MAX
from bot.errors import Refused
from bot.i18n import _

NANO = 1_000_000_000

_NOTHING = ("none", "off")
_AMOUNT = re.compile(r"\$?\s*(\d{1,9}(?:\.\d{1,9})?|\.\d{1,9})\s*(?:\$|usd)?", re.IGNORECASE)


def parse_usd(text: str) -> int | None:
    """Give an amount like “5” or “$0.50” in nano-USD, None for “none” or “off”.

    Raises Refused with what to write."""
    word = text.strip()
    if word.lower() in _NOTHING:
        return None
    # ASCII only: \d and int() would take digits of other scripts that nobody can read back.
    match = _AMOUNT.fullmatch(word) if word.isascii() else None
    nano = int(Decimal(match[1]) * NANO) if match else None
    if nano is None or nano > USD_MAX * NANO:
        raise Refused(
            _(
                "That is no amount I understand. Write US dollars like 5 or 0.50, "
                "at most {limit:,}, or none for no limit."
            ).format(limit=USD_MAX)
        )
    return nano


def dollars(nano: int) -> str:
    """Give an amount exactly as `parse_usd` reads it: `$0`, `$5`, `$0.50`, `$0.000125`."""
    amount = Decimal(nano) / NANO
    cents = amount.quantize(Decimal("0.01"))
    if cents != amount:
        return f"${amount.normalize():,f}"
    return f"${amount:,.0f}" if amount == amount.to_integral_value() else f"${cents:,f}"


def rounded(nano: int) -> str:
    """Give an amount that was spent or is left, as people read it: `$0`, `$0.0123`, `$4.20`."""
    return usd(nano) if nano > 0 else dollars(0)  # nothing spent isn't “free”
