"""Which limits hold, and what they decide."""

import datetime as dt
from dataclasses import replace

import pytest

from bot.choices import Budget, GuildSettings, Rate, RoleRate
from bot.policy.limits import judge, of_asker, of_operator
from bot.policy.trace import Verdict
from bot.policy.types import Limit, Offer, Scope, Used, Window
from bot.types import Asker

NOW = dt.datetime(2026, 12, 31, 23, 30, 15, tzinfo=dt.UTC)
STAFF, FANS = 21, 22
ADA = 31
DEAR, CHEAP, FREE = (
    Offer("a/dear", "Dear", 100),
    Offer("a/cheap", "Cheap", 10),
    Offer("l/r", "R", 0),
)
MONTH = Limit(Scope.GUILD, Window.MONTH, 1000, money=True)


def limits(rate: Rate = Rate(), roles: tuple[int, ...] = ()) -> list[Limit]:  # noqa: B008
    settings = GuildSettings(rate=rate)
    return list(of_asker(settings, Asker(ADA, role_ids=roles)))


def test_by_default_a_member_asks_thirty_times_a_minute_and_nothing_else_is_limited() -> None:
    assert limits() == [Limit(Scope.MEMBER, Window.MINUTE, 30)]


def test_a_roles_rate_replaces_everybodys_and_the_most_generous_role_counts() -> None:
    rate = Rate(minute=3, day=5, roles=(RoleRate(STAFF, 10, None), RoleRate(FANS, 5, 50)))
    assert limits(rate, (FANS,)) == [
        Limit(Scope.MEMBER, Window.MINUTE, 5, role_id=FANS),
        Limit(Scope.MEMBER, Window.DAY, 50, role_id=FANS),
    ]
    assert limits(rate, (FANS, STAFF)) == [Limit(Scope.MEMBER, Window.MINUTE, 10, role_id=STAFF)]
    assert [limit.most for limit in limits(rate)] == [3, 5]


@pytest.mark.parametrize(
    "rate", [Rate(exempt_members=(ADA,), guild_day=9), Rate(exempt_roles=(STAFF,), guild_day=9)]
)
def test_who_is_exempt_still_counts_for_the_server(rate: Rate) -> None:
    assert limits(rate, (STAFF,)) == [Limit(Scope.GUILD, Window.DAY, 9)]


def used(limit: Limit, amount: int, oldest: dt.datetime | None = None) -> dict[Limit, Used]:
    return {limit: Used(amount, oldest)}


def test_a_full_minute_says_when_there_is_room_again() -> None:
    limit = Limit(Scope.MEMBER, Window.MINUTE, 2)
    oldest = NOW - dt.timedelta(seconds=50)
    ruling = judge([limit], used(limit, 2, oldest), [DEAR], Budget(), NOW)
    assert ruling.offer is None
    assert ruling.refused is not None
    again = int((NOW + dt.timedelta(seconds=10)).timestamp())
    assert f"<t:{again}:R>" in ruling.refused.sentence
    assert judge([limit], used(limit, 1), [DEAR], Budget(), NOW).offer == 0


@pytest.mark.parametrize(
    ("window", "resets"),
    [
        (Window.DAY, dt.datetime(2027, 1, 1, tzinfo=dt.UTC)),
        (Window.MONTH, dt.datetime(2027, 1, 1, tzinfo=dt.UTC)),
        (Window.MINUTE, NOW + dt.timedelta(minutes=1)),
    ],
)
def test_days_and_months_are_utc_ones(window: Window, resets: dt.datetime) -> None:
    assert Limit(Scope.GUILD, window, 1).resets_at(NOW) == resets
    beginning = {
        Window.DAY: dt.datetime(2026, 12, 31, tzinfo=dt.UTC),
        Window.MONTH: dt.datetime(2026, 12, 1, tzinfo=dt.UTC),
        Window.MINUTE: NOW - dt.timedelta(minutes=1),
    }
    assert Limit(Scope.GUILD, window, 1).since(NOW) == beginning[window]


@pytest.mark.parametrize(
    ("spent", "offers", "taken"),
    [
        (0, (DEAR,), 0),
        (900, (DEAR,), 0),
        (901, (DEAR,), None),
        (799, (DEAR, CHEAP), 0),
        (800, (DEAR, CHEAP), 1),
        (990, (DEAR, CHEAP), 1),
        (991, (DEAR, CHEAP), None),
        (1000, (DEAR, FREE), 1),
        (5000, (FREE,), 0),
        (800, (CHEAP, DEAR), 0),
    ],
)
def test_a_budget_steps_down_at_its_share_and_ends_where_nothing_fits(
    spent: int, offers: tuple[Offer, ...], taken: int | None
) -> None:
    ruling = judge([MONTH], used(MONTH, spent), offers, Budget(share=80), NOW)
    assert ruling.offer == taken
    assert (ruling.refused is None) is (taken is not None)
    assert (ruling.reached is not None) is (spent >= 800 or taken is None)
    assert ruling.full is (taken is None)


def test_the_trace_names_the_cheaper_model_and_a_refusal_the_day_of_reset() -> None:
    down = judge([MONTH], used(MONTH, 850), (DEAR, CHEAP), Budget(), NOW)
    assert down.trace[-1].verdict is Verdict.CHOSE
    assert down.trace[-1].text == "The budget is nearly used up, so Cheap answers instead."
    out = judge([MONTH], used(MONTH, 999), (DEAR, CHEAP), Budget(), NOW)
    assert out.refused is not None
    assert (
        f"<t:{int(dt.datetime(2027, 1, 1, tzinfo=dt.UTC).timestamp())}:R>" in out.refused.sentence
    )


def test_nothing_left_of_nothing_is_no_division_by_it() -> None:
    nothing = replace(MONTH, most=0)
    assert judge([nothing], used(nothing, 0), [CHEAP], Budget(), NOW).offer is None
    assert judge([nothing], used(nothing, 0), [FREE], Budget(), NOW).offer == 0


def test_the_operators_budget_does_not_bind_who_pays_with_a_key_of_their_own() -> None:
    (limit,) = of_operator(Budget(day=5))
    own = replace(DEAR, own_key=True)
    assert judge([limit], used(limit, 5), [DEAR], Budget(), NOW).offer is None
    assert judge([limit], used(limit, 5), [own], Budget(), NOW).offer == 0


def test_a_members_own_budget_tells_nobody_else() -> None:
    limit = Limit(Scope.MEMBER, Window.DAY, 100, money=True)
    ruling = judge([limit], used(limit, 100), [DEAR], Budget(), NOW)
    assert ruling.refused is not None
    assert ruling.reached is None
    assert not ruling.full


def test_the_operators_budget_moves_no_question_off_a_key_of_the_guilds_own() -> None:
    (limit,) = of_operator(Budget(day=100))
    own, cheap = replace(DEAR, own_key=True), replace(CHEAP, own_key=False)
    ruling = judge([limit], used(limit, 90), [own, cheap], Budget(), NOW)
    assert ruling.offer == 0
    assert ruling.trace == ()
