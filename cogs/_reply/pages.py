"""An answer laid out: pages within Discord's limits, the small print, the rest as a file."""

import re
from dataclasses import dataclass, field

from bot.catalog.prices import usd
from bot.i18n import _, ngettext
from bot.text import ZWSP, neutralise, pages, plain, shorten, units
from bot.types import Answer, CostSource, Finish, LeftOut
from cogs._reply.buttons import Action

PAGE = 1990
MESSAGE = 2000
MAX_PAGES = 3
SMALL_PRINT = 900


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to attach."""

    data: bytes = field(repr=False)
    filename: str
    alt: str | None = None
    spoiler: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One message of an answer."""

    text: str
    question_id: int = 0
    actions: tuple[Action, ...] = ()
    uploads: tuple[Upload, ...] = ()


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around an answer's text: a line above it, spoiler bars."""

    head: str = ""
    spoiler: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """The texts of an answer's messages, and what did not fit into them."""

    texts: tuple[str, ...]
    rest: str = ""


def lay_out(said: str, frame: Frame, small_print: tuple[str, ...] = ()) -> Layout:
    """Lay a model's text out over at most three messages, the small print on the last one."""
    text = neutralise(said).strip("\n")
    if frame.spoiler:
        text = re.sub(r"\|(?=\|)", f"|{ZWSP}", text)
    head = f"{frame.head}\n" if frame.head else ""
    tail = shorten("\n".join(f"-# {line}" for line in small_print), SMALL_PRINT)
    room = PAGE - (4 if frame.spoiler else 0)
    cut = pages(text, room, head=units(head))
    rest = cut[MAX_PAGES:]
    cut = cut[:MAX_PAGES]
    if cut and units(cut[-1]) + units(tail) + (units(head) if len(cut) == 1 else 0) >= room:
        cut[-1:] = pages(cut[-1], room - units(tail) - 1, head=units(head) if len(cut) == 1 else 0)
        cut, rest = cut[:MAX_PAGES], cut[MAX_PAGES:] + rest
    texts = [f"||{page}||" if frame.spoiler else page for page in cut] or [""]
    texts[0] = f"{head}{texts[0]}".strip("\n")
    texts[-1] = f"{texts[-1]}\n{tail}".strip("\n")
    return Layout(tuple(texts), "\n".join(rest))


def quote(text: str) -> str:
    """Give a question as the line that stands above its public answer."""
    return f"> {shorten(plain(text), 300)}" if text.strip() else ""


def small_print(answer: Answer) -> tuple[str, ...]:
    """Give the lines below an answer: how it ended, what was left out, who answered, its cost."""
    ending = _endings().get(answer.finish)
    return (
        *([ending] if ending else []),
        *(plain(note) for note in answer.notes),
        *_left_out(answer.left_out),
        " · ".join((plain(answer.model_label), _recipient(answer), _cost(answer))),
    )


def _endings() -> dict[Finish, str]:
    return {
        Finish.LENGTH: _("The answer ends here: it reached the model's length limit."),
        Finish.FILTERED: _("The answer ends here: the provider's content filter stopped it."),
        Finish.LOST: _("(connection lost)"),
        Finish.STALLED: _("(the model stopped answering)"),
    }


def _left_out(left_out: tuple[LeftOut, ...]) -> list[str]:
    if not left_out:
        return []
    listed = ", ".join(
        f"{shorten(plain(left.filename), 60)} ({plain(left.reason)})" for left in left_out
    )
    return [shorten(_("Left out: {pictures}").format(pictures=listed), 500)]


def _recipient(answer: Answer) -> str:
    if not answer.host:
        return _("the picture stayed on the bot's machine")
    return ngettext(
        "{company} got the picture", "{company} got {count} pictures", answer.images_sent
    ).format(company=plain(answer.company), count=answer.images_sent)


def _cost(answer: Answer) -> str:
    usage = answer.usage
    if usage.cost_nano_usd is None:
        return _("cost unknown")
    amount = usd(usage.cost_nano_usd)
    if usage.cost_source is CostSource.ESTIMATE and usage.cost_nano_usd:
        return _("about {amount}").format(amount=amount)
    return amount
