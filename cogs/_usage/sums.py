"""Sums of usage in words."""

from collections.abc import Callable, Sequence

from bot.catalog.prices import usd
from bot.i18n import N_, _, ngettext
from bot.usage import DELETED, UsageRow, UsageSummary
from cogs._panels import cut, fit

NOTHING = N_("Nothing was asked.")

# Two lists, the totals and the forecasts fit into one message.
LIST_LIMIT = 650
ROWS = 10
NAME_LIMIT = 120


def totals(usage: UsageSummary) -> list[str]:
    """Give the sums as lines."""
    if not usage.questions:
        return [_(NOTHING)]
    return [
        _("{questions}, {answered} answered.").format(
            questions=questions(usage.questions), answered=usage.answered
        ),
        _("{input:,} tokens in, {output:,} tokens out.").format(
            input=usage.input_tokens, output=usage.output_tokens
        ),
        _("Cost: {cost}.").format(cost=cost(usage.cost_nano_usd, usage.unpriced)),
    ]


def proofs(usage: UsageSummary) -> list[str]:
    """Say what proofs of sight cost, if there were any."""
    proofs = usage.proofs
    if not proofs.requests:
        return []
    line = _("Proofs of sight: {count:,}, for {cost}.")
    if proofs.unpriced:
        line = _("Proofs of sight: {count:,}, for {cost} and {unknown:,} at unknown cost.")
    if proofs.unpriced and not proofs.cost_nano_usd:
        line = _("Proofs of sight: {count:,}, cost unknown.")
    paid = usd(proofs.cost_nano_usd)
    return [line.format(count=proofs.requests, cost=paid, unknown=proofs.unpriced)]


def by_model(rows: Sequence[UsageRow], name: Callable[[str], str]) -> list[str]:
    """List models, the dearest first; `name` names one by its id."""
    return _list(_("By model"), rows, name)


def by_member(rows: Sequence[UsageRow]) -> list[str]:
    """List members, the dearest first."""
    return _list(_("By member"), rows, member)


def member(user_id: str) -> str:
    """Name a member in a message that pings nobody."""
    return _("deleted members") if user_id == str(DELETED) else f"<@{user_id}>"


def questions(count: int) -> str:
    """Count questions."""
    return ngettext("{count:,} question", "{count:,} questions", count).format(count=count)


def cost(nano_usd: int, unpriced: int) -> str:
    """Say what was paid, and for how many questions nobody knows."""
    if not unpriced:
        return usd(nano_usd)
    unknown = ngettext(
        "{count:,} question of unknown cost", "{count:,} questions of unknown cost", unpriced
    ).format(count=unpriced)
    if not nano_usd:
        return unknown
    return _("{cost} and {unknown}").format(cost=usd(nano_usd), unknown=unknown)


def _list(title: str, rows: Sequence[UsageRow], name: Callable[[str], str]) -> list[str]:
    lines = [
        _("- {name}: {questions}, {tokens:,} tokens, {cost}").format(
            name=cut(name(row.key), NAME_LIMIT),
            questions=questions(row.questions),
            tokens=row.input_tokens + row.output_tokens,
            cost=cost(row.cost_nano_usd, row.unpriced),
        )
        for row in rows
    ]
    return [fit([title, *lines], LIST_LIMIT, ROWS + 1)] if lines else []
