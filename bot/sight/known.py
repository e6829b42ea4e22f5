"""What is known of a model's sight, and what each further proof adds to it."""

import datetime as dt
from dataclasses import dataclass, replace

from bot.db.proofs import BLIND, SEES, Look
from bot.sight.looking import WITHOUT_A_TRY


@dataclass(frozen=True, slots=True)
class Standing:
    """What proofs said of a model: whether it sees, by links too, and since when it is blind."""

    sees: bool
    by_link: bool
    at: dt.datetime
    blind_since: dt.datetime | None = None


def learned(known: Standing | None, done: Look) -> Standing | None:
    """Give what is known after one more request; an error teaches nothing about seeing.

    A link that led nowhere leaves the bytes to decide, and isn't used until it works."""
    by_link = known is not None and known.by_link
    if done.outcome == SEES:
        return Standing(True, by_link or done.transport == "url", done.tried_at)
    if done.transport == "inline" and done.outcome == BLIND:
        since = known.blind_since if known else None
        return Standing(False, False, done.tried_at, since or done.tried_at)
    if done.transport == "url" and known and done.outcome not in WITHOUT_A_TRY:
        return replace(known, by_link=False)
    return known
