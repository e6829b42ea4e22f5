"""The receipt: what went where, what it cost, how it ended."""

from math import ceil

from bot.catalog.catalog import Catalog
from bot.catalog.prices import usd
from bot.catalog.types import Model
from bot.errors import Refused
from bot.i18n import _, ngettext
from bot.text import plain
from bot.types import CostSource, Receipt
from cogs._answers.states import state_text
from cogs._facts import model_name


def receipt_text(receipt: Receipt | None, catalog: Catalog) -> str:
    """Give what was written down about a question, a line each; raises Refused for nothing."""
    if receipt is None:
        raise Refused(_("Nothing is written down about this question."))
    model = catalog.find(receipt.model_id) if receipt.model_id else None
    asked = _("**Receipt of question {number}**, asked <t:{when}:f>").format(
        number=receipt.id, when=int(receipt.created_at.timestamp())
    )
    lines = (asked, ending_text(receipt, catalog), _pictures(receipt, model), *_besides(receipt))
    return "\n".join((*lines, *_cost(receipt)))


def ending_text(receipt: Receipt, catalog: Catalog) -> str:
    """Say how a question ended, and who was asked."""
    model = catalog.find(receipt.model_id) if receipt.model_id else None
    name = model_name(model) if model else plain(receipt.model_id or _("no model"))
    if receipt.finished_at is None:
        return _("{model} is still answering.").format(model=name)
    seconds = (receipt.duration_ms or 0) / 1000
    if receipt.state == "answered":
        return _("{model} answered within {seconds:.1f} s.").format(model=name, seconds=seconds)
    if receipt.state == "cancelled:stopped":
        return _("{model} was stopped after {seconds:.1f} s.").format(model=name, seconds=seconds)
    if receipt.state == "refused:unsafe":
        return _("{model} judged it unsafe within {seconds:.1f} s.").format(
            model=name, seconds=seconds
        )
    why = state_text(receipt.state)
    if receipt.state.startswith("refused:") and receipt.state != "refused:model":
        if why == receipt.state:
            return _("It was refused before any model was asked.")
        return _("It was refused before any model was asked. {why}").format(why=why)
    return _("{model} gave no whole answer. {why}").format(model=name, why=why)


def _pictures(receipt: Receipt, model: Model | None) -> str:
    count = receipt.images
    if not count:
        return _("No picture was sent anywhere.")
    if not receipt.host:
        return _("No picture was sent anywhere: the bot's own machine looked at it.")
    return ngettext(
        "The picture went to {company}, at {host}, {how}.",
        "{count} pictures went to {company}, at {host}, {how}.",
        count,
    ).format(
        count=count,
        company=model.provider.company if model else _("the provider"),
        host=plain(receipt.host),
        how=_how(receipt),
    )


def _besides(receipt: Receipt) -> list[str]:
    """Say what else was sent, and that it was sent anew."""
    if not receipt.host:
        return []
    return [
        _(
            "Sent besides: the question, our and this server's instructions, and the conversation "
            "that it follows up. No name and no id of anybody."
        ),
        _("Asked anew: no answer comes from a cache."),
    ]


def _how(receipt: Receipt) -> str:
    if not receipt.sent_bytes:
        return ngettext("as a link", "as links", receipt.images)
    return _("as {size:,} kB of data").format(size=ceil(receipt.sent_bytes / 1000))


def _tokens(receipt: Receipt) -> str:
    if receipt.input_tokens is None or receipt.output_tokens is None:
        return _("Tokens: unknown, the provider did not say")
    return _("Tokens: {sent:,} for question and pictures, {received:,} for the answer").format(
        sent=receipt.input_tokens, received=receipt.output_tokens
    )


def _cost(receipt: Receipt) -> list[str]:
    if receipt.state != "answered" and receipt.cost_nano_usd == 0:
        return [_("Cost: nothing")]
    return [_tokens(receipt), _money(receipt), *_payer(receipt)]


def _payer(receipt: Receipt) -> list[str]:
    if not receipt.cost_nano_usd and receipt.cost_source == CostSource.FREE:
        return []
    return [_("Paid with this server's own key.")] if receipt.own_key else []


def _money(receipt: Receipt) -> str:
    if receipt.cost_nano_usd is None:
        return _("Cost: unknown, the provider did not say")
    amount = usd(receipt.cost_nano_usd)
    if receipt.cost_source == CostSource.PROVIDER:
        return _("Cost: {amount}, the provider's own figure").format(amount=amount)
    if receipt.cost_source == CostSource.ESTIMATE and receipt.cost_nano_usd:
        return _("Cost: about {amount}, by the listed price").format(amount=amount)
    return _("Cost: {amount}").format(amount=amount)
