"""Keys as people type them, and what may be shown of one."""

import re

from bot.errors import Refused
from bot.guilds.keyring import GuildKey
from bot.i18n import _
from bot.settings import KeyShown
from bot.text import plain

KEY_MAX = 400
_KEY = re.compile(r"[!-~]{1,400}")


def parse_key(text: str) -> str:
    """Give a key as it goes into a header; raises Refused, without the key, when it can't."""
    key = text.strip()
    if not _KEY.fullmatch(key):
        raise Refused(_("That is no key: it is empty or has characters that no key has."))
    return key


def tail(key: GuildKey | KeyShown | None) -> str:
    """Give what may be seen of a key; of a short one, not even its last four."""
    if key is None:
        return _("none")
    return f"…{key.last_four}" if key.last_four else _("set")


def key_change(
    provider: str, before: GuildKey | KeyShown | None, now: GuildKey | KeyShown | None
) -> str:
    """Say what a provider's key is, and what it was."""
    return _("**Key for {provider}:** {now} (it was: {before})").format(
        provider=plain(provider), now=tail(now), before=tail(before)
    )
