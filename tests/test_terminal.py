from pathlib import Path

import pytest

from bot.errors import PictureRefused
from bot.terminal import question_from
from bot.types import Task


@pytest.fixture
def picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    Path("a cat.png").write_bytes(b"bytes")
    return "a cat.png"


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (["missing.png", "what is it?"], "missing.png"),
        (["a cat.png", "missing.PNG"], "missing.PNG"),
        (["what is it?"], "what is it?"),
        (["what is it?", "a cat.png"], "what is it?"),
        (["a cat.png", "what", "is it?"], "what"),
        ([".", "what is it?"], "."),
        ([""], ""),
    ],
)
def test_what_is_neither_file_nor_link_is_named(picture: str, words: list[str], wrong: str) -> None:
    with pytest.raises(PictureRefused) as refusal:
        question_from(words)
    assert refusal.value.sentence.startswith(f"“{wrong}” is neither a file nor a link.")


@pytest.mark.parametrize("words", ["is it in b.png", "why? " * 300, "b.txt", "a\0b"])
def test_the_last_words_are_the_question(picture: str, words: str) -> None:
    question = question_from(["HTTPS://pictures.example/b.png?x=1", picture, words])
    assert question.text == words.strip()
    assert [image.filename for image in question.images] == ["b.png", "a cat.png"]
    assert question.images[1].data == b"bytes"


def test_pictures_alone_are_described(picture: str) -> None:
    assert question_from([picture]).task is Task.DESCRIBE
    assert question_from([picture, " "]).task is Task.DESCRIBE


def test_a_file_that_cannot_be_read_says_why() -> None:
    with pytest.raises(PictureRefused, match="“/proc/self/mem” can't be read: "):
        question_from(["/proc/self/mem"])
