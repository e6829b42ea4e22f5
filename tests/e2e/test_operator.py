"""What whoever runs the bot sees: `vidi doctor`, `vidi run`, `vidi migrate`."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from bot.doctor import doctor
from tests.e2e.conftest import Town, new_town

VIDI = Path(sys.executable).parent / "vidi"
Printed = pytest.CaptureFixture[str]


@pytest.fixture
async def blind(tmp_path: Path) -> AsyncGenerator[Town]:
    """A town whose bot may not read message content."""
    async with new_town(tmp_path, message_content=False) as town:
        yield town


async def test_the_doctor_finds_everything_in_order(town: Town, capsys: Printed) -> None:
    town.models.key = "sk-right"
    assert await doctor(town.config(CUSTOM_API_KEY="sk-right")) == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(line.startswith("    ok  ") for line in lines[:-1])
    assert lines[-1] == "Vidi can run."
    host = town.models.base_url.split("/")[2]
    for said in (
        f"Discord: the token is that of {town.pg.bot.name}",
        "Message content: switched on at Discord",
        f"Database and keys: ready in {town.folder}",
        "Built-in reader: installed",
        f"Custom server: {host} accepts the key",
        "Model: custom/vision answers by default",
    ):
        assert f"    ok  {said}" in lines


async def test_the_doctor_says_what_keeps_the_bot_from_working(town: Town, capsys: Printed) -> None:
    town.models.key = "sk-right"
    assert await doctor(town.config(CUSTOM_API_KEY="sk-wrong", DISCORD_TOKEN="wrong")) == 1
    out = capsys.readouterr().out
    assert "FAILED  Discord did not accept DISCORD_TOKEN." in out
    assert "FAILED  Custom server: 127.0.0.1" in out
    assert "does not accept the key" in out
    assert out.endswith("Vidi can't run: see what FAILED above.\n")
    assert "sk-wrong" not in out


async def test_a_provider_that_is_not_the_default_may_be_broken(
    town: Town, capsys: Printed
) -> None:
    config = town.config(
        OLLAMA_BASE_URL="http://127.0.0.1:9",
        OPENAI_API_KEY="sk",
        OPENAI_BASE_URL="http://127.0.0.1:9/v1",
    )
    assert await doctor(config) == 0
    out = capsys.readouterr().out
    assert "  note  Ollama: 127.0.0.1:9 can't be reached" in out
    assert "  note  OpenAI: 127.0.0.1:9 can't be reached" in out


async def test_a_provider_that_answers_with_nonsense_fails_that_line_only(
    town: Town, capsys: Printed
) -> None:
    async def nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 9000 + b"\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(nonsense, "127.0.0.1", 0) as server:
        host = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        assert await doctor(town.config(OLLAMA_BASE_URL=f"http://{host}")) == 0
    assert f"  note  Ollama: {host} can't be reached" in capsys.readouterr().out


async def test_a_server_without_a_list_of_models_may_answer_all_the_same(
    town: Town, capsys: Printed
) -> None:
    assert await doctor(town.config(CUSTOM_BASE_URL=f"{town.models.base_url}/elsewhere")) == 0
    assert "answers" in capsys.readouterr().out


async def test_the_doctor_may_look_while_the_bot_is_at_work(town: Town, capsys: Printed) -> None:
    async with town.bot():
        assert await doctor(town.config()) == 0
        assert "  note  Database: in use by a Vidi that is running now" in capsys.readouterr().out


async def test_message_content_that_is_off_is_a_note_unless_it_is_asked_for(
    blind: Town, capsys: Printed
) -> None:
    assert await doctor(blind.config()) == 0
    assert "  note  Message content: off, so replying" in capsys.readouterr().out
    assert await doctor(blind.config(VIDI_MESSAGE_CONTENT="on")) == 1
    assert "FAILED  Message content: VIDI_MESSAGE_CONTENT=on" in capsys.readouterr().out


async def test_a_default_model_that_cannot_answer_is_found(town: Town, capsys: Printed) -> None:
    assert await doctor(town.config(VIDI_DEFAULT_MODEL="openai/gpt-4o")) == 1
    assert "FAILED  GPT-4o needs OPENAI_API_KEY" in capsys.readouterr().out


async def test_running_without_a_token_says_in_one_sentence_what_to_do(tmp_path: Path) -> None:
    status, out, err = await _vidi(tmp_path, "run")
    assert (status, out) == (1, "")
    assert err.startswith("DISCORD_TOKEN is not set. Put DISCORD_TOKEN=… into the file .env;")
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


async def test_migrating_says_what_was_done(tmp_path: Path) -> None:
    status, first, _err = await _vidi(tmp_path, "migrate")
    assert status == 0
    assert first.strip()
    status, again, _err = await _vidi(tmp_path, "migrate")
    assert (status, again) == (0, "Nothing to do: the database is up to date.\n")


async def _vidi(folder: Path, command: str) -> tuple[int | None, str, str]:
    process = await asyncio.create_subprocess_exec(
        VIDI, command, cwd=folder, env={}, stdout=-1, stderr=-1
    )
    out, err = await asyncio.wait_for(process.communicate(), 20)
    return process.returncode, out.decode(), err.decode()
