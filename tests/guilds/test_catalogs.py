"""The catalog as each guild has it: whose keys, whose endpoint, and what stays the operator's."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from bot.catalog.catalog import READER, Catalog
from bot.catalog.loader import load
from bot.catalog.own import normal_url, provider_of
from bot.catalog.shelf import Shelf
from bot.catalog.types import OWN
from bot.choices import GuildSettings, OwnEndpoint
from bot.db.engine import Database
from bot.db.guild_tables import GuildRow
from bot.db.keys import SecretBox
from bot.errors import CatalogError, Refused
from bot.guilds.catalogs import GuildCatalogs
from bot.guilds.keyring import Keyring
from bot.owner.book import OwnerBook
from bot.settings import SettingsBook
from tests.storage import ALICE, GUILD, open_database

OPERATORS = "sk-operators-0123456789"
GUILDS = "sk-guilds-0123456789"
OPENAI = "https://api.openai.com:443"
ENVIRON = {
    "OPENAI_API_KEY": OPERATORS,
    "OLLAMA_BASE_URL": "http://127.0.0.1:11434",
    "OWN_API_KEY": OPERATORS,
    "OWN_BASE_URL": "http://127.0.0.1:1",
}
IMPOSSIBLE = r"""
models.example.org ftp://a.example/v1 https:// https:///v1 https://user:pass@a.example/v1
https://a.example/v1?key=1 https://a.example/v1#x https://a.example:99999/v1 https://a.example:0
https://a%20b/v1 https://[fe80::1%25eth0]/v1 https://a\b/v1 https://[::/v1 file:///etc/passwd
https://①②⑦.0.0.1/v1 https://-.example/v1 https://./v1 javascript:alert(1)
""".split()  # noqa: SIM905 - a table to read
ENDPOINT = OwnEndpoint("https://models.example.org/v1", ("vision", "org/other"))


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(tmp_path) as database:
        yield database


@pytest.fixture
def keyring(db: Database, tmp_path: Path) -> Keyring:
    return Keyring(db, SecretBox.load((), tmp_path))


@pytest.fixture
def book(db: Database, keyring: Keyring) -> SettingsBook:
    return SettingsBook(db, keyring.drop)


@pytest.fixture
def owner(db: Database) -> OwnerBook:
    return OwnerBook(db)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf(load(ENVIRON).models)


@pytest.fixture
def catalogs(shelf: Shelf, book: SettingsBook, owner: OwnerBook, keyring: Keyring) -> GuildCatalogs:
    return GuildCatalogs(replace(load(ENVIRON), models=shelf), book, owner, keyring)


async def unpaid(db: Database, owner: OwnerBook) -> None:
    """Have the operator not pay for the guild."""

    async def work(session) -> None:
        session.add(GuildRow(guild_id=GUILD, operator_keys=False))

    await db.transact(work)
    await owner.load()


def key_at(catalog: Catalog, provider_id: str) -> tuple[str | None, bool] | None:
    endpoint = catalog.endpoint(catalog.providers[provider_id])
    return endpoint and (endpoint.key, endpoint.own)


def test_a_guild_that_chose_nothing_has_the_catalog_itself(catalogs: GuildCatalogs) -> None:
    assert catalogs.of(GUILD) is catalogs.of(None) is catalogs.catalog
    assert key_at(catalogs.of(GUILD), "openai") == (OPERATORS, False)


async def test_a_guilds_own_key_comes_before_the_operators_and_only_there(
    catalogs: GuildCatalogs, keyring: Keyring
) -> None:
    await keyring.put(GUILD, ALICE, "openai", OPENAI, GUILDS)
    assert key_at(catalogs.of(GUILD), "openai") == (GUILDS, True)
    assert key_at(catalogs.of(GUILD + 1), "openai") == (OPERATORS, False)
    assert key_at(catalogs.of(None), "openai") == (OPERATORS, False)
    await keyring.remove(GUILD, ALICE, "openai")
    assert catalogs.of(GUILD) is catalogs.catalog


async def test_a_guilds_key_makes_a_provider_usable_that_the_operator_has_not_set_up(
    catalogs: GuildCatalogs, keyring: Keyring
) -> None:
    groq = catalogs.catalog.providers["groq"]
    assert not catalogs.of(GUILD).configured(groq)
    await keyring.put(GUILD, ALICE, "groq", "https://api.groq.com:443", GUILDS)
    assert catalogs.of(GUILD).configured(groq)
    assert not catalogs.of(GUILD + 1).configured(groq)


async def test_a_key_never_goes_to_another_origin_than_it_was_entered_for(
    catalogs: GuildCatalogs, keyring: Keyring
) -> None:
    await keyring.put(GUILD, ALICE, "openai", "https://proxy.example:443", GUILDS)
    assert key_at(catalogs.of(GUILD), "openai") == (OPERATORS, False)


async def test_the_own_endpoint_has_its_models_and_neither_key_nor_address_of_the_operators(
    catalogs: GuildCatalogs, book: SettingsBook, keyring: Keyring
) -> None:
    await book.change(GUILD, ALICE, GuildSettings(endpoint=ENDPOINT))
    here = catalogs.of(GUILD)
    model = here.resolve("own/org/other")
    endpoint = here.endpoint(model.provider)
    assert endpoint is not None
    assert (endpoint.base_url, endpoint.key) == ("https://models.example.org/v1", None)
    assert endpoint.own
    assert endpoint.foreign
    assert (model.name, model.provider.company) == ("org/other", "models.example.org")
    assert [found.id for found in here.search("own/", usable_only=True)] == [
        "own/vision",
        "own/org/other",
    ]
    await keyring.put(GUILD, ALICE, OWN, "https://models.example.org:443", GUILDS)
    assert key_at(catalogs.of(GUILD), OWN) == (GUILDS, True)
    assert catalogs.of(GUILD + 1).find("own/vision") is None
    await book.change(GUILD, ALICE, GuildSettings())
    assert catalogs.of(GUILD).find("own/vision") is None


async def test_the_own_endpoint_answers_when_chosen_and_otherwise_last(
    db: Database, catalogs: GuildCatalogs, book: SettingsBook, owner: OwnerBook
) -> None:
    await book.change(GUILD, ALICE, GuildSettings(endpoint=ENDPOINT))
    assert catalogs.of(GUILD).default().provider.id == "openai"
    await unpaid(db, owner)
    assert catalogs.of(GUILD).default().id == "own/vision"


async def test_where_the_operator_does_not_pay_neither_keys_nor_keyless_servers_are_used(
    db: Database, catalogs: GuildCatalogs, owner: OwnerBook, keyring: Keyring
) -> None:
    assert catalogs.of(GUILD).configured(catalogs.catalog.providers["ollama"])
    await unpaid(db, owner)
    here = catalogs.of(GUILD)
    usable = [model.id for model in here.models.values() if here.usable(model)]
    assert usable == [READER]
    assert catalogs.of(None).configured(catalogs.catalog.providers["openai"])
    await keyring.put(GUILD, ALICE, "openai", OPENAI, GUILDS)
    assert key_at(catalogs.of(GUILD), "openai") == (GUILDS, True)
    assert not catalogs.of(GUILD).configured(here.providers["ollama"])


@pytest.mark.parametrize(
    ("model_id", "said"), [("openai/gpt-4o", "/settings key"), ("ollama/gemma4", "isn't offered")]
)
async def test_what_the_operator_does_not_pay_for_says_so(
    db: Database, catalogs: GuildCatalogs, owner: OwnerBook, model_id: str, said: str
) -> None:
    await unpaid(db, owner)
    with pytest.raises(Refused, match=said):
        catalogs.of(GUILD).resolve(model_id)


async def test_a_guilds_catalog_is_made_once_and_reads_through_to_what_is_discovered(
    catalogs: GuildCatalogs, book: SettingsBook, shelf: Shelf
) -> None:
    await book.change(GUILD, ALICE, GuildSettings(endpoint=ENDPOINT))
    here = catalogs.of(GUILD)
    assert catalogs.of(GUILD) is here
    old = shelf["openai/gpt-4o"]
    shelf.put({"openai/new": msgspec.structs.replace(old, id="openai/new", name="new")})
    assert here.find("openai/new") is not None
    assert list(here.models) == ["own/vision", "own/org/other", "openai/new"]
    await book.change(GUILD, ALICE, GuildSettings(endpoint=ENDPOINT, prompt="Be brief."))
    assert catalogs.of(GUILD) is here


def test_no_provider_file_may_call_itself_own(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text('[provider]\nid = "own"\nlabel = "x"\ncompany = "x"\n')
    with pytest.raises(CatalogError, match="own"):
        load({}, tmp_path)


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("https://models.example.org/v1", "https://models.example.org/v1"),
        (" https://Models.Example.org/v1/ ", "https://models.example.org/v1"),
        ("https://models.example.org", "https://models.example.org/v1"),
        ("https://a.example/api/chat/completions", "https://a.example/api"),
        ("https://a.example:443/v1", "https://a.example/v1"),
        ("http://192.168.1.7:11434/v1", "http://192.168.1.7:11434/v1"),
        ("https://[2606:4700::1]:8443/v1", "https://[2606:4700::1]:8443/v1"),
        ("https://exämple.org/v1", "https://xn--exmple-cua.org/v1"),
    ],
)
def test_a_base_url_is_brought_into_one_form(typed: str, url: str) -> None:
    assert normal_url(typed) == url
    assert normal_url(url) == url


def test_nobody_is_named_by_letters_that_look_like_anothers() -> None:
    url = normal_url("https://\N{CYRILLIC SMALL LETTER A}pi.openai.com/v1")
    assert url is not None
    assert provider_of(url).company == "xn--pi-6kc.openai.com"


@pytest.mark.parametrize("typed", ["", "https://a b/v1", *IMPOSSIBLE])
async def test_what_cannot_be_a_base_url_is_none_and_no_setting(
    book: SettingsBook, typed: str
) -> None:
    assert normal_url(typed) is None
    with pytest.raises(Refused):
        await book.change(GUILD, ALICE, GuildSettings(endpoint=OwnEndpoint(typed, ("vision",))))
    assert book.of(GUILD) == GuildSettings()
