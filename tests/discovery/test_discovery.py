"""The whole of discovery: a provider on loopback, a database, the catalog in force."""

import asyncio
import contextlib
import dataclasses
import datetime as dt
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.catalog.catalog import Catalog
from bot.catalog.loader import load
from bot.catalog.shelf import Shelf
from bot.cli import main
from bot.config import Config
from bot.core import open_net
from bot.db.engine import Database
from bot.discovery import asking
from bot.discovery.discovery import Discovery, Refreshed
from bot.errors import ModelUnavailable
from tests.discovery import bodies
from tests.storage import NOON, open_database

DAY = dt.timedelta(days=1)
Answer = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Lists:
    """A server with lists of models by path; what isn't there is 404."""

    def __init__(self) -> None:
        self.bodies: dict[str, Any] = {}
        self.raw: Answer | None = None
        self.asked: list[tuple[str, str]] = []
        self.origin = ""

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        self.asked.append((request.path_qs, request.headers.get("Authorization", "")))
        if self.raw is not None:
            return await self.raw(request)
        key = request.path
        if request.method == "POST":
            key += f" {(await request.json())['model']}"
        if key not in self.bodies:
            return web.Response(status=404, text="nothing here")
        return web.json_response(self.bodies[key])


@pytest.fixture
async def lists() -> AsyncIterator[Lists]:
    served = Lists()
    server = web.Server(served.answer)
    listening = await asyncio.get_running_loop().create_server(server, "127.0.0.1", 0)
    served.origin = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    yield served
    listening.close()
    await server.shutdown(0)
    await listening.wait_closed()


class World:
    """Discovery with a clock that is moved by hand; `catalog` is what cogs and service hold."""

    def __init__(self, db: Database, net: Any, shipped: Catalog) -> None:
        self.now = NOON
        shelf = Shelf(shipped.models)
        shipped = dataclasses.replace(shipped, today=lambda: self.now.date())
        self.catalog = dataclasses.replace(shipped, models=shelf)
        self.discovery = Discovery(db, net, shipped, shelf, clock=lambda: self.now)

    async def refresh(self, *, after: dt.timedelta = DAY) -> Refreshed:
        self.now += after
        return await self.discovery.refresh()


@contextlib.asynccontextmanager
async def world(folder: Path, **environ: str) -> AsyncIterator[World]:
    config = Config.load({"VIDI_DATA_DIR": str(folder)} | environ)
    shipped = load(config.environ)
    async with open_database(folder) as db, open_net(config, shipped) as net:
        yield World(db, net, shipped)


def aimlapi(lists: Lists) -> dict[str, str]:
    lists.bodies["/v1/models"] = bodies.AIMLAPI
    return {"AIMLAPI_BASE_URL": f"{lists.origin}/v1", "AIMLAPI_API_KEY": "sk-secret"}


async def test_what_a_list_tells_is_in_force_at_once_and_after_a_restart(
    lists: Lists, tmp_path: Path
) -> None:
    environ = aimlapi(lists)
    async with world(tmp_path, **environ) as here:
        refreshed = await here.refresh()
        assert lists.asked == [("/v1/models?include=all", "Bearer sk-secret")]
        assert not refreshed.failures
        assert "new: aimlapi/anthropic/claude-opus-9 (price unknown)" in refreshed.changes
        price = here.catalog.models["aimlapi/gpt-4o"].price
        assert price is not None
        assert str(price.input) == "3.25"
    async with world(tmp_path, **environ) as here:
        assert "aimlapi/anthropic/claude-opus-9" not in here.catalog.models
        await here.discovery.load()
        assert here.catalog.resolve("aimlapi/anthropic/claude-opus-9")


async def test_the_same_list_again_changes_nothing(lists: Lists, tmp_path: Path) -> None:
    async with world(tmp_path, **aimlapi(lists)) as here:
        await here.refresh()
        await here.refresh()  # what is missing from it is gone now
        again = await here.refresh()
        assert again.changes == ()
        assert again.lines() == ["Nothing changed at AI/ML API."]


async def test_only_configured_providers_are_asked(lists: Lists, tmp_path: Path) -> None:
    async with world(tmp_path, AIMLAPI_BASE_URL=f"{lists.origin}/v1") as here:
        refreshed = await here.refresh()
    assert lists.asked == []
    assert refreshed.asked == ()
    assert refreshed.lines() == ["No provider is configured whose list of models can be read."]


async def html(request: web.BaseRequest) -> web.Response:
    return web.Response(text="<html>maintenance</html>", content_type="text/html")


async def empty(request: web.BaseRequest) -> web.Response:
    return web.json_response({"object": "list", "data": []})


async def failing(request: web.BaseRequest) -> web.Response:
    return web.json_response({"data": [{"id": "x"}]}, status=500)


async def moved(request: web.BaseRequest) -> web.Response:
    return web.Response(status=302, headers={"Location": "/elsewhere"})


async def half(request: web.BaseRequest) -> web.StreamResponse:
    text = json.dumps(bodies.AIMLAPI)
    response = web.StreamResponse(headers={"Content-Length": str(len(text))})
    await response.prepare(request)
    await response.write(text[:99].encode())
    assert request.transport is not None
    request.transport.close()
    return response


async def nested(request: web.BaseRequest) -> web.Response:
    return web.Response(text="[" * 100_000)


