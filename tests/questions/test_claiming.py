"""Claims: limits are read, judged and reserved against in one transaction; a check writes none."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.choices import Budget, GuildSettings, Rate
from bot.db import ledger
from bot.db.base import Base
from bot.guilds.budgets import BudgetEvent, BudgetNotices
from bot.owner.decisions import Allowance
from bot.policy.types import Limit, Scope, Used, Window
from bot.privacy.deletion import erase_person
from bot.types import Place, Question, Usage
from tests.planned import (
    ADA,
    BEN,
    DIRECT,
    ELSEWHERE,
    GUILD,
    IN_GENERAL,
    OPERATOR,
    Planned,
    planned,
    question,
)
from tests.storage import NOON, receipt, rows_of

CENT = 10_000_000
USD = 100 * CENT
COST = 1_001_756_000
"""Nano-USD that a question to the dear model can cost at most; the cheap one's is below a cent."""


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Planned]:
    async with planned(tmp_path, dm_daily=3) as world:
        yield world


async def settle(world: Planned, question_id: int, state: str, usage: Usage | None = None) -> None:
    """End a question; without usage it cost nothing."""
    ended = await world.db.transact(
        lambda session: ledger.settle(
            session,
            world.box,
            question_id,
            state=state,
            usage=usage,
            now=world.now,
            duration_ms=1,
        )
    )
    assert ended


async def may_ask(world: Planned, asked: Question) -> bool:
    return (await world.asked(asked)).refused is None


async def test_a_daily_quota_outside_guilds_is_kept_to_the_question(world: Planned) -> None:
    places = [DIRECT, ELSEWHERE] * 5
    claims = await asyncio.gather(*(world.asked(question(place=place)) for place in places))
    states = [(await receipt(world.db, claim.question_id)).state for claim in claims]
    assert sorted(states) == ["open"] * 3 + ["refused:quota"] * 7
    refusals = {claim.refused.sentence for claim in claims if claim.refused}
    midnight = int(dt.datetime(2026, 8, 2, tzinfo=dt.UTC).timestamp())
    assert refusals == {
        f"You have asked as often as you may today. You can ask again <t:{midnight}:R>."
    }


async def test_the_quota_is_a_persons_and_a_days(world: Planned) -> None:
    for _question in range(3):
        assert await may_ask(world, question(place=DIRECT))
    assert not await may_ask(world, question(place=DIRECT))
    assert await may_ask(world, question(BEN, DIRECT))
    world.now = dt.datetime(2026, 8, 1, 23, 59, 59, tzinfo=dt.UTC)
    assert not await may_ask(world, question(place=DIRECT))
    world.now += dt.timedelta(seconds=1)
    for _question in range(3):
        assert await may_ask(world, question(place=DIRECT))
    world.now = dt.datetime(2026, 8, 3, 3, tzinfo=dt.timezone(dt.timedelta(hours=9)))
    assert not await may_ask(world, question(place=DIRECT)), "still the second of August in UTC"


@pytest.mark.parametrize(
    ("state", "usage", "counts"),
    [
        ("answered", None, True),
        ("cancelled:stopped", None, True),  # or Stop would make every answer free
        ("refused:model", None, True),  # the model itself declined, and was paid for it
        ("failed:unreachable", None, False),
        ("failed:timeout", Usage(), True),  # nobody knows what it cost
        ("failed:bad_reply", Usage(900, 2000, 12_000), True),
        ("refused:expired", None, False),
    ],
)
async def test_what_failed_for_nothing_does_not_count_against_the_quota(
    world: Planned, state: str, usage: Usage | None, counts: bool
) -> None:
    for _question in range(3):
        claim = await world.asked(question(place=DIRECT))
        await settle(world, claim.question_id, state, usage)
    assert await may_ask(world, question(place=DIRECT)) is not counts


async def test_guild_questions_and_refusals_do_not_count_against_the_quota(world: Planned) -> None:
    for _question in range(3):
        assert await may_ask(world, question())
        assert not await may_ask(world, question(place=DIRECT, images=()))
    for _question in range(3):
        assert await may_ask(world, question(place=DIRECT))
    assert not await may_ask(world, question(place=DIRECT))
    assert await may_ask(world, question())


