"""Whose a question was, once they had what is kept about them deleted."""

import datetime as dt

from bot.db.keys import SecretBox

_HEX_DIGITS = 15  # 60 bits: with its sign it fits into any database's BIGINT


def mark_of(box: SecretBox, user_id: int, now: dt.datetime) -> int:
    """Give what stands for a person in `questions.user_id` after a deletion; always below zero.

    Only the limits of the UTC month of `now` know it again, and only for who asks anew: it can't
    be turned back into the person. Marks of earlier months become 0."""
    month = now.astimezone(dt.UTC).strftime("%Y-%m")
    return -1 - int(box.fingerprint(f"limits:{month}:{user_id}")[:_HEX_DIGITS], 16)
