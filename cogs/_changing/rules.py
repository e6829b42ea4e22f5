"""Access, limits and budget in words; roles, channels and members as Discord shows them."""

from collections.abc import Iterator

from bot.catalog.catalog import Catalog
from bot.choices import Access, Budget, Rate
from bot.i18n import N_, _
from bot.money import dollars
from bot.text import plain
from cogs._changing.rows import Row
from cogs._facts import name_of

OVERRIDES = N_("Other models per channel or role")


def access_order() -> str:
    """Say in one line which rule of access beats which."""
    return _(
        "Once a channel is allowed, all others are closed; a thread counts as its channel, a "
        "channel as its category, unless it has a rule of its own. A member's own rule beats "
        "roles', and of roles allow beats deny; once a role or member is allowed, all others are "
        "refused."
    )


def override_order() -> str:
    """Say in one line which of several models counts."""
    return _(
        "A role's model beats a channel's, which beats the server's; of several roles the first "
        "in this list counts."
    )


def access_rows(access: Access) -> Iterator[Row]:
    """Give where and by whom questions may be asked."""
    open_, closed = channels(access.allowed_channels), channels(access.denied_channels)
    yield Row(
        "access", _("Channels allowed"), open_, open_, "" if open_ else _("all that aren't denied")
    )
    yield Row("access", _("Channels denied"), closed, closed, _("none"))
    may = people(access.allowed_roles, access.allowed_members)
    yield Row("access", _("Roles and members allowed"), may, may, _("all who aren't denied"))
    not_ = people(access.denied_roles, access.denied_members)
    yield Row("access", _("Roles and members denied"), not_, not_, _("none"))


def rate_rows(rate: Rate) -> Iterator[Row]:
    """Give how often questions may be asked."""
    each, all_ = (rate.minute, rate.day), (rate.guild_minute, rate.guild_day)
    yield Row("rate", _("Questions by each member"), each, (_often(*each),))
    roles = tuple(
        _("{often} for {role}").format(
            often=_often(role.minute, role.day), role=f"<@&{role.role_id}>"
        )
        for role in rate.roles
    )
    yield Row("rate", _("Questions by role"), rate.roles, roles, _("as for everybody"))
    yield Row("rate", _("Questions by all together"), all_, (_often(*all_),))
    pictures = () if rate.pictures is None else (str(rate.pictures),)
    yield Row(
        "rate",
        _("Pictures in a question"),
        rate.pictures,
        pictures,
        _("as many as the model takes"),
    )
    exempt = people(rate.exempt_roles, rate.exempt_members)
    yield Row("rate", _("Not limited"), exempt, exempt, _("nobody"))


def budget_rows(budget: Budget, catalog: Catalog) -> Iterator[Row]:
    """Give what questions may cost, and what happens when it is nearly used up."""
    all_, each = (budget.day, budget.month), (budget.member_day, budget.member_month)
    yield Row("budget", _("Budget of this server"), all_, (_money(*all_),))
    yield Row("budget", _("Budget of each member"), each, (_money(*each),))
    share = (budget.share, budget.cheaper)
    yield Row("budget", _("When it runs short"), share, (_step(budget, catalog),))
    channel = channels((budget.channel_id,) if budget.channel_id else ())
    yield Row("budget", _("Told about it"), channel, channel, _("no channel"))


def channels(ids: tuple[int, ...]) -> tuple[str, ...]:
    """Give channels as Discord shows them."""
    return tuple(f"<#{number}>" for number in ids)


def people(roles: tuple[int, ...], members: tuple[int, ...]) -> tuple[str, ...]:
    """Give roles and members as Discord shows them."""
    return (*(f"<@&{number}>" for number in roles), *(f"<@{number}>" for number in members))


def _often(minute: int | None, day: int | None) -> str:
    if minute is None and day is None:
        return _("no limit")
    if day is None:
        return _("{minute} a minute").format(minute=minute)
    if minute is None:
        return _("{day} a day").format(day=day)
    return _("{minute} a minute and {day} a day").format(minute=minute, day=day)


def _money(day: int | None, month: int | None) -> str:
    if day is None and month is None:
        return _("unlimited")
    if 0 in (day, month):
        return _("nothing may be spent")
    if month is None:
        return _("{day} a day").format(day=dollars(day or 0))
    if day is None:
        return _("{month} a month").format(month=dollars(month))
    return _("{day} a day and {month} a month").format(day=dollars(day), month=dollars(month))


def _step(budget: Budget, catalog: Catalog) -> str:
    if budget.cheaper is None:
        return _("the model stays, and the channel is told at {share} %").format(share=budget.share)
    return _("from {share} % on, {model} answers").format(
        share=budget.share, model=plain(name_of(budget.cheaper, catalog))
    )
