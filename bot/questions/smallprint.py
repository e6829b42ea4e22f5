"""The small print of an answer: how it ended, what was left out, who got what at which cost."""

from bot.catalog.prices import usd
from bot.i18n import _, ngettext
from bot.text import plain, shorten
from bot.types import Answer, CostSource, Finish, LeftOut


def small_print(answer: Answer) -> tuple[str, ...]:
    """Give the lines below an answer: how it ended, what was left out, who answered, its cost."""
    ending = _endings().get(answer.finish)
    return (
        *([ending] if ending else []),
        *(plain(note) for note in answer.notes),
        *_left_out(answer.left_out),
        " · ".join((plain(answer.model_label), *_recipient(answer), _cost(answer))),
    )


def _endings() -> dict[Finish, str]:
    return {
        Finish.LENGTH: _("The answer ends here: it reached the model's length limit."),
        Finish.FILTERED: _("The answer ends here: the provider's content filter stopped it."),
        Finish.LOST: _("The answer ends here: the connection to the model was lost."),
        Finish.STALLED: _("The answer ends here: the model fell silent."),
    }


def _left_out(left_out: tuple[LeftOut, ...]) -> list[str]:
    """Give a line for each reason, with the pictures that it concerns."""
    names: dict[str, list[str]] = {}
    for left in left_out:
        names.setdefault(plain(left.reason), []).append(shorten(plain(left.filename), 60))
    return [
        _("Left out {pictures}: {reason}").format(
            pictures=shorten(", ".join(listed), 300), reason=reason
        )
        for reason, listed in names.items()
    ]


def _recipient(answer: Answer) -> tuple[str, ...]:
    if not answer.host:
        return (_("the picture stayed on the bot's machine"),)
    if answer.discreet:
        return ()
    got = ngettext(
        "{company} got the picture", "{company} got {count} pictures", answer.images_sent
    )
    return (got.format(company=plain(answer.company), count=answer.images_sent),)


def _cost(answer: Answer) -> str:
    usage = answer.usage
    if usage.cost_nano_usd is None:
        return _("cost unknown")
    amount = usd(usage.cost_nano_usd)
    if usage.cost_source is CostSource.ESTIMATE and usage.cost_nano_usd:
        return _("about {amount}").format(amount=amount)
    return amount
