"""/settings key and endpoint where Discord lets a server give /settings to others."""

from collections.abc import AsyncIterator

import pytest

from bot.choices import GuildSettings
from bot.errors import Refused
from bot.guilds.catalogs import GuildCatalogs
from bot.guilds.connections import Connections
from bot.guilds.keyring import Keyring
from bot.service import VisionService
from bot.settings import SettingsBook
from bot.sight.proof import Sight
from cogs.settings import SettingsCog
from cogs.settings.endpoint import parse_endpoint
from tests.interactions import GUILD_ID, MEMBER, MODERATOR, Client, connected

REFUSED = "Only moderators who may manage this server can do that."
KEY = "sk-canary-0123456789"
OPENAI = "https://api.openai.com:443"


@pytest.fixture
async def client(
    settings: SettingsBook,
    catalogs: GuildCatalogs,
    service: VisionService,
    sight: Sight,
    keyring: Keyring,
    connections: Connections,
) -> AsyncIterator[Client]:
    cog = SettingsCog(settings, catalogs, service, sight, keyring, connections)
    async with connected([cog]) as connection:
        yield connection


async def test_who_may_use_settings_but_not_manage_the_server_is_asked_for_no_key(
    client: Client, keyring: Keyring
) -> None:
    await keyring.put(GUILD_ID, MODERATOR.id, "openai", OPENAI, KEY)
    for remove in (False, True):
        for told in (
            await client.slash("settings key", by=MEMBER, provider="openai", remove=remove),
            await client.slash("settings endpoint", by=MEMBER, remove=remove),
        ):
            assert (told.content, told.is_private) == (REFUSED, True)
    assert set(keyring.of(GUILD_ID)) == {"openai"}


async def test_a_form_that_somebody_else_sends_changes_nothing(
    client: Client, settings: SettingsBook, keyring: Keyring
) -> None:
    form = await client.slash("settings key", by=MODERATOR, provider="openai")
    told = await client.submit(form, {"key": KEY}, by=MEMBER)
    assert (told.content, told.is_private) == (REFUSED, True)
    form = await client.slash("settings endpoint", by=MODERATOR)
    typed = {"url": "https://models.example.org/v1", "models": "vision", "key": KEY}
    told = await client.submit(form, typed, by=MEMBER)
    assert (told.content, told.is_private) == (REFUSED, True)
    assert settings.of(GUILD_ID) == GuildSettings()
    assert keyring.of(GUILD_ID) == {}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"url": "models.example.org"}, "That is no base URL."),
        ({"url": "https://user:pass@models.example.org/v1"}, "That is no base URL."),
        ({"models": " , "}, "Name 1 to 25 models"),
        ({"models": "x" * 191}, "Name 1 to 25 models"),
        ({"models": ",".join(map(str, range(26)))}, "Name 1 to 25 models"),
        (
            {"models": ",".join(f"{n}{'m' * 90}" for n in range(22))},
            "These names take more than 2,000",
        ),
        ({"key": "two words"}, "That is no key"),
        ({"key": "clé-0123456789"}, "That is no key"),
    ],
)
async def test_a_mistake_in_the_form_is_named_and_all_but_the_key_repeated(
    client: Client, settings: SettingsBook, typed: dict[str, str], said: str
) -> None:
    whole = {"url": "https://models.example.org/v1", "models": "vision", "key": KEY} | typed
    form = await client.slash("settings endpoint", by=MODERATOR)
    told = await client.submit(form, whole, by=MODERATOR)
    assert told.content.startswith(said)
    assert "You typed: " in told.content
    assert whole["key"] not in told.content
    assert len(told.content) <= 2000
    assert settings.of(GUILD_ID) == GuildSettings()


async def test_the_list_of_providers_has_those_that_want_a_key(client: Client) -> None:
    listed = await client.slash("settings key", by=MODERATOR, focused="provider", provider=" ")
    ids = [value for _name, value in listed.choices]
    assert "openai" in ids
    assert "huggingface" in ids
    assert not {"local", "ollama", "custom", "own"} & set(ids)


async def test_an_endpoints_key_is_entered_with_its_address(
    client: Client, settings: SettingsBook
) -> None:
    told = await client.slash("settings key", by=MODERATOR, provider="own")
    assert "no provider “own” that takes a key" in told.content


@pytest.mark.parametrize(
    "names",
    [
        *("", ", ,", "a\nINFO forged", "**bold**", "[a](https://b.example)", "\u202eabc"),
        *("\ud800", "m" * 191, ",".join(f"m{number}" for number in range(26))),
    ],
)
def test_what_is_no_name_of_a_model_is_refused(names: str) -> None:
    with pytest.raises(Refused, match="Name 1 to 25 models"):
        parse_endpoint("https://a.example/v1", names)


def test_names_as_servers_know_models_are_taken() -> None:
    names = ("llava:13b", "zai-org/GLM-4.5V:novita", "@cf/llava-1.5+lora_2", "Qwen VL")
    assert parse_endpoint("https://a.example/v1", ", ".join(names)).models == names
