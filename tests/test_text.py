"""What a model says is hostile text; what Discord shows of it must be harmless and fit."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.text import FENCE, first_sentence, neutralise, pages, plain, shorten, units

MASKED = re.compile(r"\]\(\s*<?\w+://")
WRAPPED = re.compile(r"<https?://[^\s<>]+>", re.IGNORECASE)
LIVE = re.compile(r"https?://[\w-]", re.IGNORECASE)
INVITE = re.compile(r"discord(?:app)?(?:\.com/invite|\.gg)/\w", re.IGNORECASE)
MENTION = re.compile(r"@everyone|@here|<@[!&]?\d")

HOSTILE = (
    "Look: [safe](https://evil.example/?q=secret) and ![x](https://evil.example/p.png), "
    "[a [b] c](https://evil.example/n) [[in](https://a.example)](https://b.example) "
    "https://bare.example/path, (https://paren.example/a_(b)) HTTPS://BIG.example "
    "\\https://escaped.example \\<https://escaped2.example> discord.gg/abc "
    "https://discord.gg/abc https://discord%2Egg/abc https://discordapp.com/invite/abc "
    "@everyone @here <@1> <@!2> <@&3> https://x.example/@everyone [app](discord://-/x) "
    "```py\nprint('[t](https://code.example)')\n@everyone discord.gg/inside\n``` after "
    "\\``` https://unfenced.example ``` ```\n``` [z](https://empty.example)\n``` end"
)

PIECES = "[a|](|https://evil.example|)|<|>|@everyone|`|```|\n| |\\|discord.gg/|abc|<@1>|![|]|("
words = st.sampled_from([*PIECES.split("|"), "||", "\u200b", "\u202e", "e\u0301", "🧑\u200d🚀"])
soup = st.lists(words, max_size=60).map("".join)


def prose(text: str) -> str:
    return "".join(text.split(FENCE)[::2])


def assert_harmless(text: str) -> None:
    assert not MASKED.search(text)
    assert not INVITE.search(text)
    assert not MENTION.search(text)
    assert not LIVE.search(WRAPPED.sub("", prose(text)))


def test_every_prefix_of_a_hostile_stream_is_harmless():
    for end in range(len(HOSTILE) + 1):
        assert_harmless(neutralise(HOSTILE[:end]))


@given(st.lists(st.one_of(soup, st.text(max_size=20)), max_size=8))
def test_any_stream_is_harmless_after_each_chunk(chunks: list[str]):
    for end in range(1, len(chunks) + 1):
        assert_harmless(neutralise("".join(chunks[:end])))


@given(st.one_of(soup, st.text()))
def test_neutralising_twice_changes_nothing_more(text: str):
    once = neutralise(text)
    assert neutralise(once) == once


@given(st.one_of(soup, st.text()))
def test_neutralised_text_is_valid_utf8(text: str):
    neutralise(text).encode()


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("[safe](https://evil.example)", "safe <https://evil.example>"),
        ("[https://a.example](https://a.example)", "<https://a.example>"),
        ("![](https://a.example/x.png)", "<https://a.example/x.png>"),
        ('[t](https://a.example "title")', "t <https://a.example>"),
        ("See https://a.example/b_(c).", "See <https://a.example/b_(c)>."),
        ("(https://a.example)", "(<https://a.example>)"),
        ("**https://a.example**", "**<https://a.example>**"),
        ("come to https://discord.gg/abc now", "come to ‹invite removed› now"),
        ("https://x.example/@here", "<https://x.example/%40here>"),
        ("arr[0](x)", "arr[0]\u200b(x)"),
        ("abc\u202edef\x07", "abcdef"),
        ("https://a.example/" + "x" * 600, "‹link removed›"),
        (
            "```py\nrows[0](x)\n# https://a.example\n```",
            "```py\nrows[0](x)\n# https://a.example\n```",
        ),
        ("👨‍👩‍👧 naïve", "👨‍👩‍👧 naïve"),
    ],
)
def test_what_is_shown(said: str, shown: str):
    assert neutralise(said) == shown


def test_a_flood_of_combining_marks_is_capped():
    assert len(neutralise("a" + "\u0317" * 10_000)) <= 6


@pytest.mark.parametrize(
    "piece", ["[", "](", "`", "``` ```", "\\", "<", "a", "a.", "[a](https://b.c)", "\u0317"]
)
def test_long_hostile_text_takes_no_long_time(piece: str):
    started = time.perf_counter()
    pages(neutralise(piece * (40_000 // len(piece))))
    assert time.perf_counter() - started < 2


@settings(max_examples=200)
@given(st.one_of(soup, st.text()).map(neutralise), st.integers(40, 200))
def test_pages_never_pass_the_limit_and_keep_fences_balanced(text: str, limit: int):
    for page in pages(text * 5, limit):
        assert units(page) <= limit
        assert page.strip()
        assert page.count(FENCE) % 2 == 0


@given(st.one_of(soup, st.text()).map(neutralise), st.integers(40, 200))
def test_a_page_is_one_page(text: str, limit: int):
    for page in pages(text * 3, limit):
        assert pages(page, limit) == [page]


@given(st.lists(soup, max_size=12).map("".join).map(neutralise))
def test_pages_of_harmless_text_are_harmless(text: str):
    for page in pages(text, 600):
        assert_harmless(page)


def test_a_code_block_over_two_pages_keeps_its_language():
    code = "\n".join(f"line_{number} = {number}" for number in range(60))
    first, second, *_more = pages(f"Here:\n```python\n{code}\n```\nDone.", 600)
    assert first.startswith("Here:\n```python\n")
    assert first.endswith("\n```")
    assert second.startswith("```python\nline_")


def test_pages_break_at_paragraphs_before_lines_before_words():
    assert pages("a" * 30 + "\n\n" + "b" * 20, 50) == ["a" * 30, "b" * 20]
    assert pages("a" * 30 + "\n" + "b" * 20, 50) == ["a" * 30, "b" * 20]
    assert pages("a" * 30 + " " + "b" * 20, 50) == ["a" * 30, "b" * 20]


def test_nothing_is_lost_where_text_has_no_place_to_break():
    assert "".join(pages("x" * 500, 100)) == "x" * 500
    emoji = pages("🧑‍🚀" * 100, 100)
    assert "".join(emoji) == "🧑‍🚀" * 100
    assert all(page.startswith("🧑") for page in emoji)


def test_the_first_page_leaves_room_for_what_stands_above_it():
    first, *_more = pages("word " * 30, 100, head=60)
    assert units(first) <= 40


def test_a_question_becomes_one_line():
    assert plain("What\nis <@1> ```this```?") == "What is <\u200b@1> this?"
    assert shorten("abcdef", 4) == "abc…"
    assert first_sentence("A cat. It sleeps.", 1024) == "A cat."
    assert first_sentence("## A **cat** in `cat_1.jpg`, __asleep__!", 1024) == (
        "A cat in cat_1.jpg, asleep!"
    )
