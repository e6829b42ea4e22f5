"""`vidi ask` and `vidi models` as processes of their own, beside a scripted model."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from playground.model_server import Hang, ModelRequest, ModelServer
from playground.pictures import photo

VIDI = Path(sys.executable).parent / "vidi"


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended."""

    status: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Terminal:
    """A shell in a folder with a picture, and a model that it may ask."""

    folder: Path
    models: ModelServer

    @property
    def environ(self) -> dict[str, str]:
        """Give an environment of its own: nothing of this machine's gets in."""
        (self.folder / "tmp").mkdir(exist_ok=True)
        return {
            "TMPDIR": str(self.folder / "tmp"),
            "CUSTOM_BASE_URL": self.models.base_url,
            "CUSTOM_API_KEY": "sk-custom-abcdefghijklmnop",
            "CUSTOM_MODELS": "vision",
            "PYTHONWARNINGS": "error",
        }

    async def start(self, *arguments: str, **environ: str) -> asyncio.subprocess.Process:
        """Start a command in the picture's folder."""
        return await asyncio.create_subprocess_exec(
            VIDI,
            *arguments,
            cwd=self.folder,
            env=self.environ | environ,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def vidi(self, *arguments: str, **environ: str) -> Done:
        """Run a command to its end."""
        process = await self.start(*arguments, **environ)
        out, err = await asyncio.wait_for(process.communicate(), 20)
        return Done(process.returncode or 0, out.decode(), err.decode())

    def left_behind(self) -> list[str]:
        """Name every file that wasn't there before."""
        return sorted(path.name for path in self.folder.rglob("*") if path.is_file())


@pytest.fixture
async def terminal(tmp_path: Path) -> AsyncGenerator[Terminal]:
    (tmp_path / "cat.jpg").write_bytes(photo(320, 240))
    async with ModelServer() as models:
        yield Terminal(tmp_path, models)


async def test_a_file_is_asked_about_and_nothing_stays_behind(terminal: Terminal) -> None:
    terminal.models.reply("A cat \x1b[31mon a mat.")
    done = await terminal.vidi("ask", "cat.jpg", "what is it?")
    assert (done.status, done.out) == (0, "A cat [31mon a mat.\n")
    assert done.err == "vision · a server that the operator chose got the picture · cost unknown\n"
    (asked,) = terminal.models.chats
    assert asked.images[0].startswith("data:image/jpeg;base64,")
    assert "what is it?" in asked.text
    assert terminal.left_behind() == ["cat.jpg"]


async def test_links_and_files_go_together_in_their_order(terminal: Terminal) -> None:
    link = "https://pictures.example/a.png"
    (terminal.folder / "not.png").write_text("no picture at all")
    done = await terminal.vidi("ask", link, "cat.jpg", "not.png", "which is older?")
    assert done.status == 0
    (asked,) = terminal.models.chats
    assert asked.images[0] == link
    assert asked.images[1].startswith("data:image/jpeg")
    assert len(asked.images) == 2
    assert "Left out not.png: This is not a picture" in done.err


async def test_without_a_question_the_picture_is_described(terminal: Terminal) -> None:
    done = await terminal.vidi("ask", "cat.jpg", "--json", VIDI_DM_DAILY="0")
    answer = json.loads(done.out)
    assert (done.status, done.err) == (0, "")
    assert answer["text"] == "Hello from the playground. I received 1 image and your question."
    assert answer["model_id"] == "custom/vision"
    assert (answer["finish"], answer["images_sent"]) == ("stop", 1)
    assert answer["usage"]["input_tokens"] > 0


async def test_the_answer_is_seen_while_it_comes(terminal: Terminal) -> None:
    terminal.models.reply(tokens=("First. ", "Second."), delay=0.5)
    process = await terminal.start("ask", "cat.jpg", "what is it?")
    assert process.stdout is not None
    assert await process.stdout.readexactly(7) == b"First. "
    assert len(terminal.models.chats[0].chunks_at) == 1
    await process.communicate()


async def test_a_dry_run_prints_what_would_go_out_and_sends_nothing(terminal: Terminal) -> None:
    plain, as_json = await asyncio.gather(
        terminal.vidi("ask", "cat.jpg", "what?", "--dry-run"),
        terminal.vidi("ask", "cat.jpg", "what?", "--dry-run", "--json", "--model", "openai/gpt-4o"),
    )
    assert (plain.status, plain.err) == (0, "")
    assert plain.out.startswith(f"POST {terminal.models.base_url}/chat/completions\n")
    assert "Bearer sk-c" not in plain.out
    assert "\nAuthorization: Bearer " in plain.out
    assert (as_json.status, as_json.err) == (0, "")  # although there is no key for it
    request = json.loads(as_json.out)
    assert list(request) == ["method", "url", "headers", "body"]
    assert (request["method"], request["url"]) == (
        "POST",
        "https://api.openai.com/v1/chat/completions",
    )
    assert request["body"]["model"].startswith("gpt-4o")
    assert len(_picture_in(request["body"])) > 1000
    assert terminal.models.requests == []


async def test_what_cannot_be_asked_is_refused_in_one_sentence(terminal: Terminal) -> None:
    (terminal.folder / "note.txt").write_text("no picture")
    cases = (
        (("cat.jpg", "missing.png"), "“missing.png” is neither a file nor a link."),
        (("note.txt", "what is it?"), "This is not a picture I can open."),
        (("cat.jpg", "what?", "--model", "openai/gpt-4o"), "GPT-4o needs OPENAI_API_KEY"),
        (("cat.jpg", "--dry-run", "--model", "local/reader"), "sends no request"),
    )
    ended = await asyncio.gather(*(terminal.vidi("ask", *words) for words, _says in cases))
    for done, (words, says) in zip(ended, cases, strict=True):
        assert (done.status, done.out) == (1, ""), words
        assert says in done.err
        assert done.err.count("\n") == 1, done.err
    assert terminal.models.requests == []


async def test_a_question_may_be_longer_than_the_name_of_a_file(terminal: Terminal) -> None:
    question = "why? " * 300
    done = await terminal.vidi("ask", "cat.jpg", question)
    assert done.status == 0
    assert question.strip() in terminal.models.chats[0].text


async def test_wrong_usage_is_told_from_a_refusal(terminal: Terminal) -> None:
    wrong = (("ask",), ("ask", "cat.jpg", "--wrong"), ("nothing",), ())
    for done in await asyncio.gather(*(terminal.vidi(*arguments) for arguments in wrong)):
        assert (done.status, done.out) == (2, ""), done
        assert done.err.startswith("usage: vidi")


async def test_a_provider_that_fails_is_told_below_what_it_said(terminal: Terminal) -> None:
    terminal.models.fail(401)
    terminal.models.cut("Half an")
    refused = await terminal.vidi("ask", "cat.jpg", "what?", "--json")
    half = await terminal.vidi("ask", "cat.jpg", "what?")
    assert (refused.status, refused.out) == (1, "")
    assert "did not accept the key" in refused.err
    assert "sk-custom" not in refused.err
    assert half.out == "Half an\n"


async def test_interrupting_is_quiet(terminal: Terminal) -> None:
    arrived = asyncio.Event()

    def falls_silent(_request: ModelRequest) -> Hang:
        arrived.set()
        return Hang()

    terminal.models.script(falls_silent)
    process = await terminal.start("ask", "cat.jpg", "what is it?")
    await asyncio.wait_for(arrived.wait(), 10)
    process.send_signal(signal.SIGINT)
    assert await process.communicate() == (b"", b"")
    assert process.returncode == 130
    assert terminal.left_behind() == ["cat.jpg"]


async def test_a_reader_that_goes_away_is_no_crash(terminal: Terminal) -> None:
    process = await asyncio.create_subprocess_shell(
        f"{VIDI} models --json | head -c 1; {VIDI} models | head -n 1",
        env=terminal.environ | {"PATH": "/usr/bin:/bin"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert (out[:1], err) == (b"[", b"")


async def test_the_catalog_is_listed_with_every_fact(terminal: Terminal) -> None:
    listed, text = await asyncio.gather(
        terminal.vidi("models", "--json"), terminal.vidi("models", HF_TOKEN="hf_x")
    )
    models: list[dict[str, Any]] = json.loads(listed.out)
    by_id = {model["id"]: model for model in models}
    assert by_id["custom/vision"]["usable"] is True
    assert by_id["openai/gpt-4o"]["usable"] is False
    assert by_id["openai/gpt-4o"]["provider"]["base_url"] == "https://api.openai.com/v1"
    assert all(model["checked"] and model["source"] for model in models)
    assert "sk-custom" not in listed.out
    lines = {line.split()[0]: line for line in text.out.splitlines()}
    assert lines["custom/vision"].endswith(": ready")
    assert lines["openai/gpt-4o"].endswith("needs OPENAI_API_KEY")
    assert terminal.left_behind() == ["cat.jpg"]


async def test_the_built_in_reader_reads_in_the_terminal(terminal: Terminal) -> None:
    paper = Image.new("RGB", (320, 80), "white")
    ImageDraw.Draw(paper).text((20, 20), "Buy milk", "black", ImageFont.load_default(36))
    paper.save(terminal.folder / "note.png")
    done = await terminal.vidi("ask", "note.png", "what does it say?", CUSTOM_BASE_URL="")
    assert "Buy milk" in done.out, done
    assert done.err == "Built-in reader · the picture stayed on the bot's machine · free\n"


def _picture_in(body: dict[str, Any]) -> str:
    parts = body["messages"][-1]["content"]
    (url,) = (part["image_url"]["url"] for part in parts if part["type"] == "image_url")
    return str(url)
