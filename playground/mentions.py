"""Who a message would ping, evaluated as Discord does."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

# A backslash before a backtick keeps it from opening code; one before a mention changes nothing,
# the server still pings.
_CODE = re.compile(r"\\`|```.+?```|(?<!`)(`+)(?!`)(?:.*?[^`])\1(?!`)", re.DOTALL)
_USER = re.compile(r"<@!?(\d{1,20})>")
_ROLE = re.compile(r"<@&(\d{1,20})>")
_EVERYONE = re.compile(r"@(?:everyone|here)")


@dataclass(frozen=True, slots=True)
class Pings:
    """Whom one message notifies."""

    everyone: bool = False
    users: tuple[int, ...] = ()
    roles: tuple[int, ...] = ()

    @property
    def any(self) -> bool:
        """Tell whether anybody at all is notified."""
        return self.everyone or bool(self.users) or bool(self.roles)


def pings(
    content: str,
    allowed: Mapping[str, Any] | None,
    *,
    default: Literal["all", "users"],
    replied_user: int | None,
) -> Pings:
    """Give whom `content` pings under `allowed_mentions`; `default` applies where it is absent.

    Ordinary messages default to "all", interaction responses and webhooks to "users".
    """
    if allowed is None:
        kinds = ["users"] if default == "users" else ["users", "roles", "everyone"]
        allowed = {"parse": kinds, "replied_user": True}
    text = _CODE.sub(" ", content)
    parse = allowed.get("parse") or ()
    users = _permitted(_USER.findall(text), "users" in parse, allowed.get("users"))
    if replied_user is not None and allowed.get("replied_user"):
        users = (*users, replied_user)
    return Pings(
        everyone="everyone" in parse and _EVERYONE.search(text) is not None,
        users=tuple(dict.fromkeys(users)),
        roles=_permitted(_ROLE.findall(text), "roles" in parse, allowed.get("roles")),
    )


def _permitted(
    found: Iterable[str], all_of_them: bool, listed: Iterable[int | str] | None
) -> tuple[int, ...]:
    ids = dict.fromkeys(int(each) for each in found)
    if all_of_them:
        return tuple(ids)
    named = {int(each) for each in listed or ()}
    return tuple(each for each in ids if each in named)
