"""A guild's own keys and endpoint, from the form to what the provider is sent."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.catalog.types import OWN
from bot.choices import GuildSettings, OwnEndpoint
from bot.net import origin
from playground import Interaction, Message, Person
from playground.completions import Fail
from playground.model_server import ModelRequest, ModelServer
from tests.e2e.conftest import Town
from tests.provider.certificates import server_context
from tests.provider.conftest import RawServer

HOME = {"VIDI_TRUSTED_NETWORKS": "127.0.0.0/8"}
KEY = "sk-guilds-canary-0123456789-wxyz"
HOST_KEY = "sk-operators-canary-0123456789"
NO_ANSWER = (
    "No usable answer came from there. It must be a public https address with a valid certificate "
    "that doesn't redirect. Nothing was changed."
)


@pytest.fixture
async def there() -> AsyncIterator[ModelServer]:
    """The guild's own server, which wants its key."""
    async with ModelServer() as server:
        server.names, server.key = ("vision", "other"), KEY
        yield server


@pytest.fixture(autouse=True)
def no_floor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.guilds.connections.FLOOR", 0.05)


async def sends(
    town: Town, command: str, who: Person | None = None, **typed: str
) -> tuple[Interaction, Message]:
    """Have the moderator open a form and fill it in; gives what the bot says then."""
    opened = await town.mod.slash(town.channel, command)
    assert opened.modal is not None
    told = await town.told(await (who or town.mod).submit(opened, **typed))
    assert told.ephemeral_to is (who or town.mod)
    return opened, told


async def sets_endpoint(town: Town, url: str, models: str = "vision", key: str = "") -> Message:
    _form, told = await sends(town, "settings endpoint", url=url, models=models, key=key)
    return told


async def sets_key(town: Town, provider: str, key: str = KEY) -> tuple[Interaction, Message]:
    opened = await town.mod.slash(town.channel, "settings key", provider=provider)
    assert opened.modal is not None
    return opened, await town.told(await town.mod.submit(opened, key=key))


async def chooses(town: Town, model: str) -> Message:
    return await town.told(await town.mod.slash(town.channel, "settings model", model=model))


def rows(folder: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(folder / "vidi.db")) as db:
        return db.execute(query).fetchall()


def keys(requests: list[ModelRequest]) -> set[str | None]:
    return {request.headers.get("authorization") for request in requests}


async def test_a_guilds_endpoint_is_tried_kept_and_asked_with_its_key(
    town: Town, there: ModelServer
) -> None:
    async with town.bot(HOME):
        told = await sets_endpoint(town, there.base_url, "vision, other", KEY)
        assert "It answered, and its list has every model." in told.content
        assert "Its key is …wxyz (it was: none)." in told.content
        assert f"<{there.base_url}> with vision, other (it was: none)" in told.content
        assert told.buttons == ["Undo"]
        await chooses(town, "own/vision")
        await town.ask(image=town.picture())
        (asked,) = there.chats
        assert asked.body["model"] == "vision"
        shown = await town.told(await town.mod.slash(town.channel, "settings show"))
    assert KEY not in "".join(message.content for message in town.channel.messages)
    assert "vision at this server's own endpoint" in shown.content
    assert "**Own keys:** this server's own endpoint …wxyz" in shown.content
    assert keys(there.requests + there.proofs) == {f"Bearer {KEY}"}
    assert town.models.chats == []


async def test_an_endpoint_that_moves_gets_neither_the_old_key_nor_the_operators(
    town: Town, there: ModelServer
) -> None:
    async with (
        ModelServer() as elsewhere,
        town.bot(HOME, CUSTOM_API_KEY=HOST_KEY, OWN_API_KEY=HOST_KEY),
    ):
        await sets_endpoint(town, there.base_url, key=KEY)
        await chooses(town, "own/vision")
        moved = await sets_endpoint(town, elsewhere.base_url)
        assert "The endpoint's key was for the old address: it is erased." in moved.content
        assert rows(town.folder, "SELECT * FROM guild_keys") == []
        await town.ask(image=town.picture())
        assert elsewhere.chats
        undone = await town.told(await town.mod.click(moved, "Undo"))
        assert "Undone." in undone.content
        assert rows(town.folder, "SELECT * FROM guild_keys") == []
        there.requests.clear()
        there.proofs.clear()
        await town.ada.slash(town.channel, "ask", image=town.picture())
        await town.pg.until(lambda: bool(there.requests + there.proofs))
    assert keys(elsewhere.requests + elsewhere.proofs) == {None}
    assert keys(there.requests + there.proofs) == {None}


