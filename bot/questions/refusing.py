"""What a question is refused with before any model is looked for."""

from bot.errors import NoPicture
from bot.i18n import _, ngettext
from bot.text import plain, shorten
from bot.types import Question


def no_picture(question: Question) -> NoPicture:
    """Say that there is nothing to look at, or that what there is can't be opened."""
    if not question.left_out:
        return NoPicture(
            _(
                "I see no picture to look at. Attach one to /ask or to a message that mentions me, "
                "or mention me in reply to a picture, or right-click its message → Apps → "
                "“Ask about image…”."
            )
        )
    names = ", ".join(shorten(plain(left.filename), 60) for left in question.left_out)
    return NoPicture(
        ngettext(
            "{files} is not a picture I can open. Send it as JPEG, PNG, WebP or GIF.",
            "{files} are not pictures I can open. Send them as JPEG, PNG, WebP or GIF.",
            len(question.left_out),
        ).format(files=names)
    )
