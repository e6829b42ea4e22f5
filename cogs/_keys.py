"""Keys as people type them, and what may be shown of one."""

import re

from bot.errors import Refused
from bot.guilds.keyring import GuildKey
from bot.i18n import _

KEY_MAX = 400
_KEY = re.compile(r"[!-~]{1,400}")


def parse_key(text: str) -> str:
    """Give a key as it goes into a header; raises Refused, without the key, when it can't."""
    key = text.strip()
    if not _KEY.fullmatch(key):
        raise Refused(_("That is no key: it is empty or has characters that no key has."))
    return key


def tail(key: GuildKey | None) -> str:
    """Give what may be seen of a key."""
    return f"…{key.last_four}" if key else _("none")