async def test_at_the_edge_of_a_budget_exactly_as_many_as_fit_are_asked(world: Planned) -> None:
    await world.choose(GuildSettings(rate=Rate(minute=None), budget=Budget(month=8 * COST - 1)))
    claims = await asyncio.gather(*(world.asked(question(user)) for user in range(100, 150)))
    taken = [claim for claim in claims if claim.refused is None]
    assert len(taken) == 7
    reserved = [(await receipt(world.db, claim.question_id)).reserved_nano_usd for claim in claims]
    assert sum(reserved) == 7 * COST
    assert {claim.refused.state for claim in claims if claim.refused} == {"refused:quota"}


async def test_at_the_edge_of_a_rate_exactly_as_many_as_may_ask(world: Planned) -> None:
    claims = await asyncio.gather(*(world.asked(question()) for _ in range(50)))
    assert sum(claim.refused is None for claim in claims) == 30
    assert await may_ask(world, question(BEN))
    world.now += dt.timedelta(seconds=60, microseconds=1)
    assert await may_ask(world, question())


async def test_of_many_deliveries_at_once_one_is_claimed(world: Planned) -> None:
    plan = world.planner.plan(question())
    claims = await asyncio.gather(*(world.claims.claim(plan) for _ in range(20)))
    assert sum(claim is not None for claim in claims) == 1


async def test_who_had_their_data_deleted_has_no_new_quota(world: Planned) -> None:
    await world.choose(GuildSettings(rate=Rate(day=2), budget=Budget(member_month=3 * COST)))
    claims = [await world.asked(question()) for _ in range(2)]
    for claim in claims:
        await settle(world, claim.question_id, "answered", Usage(cost_nano_usd=COST))
    await world.db.transact(
        lambda session: erase_person(session, world.box, ADA, world.now),
    )
    assert not await may_ask(world, question())
    assert await may_ask(world, question(BEN)), "a mark stands for one person"
    world.now += dt.timedelta(days=1)
    assert await may_ask(world, question())
    too_dear = await world.asked(question())
    assert too_dear.refused is not None
    assert too_dear.refused.sentence.startswith("Your budget of $3.005268 a month has $0 left")
    world.now = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)
    assert await may_ask(world, question())


async def test_what_the_guilds_own_key_paid_is_not_the_operators(world: Planned) -> None:
    await world.owner.decide(Allowance(day=COST), OPERATOR)
    await world.own_key("acme")
    for _question in range(3):
        claim = await world.asked(question())
        assert (await receipt(world.db, claim.question_id)).own_key
    await world.keyring.remove(GUILD, OPERATOR, "acme")
    assert await may_ask(world, question()), "the operator has paid for nothing so far"
    assert not await may_ask(world, question())
    used = await world.claims.used(
        (Limit(Scope.OPERATOR, Window.DAY, COST, money=True),), IN_GENERAL, ADA
    )
    assert [each.amount for each in used.values()] == [COST]


async def test_a_cheaper_model_on_the_operators_key_counts_for_the_operator(
    world: Planned,
) -> None:
    await world.own_key("bolt")
    budget = Budget(day=CENT, share=1, cheaper="acme/cheap")
    await world.choose(GuildSettings(model_id="bolt/quick", budget=budget))
    await world.owner.decide(Allowance(day=0), OPERATOR)
    for _question in range(2):  # past the share the cheaper one isn't paid for, the first still is
        claim = await world.asked(question())
        assert claim.refused is None
        assert (await receipt(world.db, claim.question_id)).model_id == "bolt/quick"


async def test_a_guard_on_the_operators_key_counts_for_the_operator(world: Planned) -> None:
    await world.own_key("bolt")
    await world.choose(GuildSettings(model_id="bolt/quick", screen_model="acme/warden"))
    claim = await world.asked(question())
    assert not (await receipt(world.db, claim.question_id)).own_key
    await world.owner.decide(Allowance(day=0), OPERATOR)
    assert not await may_ask(world, question())
    await world.own_key("acme")
    assert await may_ask(world, question())


def stepping() -> GuildSettings:
    return GuildSettings(budget=Budget(day=4 * COST, share=50, cheaper="acme/cheap"))


