"""The operator's decisions in words: what was and what is."""

from collections.abc import Callable, Iterable

import discord

from bot.i18n import _
from bot.money import dollars
from bot.owner.book import Decided
from bot.owner.decisions import Allowance, Announcement, Block, Decision, Keys
from bot.text import plain
from cogs._changing.rows import turned
from cogs._panels import cut

NAME_LIMIT = 40

Named = Callable[[int], str]


def names(client: discord.Client) -> Named:
    """Give what names a server by its id, which stands beside the name."""

    def name(guild_id: int) -> str:
        guild = client.get_guild(guild_id)
        return f"`{guild_id}`" if guild is None else f"{label(guild.name)} (`{guild_id}`)"

    return name


def label(name: str) -> str:
    """Give a server's name, which its members chose, as short harmless text."""
    return discord.utils.escape_markdown(cut(plain(name), NAME_LIMIT))


def changed(decided: Decided, named: Named) -> list[str]:
    """Give a line for each thing that is different now."""
    rows = zip(_rows(decided.before, named), _rows(decided.after, named), strict=True)
    return [turned(name, value, was) for (name, was), (_name, value) in rows if was != value]


def stands(decisions: Iterable[Decision], named: Named) -> list[str]:
    """Give a line for each thing as it is."""
    return [
        _("**{name}:** {value}").format(name=name, value=value)
        for decision in decisions
        for name, value in _rows(decision, named)
    ]


def _rows(decision: Decision, named: Named) -> list[tuple[str, str]]:
    match decision:
        case Block(kind="user", id=id_):
            user = _("User {user}").format(user=f"<@{id_}> (`{id_}`)")
            return [(user, _block(decision))]
        case Block(id=id_):
            return [(_("Server {server}").format(server=named(id_)), _block(decision))]
        case Keys(guild_id=id_):
            to_come = _("Servers that join from now on")
            name = to_come if id_ is None else _("Server {server}").format(server=named(id_))
            return [(name, _keys(decision))]
        case Allowance(day=day, month=month):
            return [
                (_("Each server, a day on your keys"), _limit(day)),
                (_("Each server, a month on your keys"), _limit(month)),
            ]
        case Announcement():
            return [(_("Announcement"), _announcement(decision))]


def _block(block: Block) -> str:
    if not block.blocked:
        return _("not blocked")
    if block.reason is None:
        return _("blocked")
    return _("blocked ({reason})").format(reason=block.reason)


def _keys(keys: Keys) -> str:
    return _("may use your keys") if keys.allowed else _("may not use your keys")


def _limit(nano: int | None) -> str:
    return _("no limit") if nano is None else _("at most {amount}").format(amount=dollars(nano))


def _announcement(told: Announcement) -> str:
    if told.text is None:
        return _("none")
    if told.until is None:
        return _("“{text}”, until you end it").format(text=told.text)
    until = discord.utils.format_dt(told.until, "f")
    return _("“{text}”, until {until}").format(text=told.text, until=until)
