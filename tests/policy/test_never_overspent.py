"""Limits and budgets under everything at once: whatever happens, nothing is overspent.

Asks (alone and many at a time), settlements, failures, changes of settings, deletions, jumps of the
clock and restarts, in any order, on a real database; a plain Python list is the witness."""

import asyncio
import datetime as dt
import shutil
import tempfile
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.catalog.loader import load
from bot.choices import Budget, GuildSettings, Rate
from bot.db import ledger
from bot.db.engine import Database, migrate
from bot.db.keys import SecretBox
from bot.guilds.catalogs import GuildCatalogs
from bot.guilds.keyring import Keyring
from bot.owner.book import OwnerBook
from bot.privacy.consent import OptOuts
from bot.privacy.deletion import erase_person
from bot.questions.claiming import Claims
from bot.questions.planning import Planner
from bot.settings import SettingsBook
from bot.types import Asker, CostSource, Entry, ImageRef, Place, Question, Usage
from bot.usage import summary
from tests.storage import SERVER, open_database, url_of

GUILD, CHANNEL = 10, 20
PEOPLE = (30, 31, 32)
BEGINNING = dt.datetime(2026, 11, 27, 22, 0, tzinfo=dt.UTC)
CATALOG = """
[provider]
id = "acme"
label = "Acme"
company = "Acme Inc."
base_url = "https://acme.invalid/v1"
api_key_env = ["ACME_API_KEY"]
[[models]]
name = "dear"
label = "Dear"
proven = true
checked = 2026-11-01
source = "a test"
price = { input = 10.0, output = 30.0, checked = 2026-11-01, source = "a test" }
[[models]]
name = "cheap"
label = "Cheap"
proven = true
checked = 2026-11-01
source = "a test"
price = { input = 0.1, output = 0.3, checked = 2026-11-01, source = "a test" }
"""
CENT = 10_000_000
amounts = st.one_of(st.none(), st.integers(0, 40 * CENT))
_T = TypeVar("_T")


@cache
def migrated() -> Path:
    """Give a folder with an empty, migrated database, copied for each run."""
    folder = Path(tempfile.mkdtemp(prefix="vidi-"))
    asyncio.run(migrate(url_of(folder), folder))
    return folder


@dataclass
class Asked:
    """The witness's own note of a question; `counts` is what it counts for now."""

    user_id: int
    at: dt.datetime
    reserved: int
    counts: int
    open: bool = True
    failed_free: bool = False