async def test_the_same_address_keeps_its_key_and_other_models_need_it_not_again(
    town: Town, there: ModelServer
) -> None:
    async with town.bot(HOME):
        await sets_endpoint(town, there.base_url, "vision", KEY)
        form, told = await sends(
            town, "settings endpoint", url=there.base_url, models="vision, other", key=""
        )
        assert "its list has every model" in told.content
        assert form.modal is not None
        assert [each.value for each in form.modal.inputs] == [there.base_url, "vision", ""]
        assert rows(town.folder, "SELECT last_four FROM guild_keys") == [("wxyz",)]


async def test_removing_the_endpoint_removes_its_key_and_what_was_chosen_of_it(
    town: Town, there: ModelServer
) -> None:
    async with town.bot(HOME):
        await sets_endpoint(town, there.base_url, key=KEY)
        await chooses(town, "own/vision")
        removed = await town.told(
            await town.mod.slash(town.channel, "settings endpoint", remove=True)
        )
        assert "**Own endpoint:** none (it was: " in removed.content
        assert "it is erased" in removed.content
        assert "Questions go to vision at Custom server now." in removed.content
        assert rows(town.folder, "SELECT * FROM guild_keys") == []
        await town.ask(image=town.picture())
    assert len(town.models.chats) == 1


@pytest.mark.parametrize("url", ["{loopback}", "http://10.1.2.3/v1", "https://169.254.169.254/v1"])
async def test_an_address_inside_is_refused_in_the_one_sentence_and_what_was_typed_is_kept(
    town: Town, there: ModelServer, url: str
) -> None:
    url = url.format(loopback=there.base_url)
    async with town.bot():
        told = await sets_endpoint(town, url, "vision, other", KEY)
        assert told.content == f"{NO_ANSWER}\nYou typed: <{url}> with vision, other"
        assert rows(town.folder, "SELECT * FROM guild_keys") == []
        assert rows(town.folder, "SELECT * FROM settings_changes") == []
    assert there.requests == []


async def test_even_the_operators_own_server_is_no_endpoint_of_a_guilds(town: Town) -> None:
    async with town.bot():
        told = await sets_endpoint(town, town.models.base_url, "vision", KEY)
    assert told.content.startswith(NO_ANSWER)
    assert town.models.requests == []


async def test_a_fourth_try_in_a_minute_has_to_wait(town: Town, there: ModelServer) -> None:
    async with town.bot(HOME):
        told = [await sets_endpoint(town, "https://nowhere.invalid/v1") for _each in range(4)]
    assert len({message.content for message in told[:3]}) == 1
    assert told[3].content.startswith("Only 3 tries a minute for keys and endpoints. Wait ")
    assert "<https://nowhere.invalid/v1> with vision" in told[3].content


async def test_an_endpoint_that_redirects_a_question_takes_its_key_nowhere(
    town: Town, there: ModelServer
) -> None:
    async with ModelServer() as canary, town.bot(HOME) as vidi:
        await sets_endpoint(town, there.base_url, key=KEY)
        chosen = replace(
            vidi.core.settings.of(town.guild.id), model_id="own/vision", unproven=("own/vision",)
        )
        await vidi.core.settings.change(town.guild.id, town.mod.id, chosen)
        there.sees = False
        away = {"Location": f"{canary.base_url}/chat/completions"}
        there.always(lambda _request: Fail(307, {}, away))
        await town.ada.slash(town.channel, "ask", image=town.picture())
        await town.pg.until(lambda: bool(town.ledger()) and town.ledger()[0]["finished_at"])
        assert town.ledger()[0]["state"].startswith("failed:")
    assert there.chats
    assert canary.requests == []


async def test_a_certificate_nobody_vouches_for_gets_no_key(town: Town, tmp_path: Path) -> None:
    async def answer(_request: bytes, _write: object) -> None:
        """Nothing is ever said here."""

    tls, _trusted = server_context(tmp_path)
    async with RawServer().serving(answer, tls=tls) as server, town.bot(HOME) as vidi:
        url = f"{server.url}/v1"
        told = await sets_endpoint(town, url, "vision", KEY)
        assert told.content.startswith(NO_ANSWER)
        settings = GuildSettings(
            endpoint=OwnEndpoint(url, ("vision",)),
            model_id="own/vision",
            unproven=("own/vision",),
        )
        await vidi.core.settings.change(town.guild.id, town.mod.id, settings)
        await vidi.core.keyring.put(town.guild.id, town.mod.id, OWN, origin(url), KEY)
        asked = await town.ada.slash(town.channel, "ask", image=town.picture())
        await town.pg.until(lambda: bool(town.ledger()) and town.ledger()[0]["finished_at"])
        assert town.ledger()[0]["state"] == "failed:insecure"
        assert "no valid certificate" in (await town.told(asked)).content
    assert server.requests == []