async def test_the_second_way_is_taken_from_the_share_on(world: Planned) -> None:
    await world.choose(stepping())
    models: list[str] = []
    told: list[str] = []
    for _question in range(4):
        claim = await world.asked(question())
        models.append(claim.candidates[0].model.id)
        row = await receipt(world.db, claim.question_id)
        assert row.model_id == models[-1]
        told.append(claim.trace[-1].text)
    assert models == ["acme/dear", "acme/dear", "acme/cheap", "acme/cheap"]
    assert told[-1] == "The budget is nearly used up, so Cheap answers instead."


async def test_a_budget_tells_of_its_share_once_and_of_its_end_once(world: Planned) -> None:
    await world.choose(GuildSettings(budget=Budget(day=4 * COST, share=50)))
    notices = BudgetNotices(world.db, lambda: world.now)
    told: list[BudgetEvent] = []

    async def ask(times: int) -> None:
        claims = await asyncio.gather(*(world.asked(question()) for _ in range(times)))
        for claim in sorted(claims, key=lambda claim: claim.question_id):
            if claim.event and await notices.claim(claim.event):
                told.append(claim.event)

    await ask(2)
    assert not told
    await ask(8)
    assert [(event.level, event.period, event.name) for event in told] == [
        ("share", "day", "2026-08-01"),
        ("full", "day", "2026-08-01"),
    ]
    assert [event.spent_nano for event in told] == [2 * COST, 4 * COST]
    world.now += dt.timedelta(days=1)
    await ask(10)
    assert [event.name for event in told[2:]] == ["2026-08-02"] * 2


async def test_a_members_own_budget_is_no_event_of_the_servers(world: Planned) -> None:
    await world.choose(GuildSettings(budget=Budget(member_day=COST, day=100 * COST)))
    claims = [await world.asked(question()) for _ in range(3)]
    assert [claim.refused is None for claim in claims] == [True, False, False]
    assert [claim.event for claim in claims] == [None, None, None]


def rows(folder: Path) -> dict[str, int]:
    """Count the rows of every table."""
    return {
        name: rows_of(folder, f"SELECT count(*) AS rows FROM {name}")[0]["rows"]
        for name in Base.metadata.tables
    }


async def test_a_check_says_what_a_claim_then_decides_and_writes_nothing(
    world: Planned, tmp_path: Path
) -> None:
    await world.choose(stepping())
    for place in (IN_GENERAL,) * 6 + (DIRECT,) * 5:
        plan = world.planner.plan(question(place=place))
        before = rows(tmp_path)
        ruling = await world.claims.check(plan)
        assert rows(tmp_path) == before
        assert ruling is not None
        claim = await world.claims.claim(plan)
        assert claim is not None
        assert claim.trace == plan.trace + ruling.trace
        assert str(claim.refused) == str(ruling.refused)


async def test_what_is_left_counts_what_is_still_open(world: Planned) -> None:
    await world.choose(GuildSettings(budget=Budget(member_day=5 * USD)))
    claim = await world.asked(question())
    minute, day = limits = world.planner.limits(question().asker, IN_GENERAL)
    used = await world.claims.used(limits, IN_GENERAL, ADA)
    assert used == {minute: Used(1, NOON), day: Used(COST)}
    await settle(world, claim.question_id, "answered", Usage(cost_nano_usd=3 * CENT))
    used = await world.claims.used(limits, IN_GENERAL, ADA)
    assert used[day] == Used(3 * CENT)


@pytest.mark.parametrize("place", [DIRECT, Place(GUILD + 1, 5)], ids=["direct", "another server"])
async def test_a_servers_questions_use_up_nothing_elsewhere(world: Planned, place: Place) -> None:
    for _question in range(3):
        await world.asked(question())
    limits = world.planner.limits(question().asker, place)
    used = await world.claims.used(limits, place, ADA)
    assert [each.amount for each in used.values()] == [0] * len(limits)


@pytest.mark.parametrize("state", ["refused:picture", "failed:unreachable"])
async def test_what_was_tried_in_vain_counts_for_the_minute_alone(
    world: Planned, state: str
) -> None:
    await world.choose(GuildSettings(rate=Rate(minute=2, day=2)))
    for _question in range(2):
        claim = await world.asked(question())
        world.now += dt.timedelta(seconds=1)
        await settle(world, claim.question_id, state)
    assert not await may_ask(world, question()), "pictures were opened for each"
    assert not await may_ask(world, question()), "a refusal takes no further place"
    world.now += dt.timedelta(minutes=1)
    assert await may_ask(world, question())
