"""How much may be asked and spent: which limits hold for a question, and what they decide.

Pure: what is used already comes from `bot.db.quota`, in the transaction that claims."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.choices import Budget, GuildSettings, Rate
from bot.errors import QuotaExceeded
from bot.policy import telling
from bot.policy.trace import Step, Trace, Verdict
from bot.policy.types import Limit, Offer, Scope, Used, Window
from bot.types import Asker


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the limits decided: which offer may be taken, None where none may."""

    offer: int | None
    trace: Trace
    refused: QuotaExceeded | None = None
    reached: Limit | None = None
    """The guild's budget that reached its share or its end."""
    spent: int = 0
    """How much of it is used, in nano-USD."""
    full: bool = False


def of_asker(settings: GuildSettings, asker: Asker) -> tuple[Limit, ...]:
    """Give the limits of a question in a guild by what its moderators chose."""
    budget = settings.budget
    return (
        *_rates(settings.rate, asker),
        *_counted(Scope.GUILD, settings.rate.guild_minute, settings.rate.guild_day),
        *_money(Scope.MEMBER, budget.member_day, budget.member_month),
        *_money(Scope.GUILD, budget.day, budget.month),
    )


def of_operator(budget: Budget) -> tuple[Limit, ...]:
    """Give the limits of a guild on the operator's keys."""
    return _money(Scope.OPERATOR, budget.day, budget.month)


def outside_guilds(daily: int | None) -> tuple[Limit, ...]:
    """Give the limit of a person outside guilds."""
    return () if daily is None else (Limit(Scope.PERSON, Window.DAY, daily),)


def judge(
    limits: Sequence[Limit],
    used: Mapping[Limit, Used],
    offers: Sequence[Offer],
    budget: Budget,
    now: dt.datetime,
) -> Ruling:
    """Decide which offer may be taken: the first, or the second, cheaper one, or none.

    What an offer can cost at most has to fit; an offer that costs nothing always does."""
    trace: list[Step] = []
    for limit in limits:
        if not limit.money:
            trace.append(step := telling.counted(limit, used[limit], now))
            if step.verdict is Verdict.REFUSED:
                return Ruling(None, tuple(trace), QuotaExceeded(step.text))
    return _judge_money([each for each in limits if each.money], used, offers, budget, now, trace)


def _judge_money(
    limits: Sequence[Limit],
    used: Mapping[Limit, Used],
    offers: Sequence[Offer],
    budget: Budget,
    now: dt.datetime,
    trace: list[Step],
) -> Ruling:
    near = [
        each
        for each in limits
        if _binds(each, offers[0]) and used[each].amount * 100 >= each.most * budget.share
    ]
    shared = next((each for each in near if each.scope is Scope.GUILD), None)
    order = (1, 0) if near and _is_cheaper(offers) else range(len(offers))
    tight: Limit | None = None
    for index in order:
        limits_met = [each for each in limits if not _fits(each, used[each], offers[index])]
        tight = tight or next(iter(limits_met), None)
        if not limits_met:
            bound = (each for each in limits if _binds(each, offers[index]))
            trace += [telling.spent(each, used[each]) for each in bound]
            if index:
                trace.append(telling.stepped_down(offers[index]))
            return Ruling(index, tuple(trace), reached=shared, spent=_spent(shared, used))
    assert tight is not None  # noqa: S101 - an offer was there and did not fit
    step = telling.too_dear(tight, used[tight], min(each.reserve_nano for each in offers), now)
    reached = tight if tight.scope is Scope.GUILD else shared
    return Ruling(
        None,
        (*trace, step),
        QuotaExceeded(step.text),
        reached,
        _spent(reached, used),
        full=tight.scope is Scope.GUILD,
    )


def _spent(limit: Limit | None, used: Mapping[Limit, Used]) -> int:
    return used[limit].amount if limit else 0


def _is_cheaper(offers: Sequence[Offer]) -> bool:
    return len(offers) > 1 and offers[1].reserve_nano < offers[0].reserve_nano


def _rates(rate: Rate, asker: Asker) -> tuple[Limit, ...]:
    """Give a member's own rates; of several roles' the most generous one counts."""
    if asker.user_id in rate.exempt_members or set(asker.role_ids) & set(rate.exempt_roles):
        return ()
    mine = [each for each in rate.roles if each.role_id in asker.role_ids]
    if not mine:
        return _counted(Scope.MEMBER, rate.minute, rate.day)
    by_minute = max(mine, key=lambda each: (each.minute is None, each.minute or 0))
    by_day = max(mine, key=lambda each: (each.day is None, each.day or 0))
    return (
        *_counted(Scope.MEMBER, by_minute.minute, None, by_minute.role_id),
        *_counted(Scope.MEMBER, None, by_day.day, by_day.role_id),
    )


def _counted(
    scope: Scope, minute: int | None, day: int | None, role_id: int | None = None
) -> tuple[Limit, ...]:
    rates = ((Window.MINUTE, minute), (Window.DAY, day))
    return tuple(Limit(scope, window, most, role_id=role_id) for window, most in rates if most)


def _money(scope: Scope, day: int | None, month: int | None) -> tuple[Limit, ...]:
    by_window = ((Window.DAY, day), (Window.MONTH, month))
    return tuple(
        Limit(scope, window, most, money=True) for window, most in by_window if most is not None
    )


def _binds(limit: Limit, offer: Offer) -> bool:
    """Tell whether an offer counts for a limit: not for the operator's where the guild pays."""
    return not (limit.scope is Scope.OPERATOR and offer.own_key)


def _fits(limit: Limit, used: Used, offer: Offer) -> bool:
    free = offer.reserve_nano == 0 or not _binds(limit, offer)
    return free or used.amount + offer.reserve_nano <= limit.most
