"""What is kept and who receives it, in words; most of them are the inventory's."""

from bot.catalog.catalog import Catalog
from bot.catalog.types import Model
from bot.i18n import _, ngettext
from bot.privacy.inventory import INVENTORY, NEVER_KEPT
from cogs._facts import model_name
from cogs._panels import fit

RECEIVERS_LIMIT = 500


def receivers_text(models: tuple[Model, ...], guard: Model | None, catalog: Catalog) -> str:
    """Say who receives pictures, a line a model; a guard looks first."""
    lines = [
        _("- {model}: {receiver}").format(
            model=model_name(model), receiver=_receiver(model, catalog)
        )
        for model in models
    ]
    if guard:
        first = _("- {guard}, which looks first: {receiver}").format(
            guard=model_name(guard), receiver=_receiver(guard, catalog)
        )
        lines.insert(0, first)
    return fit(lines, RECEIVERS_LIMIT)


def kept_text(hours: int) -> str:
    """Say what is kept and how long, with this server's own hours for what was asked."""
    said, *others = INVENTORY
    lines = [_LINE.format(what=_(group.what), until=_(group.until)) for group in others]
    return "\n".join([_LINE.format(what=_(said.what), until=_hours(hours)), *lines])


_LINE = "- {what}. {until}"


def never_text() -> str:
    """Say what is never kept."""
    return "\n".join(f"- {_(sentence)}" for sentence in NEVER_KEPT)


def deletion_text(asked: int, kept: int, *, opted_out: bool) -> str:
    """Say what a deletion erases and what stays, before anybody presses Delete."""
    lines = [
        _("**Shall I erase what leads to you, in every server and in direct messages?**"),
        _("At once and for good:"),
        *_erased(asked, kept),
        _("- you in the history of servers' settings: there it says that somebody did it"),
        _("What stays:"),
        _(
            "- the figures of your questions, for the sums: model, pictures, tokens, cost. Until "
            "this month ends, a mark that limits can compare stands for you."
        ),
        _(
            "- answers in Discord's channels. Their buttons won't work any more: press Delete on "
            "those you want gone first."
        ),
        _(
            "- in conversations that others carried on, what was asked and answered before, "
            "without you: encrypted, until it is erased with theirs"
        ),
        _("- rules of moderators, or of whoever runs this bot, that name you"),
    ]
    if opted_out:
        lines.append(_("- your opt-out, because it is your wish; /privacy optin removes it"))
    return "\n".join(lines)


def deleted_text(*, opted_out: bool) -> str:
    """Say that it is done."""
    done = _("Done: nothing of what I keep leads to you any more.")
    if not opted_out:
        return done
    stays = _("Your opt-out stays: no question sends your pictures until you use /privacy optin.")
    return f"{done} {stays}"


def _receiver(model: Model, catalog: Catalog) -> str:
    if model.provider.kind == "local":
        return _("nobody, it runs on the machine of this bot")
    endpoint = catalog.endpoint(model.provider)
    if endpoint is None:
        return _("nobody, it isn't set up")
    return _("{company}, at {host}").format(company=model.provider.company, host=endpoint.host)


def _hours(hours: int) -> str:
    if not hours:
        return _("Here not at all, so answers can't be followed up.")
    return ngettext(
        "Here for {hours} hour; Delete on an answer erases them at once.",
        "Here for {hours} hours; Delete on an answer erases them at once.",
        hours,
    ).format(hours=hours)


def _erased(asked: int, kept: int) -> list[str]:
    lines: list[str] = []
    if asked:
        who = ngettext(
            "- {count} question of yours: who asked, where, and how it was decided",
            "- {count} questions of yours: who asked, where, and how they were decided",
            asked,
        )
        lines.append(who.format(count=asked))
    if kept:
        text = ngettext(
            "- the text of {count} of them, and of its answer",
            "- the text of {count} of them, and of their answers",
            kept,
        )
        lines.append(text.format(count=kept))
    return lines
