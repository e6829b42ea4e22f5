"""The private panels that buttons open: the list of models, the receipt."""

from collections.abc import Sequence

import discord

from bot.catalog.prices import usd
from bot.catalog.types import Model
from bot.errors import Refused
from bot.i18n import _, ngettext
from bot.types import CostSource, Receipt
from cogs._reply.buttons import Action, custom_id

CHOICES = 25
VALUE = 100


def model_list(models: Sequence[Model], question_id: int) -> tuple[str, discord.ui.View]:
    """Give the sentence and the list to choose a model from; raises Refused if there is one."""
    listed = [model for model in models if len(model.id) <= VALUE][:CHOICES]
    if len(listed) < 2:
        raise Refused(
            _(
                "Only one model is offered here. A moderator can offer more with "
                "/settings model, option also."
            )
        )
    select: discord.ui.Select[discord.ui.View] = discord.ui.Select(
        custom_id=custom_id(Action.MODEL, question_id),
        placeholder=_("Choose a model"),
        options=[
            discord.SelectOption(
                label=model.label[:100], value=model.id, description=model.provider.label[:100]
            )
            for model in listed
        ],
    )
    view = discord.ui.View(timeout=None)
    view.add_item(select)
    view.stop()  # answered by its custom_id; discord.py need not keep it
    return _("Who shall answer?"), view


def receipt_text(receipt: Receipt | None, company: str | None) -> str:
    """Give what was written down about a question, a line each."""
    if receipt is None:
        raise Refused(_("Nothing is written down about this question."))
    return "\n".join(
        (
            _("Question {number}, asked <t:{when}:f>: {state}").format(
                number=receipt.id, when=int(receipt.created_at.timestamp()), state=receipt.state
            ),
            _("Model: `{model}`").format(model=receipt.model_id or "–"),
            _pictures(receipt, company),
            _tokens(receipt),
            _cost(receipt),
            _times(receipt),
        )
    )


def _pictures(receipt: Receipt, company: str | None) -> str:
    count = ngettext("{count} picture", "{count} pictures", receipt.images)
    pictures = count.format(count=receipt.images)
    if not receipt.images:
        return _("No picture was sent anywhere.")
    if not receipt.host:
        return _("{pictures}, read on the machine of this bot").format(pictures=pictures)
    how = (
        _("{kilobytes:,} kB").format(kilobytes=-(-receipt.sent_bytes // 1000))
        if receipt.sent_bytes
        else _("as links")
    )
    return _("{pictures} sent, {how}, to {company} at {host}").format(
        pictures=pictures, how=how, company=company or _("the provider"), host=receipt.host
    )


def _tokens(receipt: Receipt) -> str:
    if receipt.input_tokens is None or receipt.output_tokens is None:
        return _("Tokens: unknown")
    return _("Tokens: {sent:,} in, {received:,} out").format(
        sent=receipt.input_tokens, received=receipt.output_tokens
    )


def _cost(receipt: Receipt) -> str:
    if receipt.cost_nano_usd is None:
        return _("Cost: unknown, counted as {amount}").format(amount=usd(receipt.reserved_nano_usd))
    amount = usd(receipt.cost_nano_usd)
    match receipt.cost_source:
        case CostSource.PROVIDER:
            return _("Cost: {amount}, the provider's own figure").format(amount=amount)
        case CostSource.ESTIMATE:
            return _("Cost: {amount}, by the listed price").format(amount=amount)
        case _:
            return _("Cost: {amount}").format(amount=amount)


def _times(receipt: Receipt) -> str:
    if receipt.first_token_ms is None or receipt.duration_ms is None:
        return _("No text came.")
    return _("First text after {first:.1f} s, all of it after {whole:.1f} s").format(
        first=receipt.first_token_ms / 1000, whole=receipt.duration_ms / 1000
    )
