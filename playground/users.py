"""A Discord account, as the API shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from playground.channels import Channel
    from playground.state import World

Value: TypeAlias = Any  # whatever JSON holds
Json = dict[str, Value]

_NOTHING: Json = {}


def items(node: Json, key: str) -> list[Json]:
    """Give the list of objects under a key, empty when it is absent or null."""
    return node.get(key) or []


def text_of(node: Json, *path: str) -> str:
    """Give the text at a path, empty when the way ends."""
    *way, last = path
    for key in way:
        node = node.get(key) or _NOTHING
    return node.get(last) or ""


class User:
    """One account: a person or the bot."""

    def __init__(
        self,
        world: World,
        name: str,
        *,
        bot: bool = False,
        webhook: bool = False,
        locale: str = "en-US",
    ) -> None:
        self.world = world
        self.id = world.clock.aged_snowflake()
        self.name = name
        self.bot = bot or webhook
        self.webhook = webhook
        self.locale = locale
        self.accepts_dms = True
        self.json: Json = {
            "id": str(self.id),
            "username": name,
            "global_name": None if self.bot else name.title(),
            "discriminator": "0042" if self.bot else "0",
            "avatar": None,
            "avatar_decoration_data": None,
            "banner": None,
            "primary_guild": None,
            "accent_color": None,
            "public_flags": 0,
            "flags": 0,
            "bot": self.bot,
            "system": False,
        }

    @property
    def mention(self) -> str:
        """Give the text that mentions this account."""
        return f"<@{self.id}>"

    @property
    def dm(self) -> Channel:
        """Give the direct-message channel with the bot, opened when first asked for."""
        return self.world.direct(self, self.world.bot)

    def __repr__(self) -> str:
        return f"<User {self.name}>"
