"""A planner and its claims on real books, with a small catalog of its own and a clock to turn."""

import datetime as dt
import itertools
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.catalog.loader import load
from bot.choices import GuildSettings
from bot.db.engine import Database
from bot.db.keys import SecretBox
from bot.guilds.catalogs import GuildCatalogs
from bot.guilds.keyring import Keyring
from bot.owner.book import OwnerBook
from bot.owner.decisions import Keys
from bot.privacy.consent import OptOuts
from bot.questions.claiming import Claim, Claims
from bot.questions.planning import Planner
from bot.settings import SettingsBook
from bot.types import Asker, Entry, ImageRef, Place, Question
from tests.storage import NOON, open_database

GUILD, LOBBY, GENERAL, THREAD, OFFICE = 1, 10, 11, 12, 13
ADA, BEN, MOD, OPERATOR = 31, 32, 33, 34
STAFF, GUESTS = 21, 22
IN_GENERAL = Place(GUILD, GENERAL, (LOBBY,))
IN_THREAD = Place(GUILD, THREAD, (GENERAL, LOBBY))
DIRECT = Place(None, 99)
ELSEWHERE = Place(None, 98)
"""Where a member has the app and the bot is none."""

_FACTS = 'checked = 2026-11-01\nsource = "a test"'


def _model(name: str, price: str, *facts: str) -> str:
    money = f'price = {{ {price}, checked = 2026-11-01, source = "a test" }}'
    label = name.capitalize()
    return "\n".join(["[[models]]", f'name = "{name}"', f'label = "{label}"', money, *facts])


_ACME = f"""
[provider]
id = "acme"
label = "Acme"
company = "Acme Inc."
base_url = "https://acme.invalid/v1"
api_key_env = ["ACME_API_KEY"]
[defaults]
proven = true
max_output_tokens = 1000
{_FACTS}
{_model("dear", "input = 1, output = 1000")}
{_model("cheap", "input = 0.001, output = 1")}
{_model("other", "input = 1, output = 1")}
{_model("free", "input = 0, output = 0")}
{_model("old", "input = 1, output = 1", "shutdown = 2026-01-01", 'successor = "acme/dear"')}
{_model("blind", "input = 1, output = 1", "sees = false")}
{_model("warden", "input = 1, output = 1", "guard = true")}
"""
_BOLT = f"""
[provider]
id = "bolt"
label = "Bolt"
company = "Bolt Ltd."
base_url = "https://bolt.invalid/v1"
api_key_env = ["BOLT_API_KEY"]
[defaults]
proven = true
{_FACTS}
{_model("quick", "input = 1, output = 1")}
"""

_sources = itertools.count(1)


@dataclass
class Planned:
    """Everything that decides about a question, and the moment at which it does."""

    db: Database
    box: SecretBox
    settings: SettingsBook
    owner: OwnerBook
    opt_outs: OptOuts
    keyring: Keyring
    planner: Planner
    now: dt.datetime = NOON
    claims: Claims = field(init=False)

    def __post_init__(self) -> None:
        self.claims = Claims(self.db, self.box, lambda: self.now)

    async def choose(self, settings: GuildSettings, guild_id: int = GUILD) -> None:
        """Put a guild's settings in force."""
        await self.settings.change(guild_id, MOD, settings)

    async def own_key(self, provider_id: str, guild_id: int = GUILD) -> None:
        """Give the guild a key of its own."""
        origin = f"https://{provider_id}.invalid:443"
        await self.keyring.put(guild_id, MOD, provider_id, origin, "a-key-of-the-guild")

    async def unpaid(self, guild_id: int = GUILD) -> None:
        """Have the operator not pay for the guild."""
        await self.owner.decide(Keys(guild_id, allowed=False), OPERATOR)

    async def asked(self, question: Question) -> Claim:
        """Plan and claim a question that nobody claimed before."""
        claim = await self.claims.claim(self.planner.plan(question))
        assert claim is not None
        return claim


@asynccontextmanager
async def planned(
    folder: Path, *, default_model: str | None = "acme/dear", dm_daily: int | None = None
) -> AsyncIterator[Planned]:
    """Open a database in this folder with nothing chosen yet; the operator's key is Acme's."""
    files = folder / "catalog"
    files.mkdir(exist_ok=True)
    (files / "acme.toml").write_text(_ACME)
    (files / "bolt.toml").write_text(_BOLT)
    box = SecretBox.load((), folder)
    async with open_database(folder) as db:
        keyring = Keyring(db, box)
        settings, owner, opt_outs = SettingsBook(db, keyring.drop), OwnerBook(db), OptOuts(db)
        for book in (settings, owner, opt_outs, keyring):
            await book.load()
        catalog = load({"ACME_API_KEY": "a-key-of-the-operator"}, files)
        planner = Planner(
            GuildCatalogs(catalog, settings, owner, keyring),
            settings,
            owner,
            opt_outs,
            default_model=default_model,
            dm_daily=dm_daily,
        )
        yield Planned(db, box, settings, owner, opt_outs, keyring, planner)


def picture(author: int = ADA, name: str = "cat.png") -> ImageRef:
    """Give a picture that somebody posted."""
    url = f"https://cdn.invalid/{name}"
    return ImageRef(url=url, filename=name, width=64, height=64, author_id=author)


def question(
    user_id: int = ADA,
    place: Place = IN_GENERAL,
    *,
    roles: Collection[int] = (),
    images: tuple[ImageRef, ...] | None = None,
    entry: Entry = Entry.ASK,
    model_id: str | None = None,
) -> Question:
    """Give somebody's question, with a source of its own."""
    return Question(
        source_id=next(_sources),
        entry=entry,
        asker=Asker(user_id, role_ids=tuple(roles)),
        place=place,
        text="What is it?",
        images=(picture(),) if images is None else images,
        model_id=model_id,
    )