async def beyond(request: web.BaseRequest) -> web.Response:
    return web.Response(text='{"data": [{"id": "maker/model", "price": 1e99999999999999999999}]}')


@pytest.mark.parametrize("odd", [html, empty, failing, moved, half, nested, beyond])
async def test_an_odd_answer_changes_nothing_however_often_it_comes(
    odd: Answer, lists: Lists, tmp_path: Path
) -> None:
    async with world(tmp_path, **aimlapi(lists)) as here:
        await here.refresh()
        before = dict(here.catalog.models)
        lists.raw = odd
        for _time in range(3):
            refreshed = await here.refresh()
            assert refreshed.changes == ()
            assert refreshed.failures[0].startswith("AI/ML API: its list of models can't be read")
        assert dict(here.catalog.models) == before


async def test_an_answer_without_end_is_cut_off(
    lists: Lists, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "_MAX_BYTES", 100)
    async with world(tmp_path, **aimlapi(lists)) as here:
        assert "it is too long" in (await here.refresh()).failures[0]


async def test_a_server_that_says_nothing_is_given_up(
    lists: Lists, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(request: web.BaseRequest) -> web.Response:
        await asyncio.sleep(1)
        return web.Response()

    lists.raw = silent
    monkeypatch.setattr(asking, "SECONDS", 0.1)
    async with world(tmp_path, **aimlapi(lists)) as here:
        assert len((await here.refresh()).failures) == 1


async def test_an_odd_answer_between_two_misses_does_not_count(
    lists: Lists, tmp_path: Path
) -> None:
    async with world(tmp_path, **aimlapi(lists)) as here:
        await here.refresh()
        lists.raw = html
        await here.refresh()
        lists.raw = None
        assert here.catalog.resolve("aimlapi/openai/gpt-5-2")
        await here.refresh()
        with pytest.raises(ModelUnavailable, match="missing from its provider's list since"):
            here.catalog.resolve("aimlapi/openai/gpt-5-2")


async def test_one_provider_that_fails_does_not_keep_the_others_from_being_read(
    lists: Lists, tmp_path: Path
) -> None:
    environ = aimlapi(lists) | {"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}
    async with world(tmp_path, **environ) as here:
        refreshed = await here.refresh()
    assert refreshed.failures == ("OpenAI: its list of models can't be read: no connection",)
    assert any(line.startswith("new: aimlapi/") for line in refreshed.changes)


async def test_a_pulled_ollama_model_that_sees_can_be_asked(lists: Lists, tmp_path: Path) -> None:
    lists.bodies = {"/api/tags": {"models": [{"name": "llava:13b"}, {"name": "phi:latest"}]}}
    lists.bodies["/api/show llava:13b"] = {"capabilities": ["completion", "vision"]}
    lists.bodies["/api/show phi:latest"] = {"capabilities": ["completion"]}
    async with world(tmp_path, OLLAMA_BASE_URL=f"{lists.origin}/v1") as here:
        await here.refresh()
        model = here.catalog.models["ollama/llava:13b"]
        assert here.catalog.usable(model)
        assert model.price is not None
        assert model.price.output == 0
        assert "ollama/phi" not in here.catalog.models


async def test_a_name_that_the_operator_gave_llamacpp_stays_though_its_list_has_another(
    lists: Lists, tmp_path: Path
) -> None:
    lists.bodies["/v1/models"] = bodies.LLAMACPP
    environ = {"LLAMACPP_BASE_URL": f"{lists.origin}/v1", "LLAMACPP_MODELS": "mine"}
    async with world(tmp_path, **environ) as here:
        for _time in range(3):
            await here.refresh()
        assert here.catalog.resolve("llamacpp/mine")
        assert here.catalog.resolve("llamacpp//models/Qwen3-VL-8B-Q4_K_M.gguf")


async def test_the_daily_job_waits_after_the_start_and_survives_a_bad_day(
    lists: Lists, tmp_path: Path
) -> None:
    pauses: list[float] = []

    class Over(Exception):
        """The test has seen enough."""

    async with world(tmp_path, **aimlapi(lists)) as here:

        async def sleep(seconds: float) -> None:
            pauses.append(seconds)
            here.now += dt.timedelta(seconds=seconds)
            lists.raw = html if len(pauses) == 2 else None
            if len(pauses) == 4:
                raise Over

        with pytest.raises(Over):
            await here.discovery.run(sleep)
        assert here.catalog.models["aimlapi/anthropic/claude-opus-9"].found == NOON.date()
    assert len(lists.asked) == 3
    assert 120 <= pauses[0] <= 420
    assert all(22 * 3600 <= pause <= 26 * 3600 for pause in pauses[1:])


async def test_the_command_prints_what_changed_and_leaves_with_0(
    lists: Lists, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    broken = {"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}
    for name, value in (aimlapi(lists) | broken | {"VIDI_DATA_DIR": str(tmp_path)}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    assert await asyncio.to_thread(main, ["models", "--refresh"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "OpenAI: its list of models can't be read: no connection"
    assert "new: aimlapi/anthropic/claude-opus-9 (price unknown)" in said
    assert "sk-secret" not in "".join(said)
    assert await asyncio.to_thread(main, ["models", "--refresh", "--json"]) == 0
    printed = capsys.readouterr()
    rows = {row["id"]: row for row in json.loads(printed.out)}
    assert rows["aimlapi/gpt-4o"]["price"]["source"] == "provider's own list"
    assert "OpenAI" in printed.err