async def test_a_key_is_tried_kept_and_used_before_the_operators(town: Town) -> None:
    async with (
        ModelServer() as provider,
        town.bot(AIMLAPI_BASE_URL=provider.base_url, AIMLAPI_API_KEY=HOST_KEY),
    ):
        provider.key = KEY
        opened, told = await sets_key(town, "aimlapi")
        assert opened.modal is not None
        assert opened.modal.title == "Key for AI/ML API"
        assert told.ephemeral_to is town.mod
        assert told.content == (
            "**Key for AI/ML API:** …wxyz (it was: none)\n"
            "AI/ML API accepted it: it gave the list of models.\n"
            "It is used here before any other key. /settings model chooses among its models."
        )
        listed = await town.mod.complete(town.channel, "settings key", "provider", "ai/ml")
        assert [choice.name for choice in listed] == ["AI/ML API: …wxyz"]
        model = await town.mod.complete(town.channel, "settings model", "model", "aimlapi/")
        await chooses(town, str(model[0].value))
        await town.ask(image=town.picture())
        assert keys(provider.chats) == {f"Bearer {KEY}"}
        gone = await town.told(
            await town.mod.slash(town.channel, "settings key", provider="aimlapi", remove=True)
        )
        assert gone.content == "**Key for AI/ML API:** none (it was: …wxyz)"
        provider.key = None
        await town.ask(image=town.picture())
    assert keys(provider.chats[1:]) == {f"Bearer {HOST_KEY}"}


async def test_a_key_that_does_not_work_is_neither_kept_nor_repeated(town: Town) -> None:
    async with ModelServer() as provider, town.bot(AIMLAPI_BASE_URL=provider.base_url):
        provider.key = "sk-the-right-one"
        _form, told = await sets_key(town, "aimlapi")
        assert told.content == "AI/ML API did not accept this key. Nothing was changed."
        _form, odd = await sets_key(town, "aimlapi", "sk two words")
        assert odd.content.startswith("That is no key:")
        assert rows(town.folder, "SELECT * FROM guild_keys") == []
    sent = "".join(str(request.payload) for request in town.pg.requests)
    assert KEY not in sent
    assert "two words" not in sent


async def test_a_key_is_written_nowhere_but_sealed(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    async with ModelServer() as provider:
        provider.key = KEY
        async with town.bot(AIMLAPI_BASE_URL=provider.base_url):
            await sets_key(town, "aimlapi")
            provider.key = "sk-another"
            await sets_key(town, "aimlapi", KEY[:-4] + "abcd")
            files = b"".join(path.read_bytes() for path in town.folder.iterdir())
            sealed = rows(town.folder, "SELECT last_four FROM guild_keys")
            history = rows(town.folder, "SELECT kind, after FROM settings_changes")
    assert sealed == [("wxyz",)]
    assert history == [("key", '{"provider": "aimlapi", "last_four": "wxyz"}')]
    assert KEY.encode() not in files
    assert KEY[:-4] not in caplog.text
    assert KEY[:-4] not in "".join(str(request.payload) for request in town.pg.requests)


async def test_members_see_neither_keys_nor_endpoints(town: Town) -> None:
    async with town.bot():
        for command in ("settings key", "settings endpoint"):
            with pytest.raises(AssertionError, match="can't see /settings"):
                await town.ada.slash(town.channel, command)


async def test_a_form_filled_in_while_the_bot_restarted_is_not_lost(
    town: Town, there: ModelServer
) -> None:
    async with town.bot(HOME):
        form = await town.mod.slash(town.channel, "settings endpoint")
    async with town.bot(HOME):
        typed = {"url": there.base_url, "models": "vision", "key": KEY}
        told = await town.told(await town.mod.submit(form, **typed))
        assert "It answered" in told.content


async def test_a_provider_that_takes_no_key_is_refused_by_its_name(town: Town) -> None:
    async with town.bot():
        used = await town.mod.slash(town.channel, "settings key", provider="ollama")
        assert "no provider “ollama” that takes a key" in (await town.told(used)).content
        used = await town.mod.slash(town.channel, "settings key", provider="openai", remove=True)
        assert "has no key of its own for OpenAI" in (await town.told(used)).content
