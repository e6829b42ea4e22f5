"""What moderators type for /limits budget, and what it makes of the budget in force."""

from dataclasses import dataclass, replace

from discord.app_commands import Choice

from bot.catalog.catalog import Catalog
from bot.choices import Budget
from bot.i18n import _
from bot.money import parse_usd
from cogs._changing.choosing import CHOICES, DEFAULT, NONE, Seen, suggest_model


@dataclass(frozen=True, slots=True)
class Amounts:
    """The amounts of /limits budget as typed; None where nothing was typed."""

    day: str | None = None
    month: str | None = None
    member_day: str | None = None
    member_month: str | None = None


def budgeted(budget: Budget, amounts: Amounts, share: int | None) -> Budget:
    """Give the budget with what was typed; raises Refused for what is no amount."""
    return replace(
        budget,
        day=_amount(amounts.day, budget.day),
        month=_amount(amounts.month, budget.month),
        member_day=_amount(amounts.member_day, budget.member_day),
        member_month=_amount(amounts.member_month, budget.member_month),
        share=share or budget.share,
    )


def suggest_cheaper(text: str, catalog: Catalog, seen: Seen) -> list[Choice[str]]:
    """Suggest models that can be used here, and first of all none."""
    models = [each for each in suggest_model(text, catalog, seen) if each.value != DEFAULT]
    if text.strip():
        return models
    keep = Choice(name=_("No other model: the usual one goes on"), value=NONE)
    return [keep, *models][:CHOICES]


def _amount(text: str | None, current: int | None) -> int | None:
    return current if text is None else parse_usd(text)