class Spending(RuleBasedStateMachine):
    """A guild whose members ask while everything else happens."""

    db: Database
    opening: AbstractAsyncContextManager[Database]
    books: SettingsBook
    planner: Planner
    claims: Claims

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="vidi-"))
        if not SERVER:
            shutil.copy(migrated() / "vidi.db", self.folder / "vidi.db")
        self.runner = asyncio.Runner()
        self.now = BEGINNING
        self.sources = count(1)
        self.asked: dict[int, Asked] = {}
        self.box = SecretBox.load((), self.folder)
        self.start()

    def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        return self.runner.run(work)

    def start(self) -> None:
        async def opened() -> None:
            self.opening = open_database(self.folder)
            self.db = await self.opening.__aenter__()
            self.books = SettingsBook(self.db)
            await self.books.load()
            owner, keyring = OwnerBook(self.db), Keyring(self.db, self.box)
            files = self.folder / "catalog"
            files.mkdir(exist_ok=True)
            (files / "acme.toml").write_text(CATALOG)
            catalog = load({"ACME_API_KEY": "a-key-of-acme"}, files)
            catalogs = GuildCatalogs(catalog, self.books, owner, keyring)
            self.planner = Planner(
                catalogs, self.books, owner, OptOuts(self.db), default_model="acme/dear"
            )
            self.claims = Claims(self.db, self.box, lambda: self.now)

        self.run(opened())

    def teardown(self) -> None:
        self.run(self.opening.__aexit__(None, None, None))
        self.runner.close()
        shutil.rmtree(self.folder)

    @initialize(day=amounts, month=amounts, member=amounts, minute=st.sampled_from([None, 2, 3]))
    def begin(
        self, day: int | None, month: int | None, member: int | None, minute: int | None
    ) -> None:
        self.change(day, month, member, minute, None, cheaper=True)

    @rule(
        day=amounts,
        month=amounts,
        member=amounts,
        minute=st.one_of(st.none(), st.integers(1, 4)),
        guild_day=st.one_of(st.none(), st.integers(1, 12)),
        cheaper=st.booleans(),
    )
    def change(
        self,
        day: int | None,
        month: int | None,
        member: int | None,
        minute: int | None,
        guild_day: int | None,
        cheaper: bool,
    ) -> None:
        """Moderators choose other limits."""
        chosen = GuildSettings(
            rate=Rate(minute=minute, guild_day=guild_day),
            budget=Budget(
                day=day,
                month=month,
                member_month=member,
                cheaper="acme/cheap" if cheaper else None,
            ),
        )
        self.run(self.books.change(GUILD, 1, chosen))

    @rule(user_id=st.sampled_from(PEOPLE), times=st.integers(1, 5), pictures=st.integers(1, 3))
    def ask(self, user_id: int, times: int, pictures: int) -> None:
        """Somebody asks, several times at once."""

        async def all_at_once() -> list[Any]:
            return await asyncio.gather(*(self.one(user_id, pictures) for _ in range(times)))

        asked = self.run(all_at_once())
        for claim, plan in sorted(asked, key=lambda one: one[0].question_id):
            if claim.refused is None:
                offer = next(
                    o for w, o in zip(plan.ways, plan.offers, strict=True) if w is claim.candidates
                )
                assert self.fits(user_id, offer.reserve_nano), "overspent"
                self.asked[claim.question_id] = Asked(
                    user_id, self.now, offer.reserve_nano, offer.reserve_nano
                )
            else:
                assert claim.refused.state == "refused:quota"
                cheapest = min(offer.reserve_nano for offer in plan.offers)
                assert not self.fits(user_id, cheapest), "refused without a reason"

    async def one(self, user_id: int, pictures: int) -> tuple[Any, Any]:
        question = Question(
            source_id=next(self.sources),
            entry=Entry.ASK,
            asker=Asker(user_id),
            place=Place(GUILD, CHANNEL),
            text="What is it?",
            images=tuple(
                ImageRef(url=f"https://cdn.invalid/{n}.png", filename="a.png", width=64, height=64)
                for n in range(pictures)
            ),
        )
        plan = self.planner.plan(question)
        claim = await self.claims.claim(plan)
        assert claim is not None
        return claim, plan

    def fits(self, user_id: int, reserve: int) -> bool:
        """Tell what the witness says: whether a question of this cost may be let in now."""
        budget, rate = self.books.of(GUILD).budget, self.books.of(GUILD).rate
        midnight = self.now.replace(hour=0, minute=0, second=0, microsecond=0)
        first = midnight.replace(day=1)
        money = (
            (budget.day, self.spent(midnight)),
            (budget.month, self.spent(first)),
            (budget.member_month, self.spent(first, user_id)),
        )
        counts = (
            (rate.minute, self.count(self.now - dt.timedelta(minutes=1), user_id)),
            (rate.guild_day, self.count(midnight)),
        )
        return all(most is None or spent + reserve <= most for most, spent in money) and all(
            most is None or asked < most for most, asked in counts
        )

    def spent(self, since: dt.datetime, user_id: int | None = None) -> int:
        return sum(one.counts for one in self.since(since, user_id))

    def count(self, since: dt.datetime, user_id: int | None = None) -> int:
        return sum(not one.failed_free for one in self.since(since, user_id))

    def since(self, since: dt.datetime, user_id: int | None) -> list[Asked]:
        return [
            one for one in self.asked.values() if one.at >= since and user_id in (None, one.user_id)
        ]

    @rule(data=st.data(), share=st.integers(0, 100), known=st.booleans())
    def settle(self, data: st.DataObject, share: int, known: bool) -> None:
        """A question is answered, for what it was reserved for or less."""
        if question_id := self.an_open_one(data):
            one = self.asked[question_id]
            cost = one.reserved * share // 100
            usage = Usage(10, 10, cost, CostSource.ESTIMATE) if known else Usage(10, 10)
            self.end(question_id, "answered", usage)
            one.counts = cost if known else one.reserved

    @rule(data=st.data())
    def fail(self, data: st.DataObject) -> None:
        """A question fails before anything was sent."""
        if question_id := self.an_open_one(data):
            self.end(question_id, "failed:unreachable", None)
            self.asked[question_id].counts = 0
            self.asked[question_id].failed_free = True

    def an_open_one(self, data: st.DataObject) -> int | None:
        still = sorted(id_ for id_, one in self.asked.items() if one.open)
        return data.draw(st.sampled_from(still)) if still else None

    def end(self, question_id: int, state: str, usage: Usage | None) -> None:
        self.asked[question_id].open = False
        work = self.db.transact(
            lambda session: ledger.settle(
                session,
                self.box,
                question_id,
                state=state,
                now=self.now,
                duration_ms=1,
                usage=usage,
            )
        )
        assert self.run(work)

    @rule(seconds=st.sampled_from([1, 20, 45, 61, 3600, 7200, 86400, 3 * 86400]))
    def wait(self, seconds: int) -> None:
        """Time goes on, over midnights and the end of the month."""
        self.now += dt.timedelta(seconds=seconds)

    @rule(user_id=st.sampled_from(PEOPLE))
    def forget(self, user_id: int) -> None:
        """Somebody has their data deleted, which wins them no new quota."""
        self.run(
            self.db.transact(lambda session: erase_person(session, self.box, user_id, self.now))
        )

    @rule()
    def restart(self) -> None:
        """The process ends and starts anew; what was open counts for its reservation."""
        self.run(self.opening.__aexit__(None, None, None))
        self.start()
        self.run(
            self.db.transact(
                lambda session: ledger.end_open(
                    session, opened_before=self.now + dt.timedelta(seconds=1), now=self.now
                )
            )
        )
        for one in self.asked.values():
            one.open = False

    @invariant()
    def sums_equal_the_rows(self) -> None:
        async def rows(session: Any) -> dict[int, tuple[int | None, int]]:
            table = ledger.questions.c
            found = await session.execute(
                ledger.select(table.id, table.cost_nano_usd, table.reserved_nano_usd)
            )
            return {id_: (cost, reserved) for id_, cost, reserved in found}

        written = self.run(self.db.read(rows))
        for question_id, one in self.asked.items():
            cost, reserved = written[question_id]
            assert one.counts == (reserved if cost is None else cost)
        usage = self.run(
            summary(self.db, guild_id=GUILD, user_id=None, since=BEGINNING - dt.timedelta(days=60))
        )
        known = sum(cost for cost, _reserved in written.values() if cost is not None)
        assert usage.cost_nano_usd == known == sum(row.cost_nano_usd for row in usage.by_member)
        assert usage.questions == len(self.asked)


TestSpending = Spending.TestCase
TestSpending.settings = hypothesis_settings(max_examples=30, stateful_step_count=30, deadline=None)
