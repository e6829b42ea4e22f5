"""What a model is told besides the question, as moderators chose it."""

import pytest

from bot.choices import GuildSettings
from bot.questions.instructions import fitted, question_text, system_prompt
from bot.types import Asker, Task
from tests.provider.payloads import catalog
from tests.serving import ADA, question

FRENCH = Asker(user_id=ADA, locale="fr")
PLAIN = GuildSettings()


@pytest.mark.parametrize("task", [Task.DESCRIBE, Task.TRANSLATE])
def test_without_a_choice_the_asker_s_own_language_counts(task: Task) -> None:
    assert "French" in system_prompt(question(asker=FRENCH, task=task), PLAIN)


@pytest.mark.parametrize("task", list(Task))
def test_the_guild_s_language_beats_the_asker_s_for_every_task(task: Task) -> None:
    asked = question("", asker=FRENCH, task=task)
    told = system_prompt(asked, GuildSettings(language="ja")) + question_text(
        asked, GuildSettings(language="ja")
    )
    assert "Japanese" in told
    assert "French" not in told


def test_a_question_is_answered_in_its_own_language_unless_the_guild_has_one() -> None:
    own = system_prompt(question(), PLAIN)
    assert own.endswith("Answer in the language of the question.")
    one = system_prompt(question(), GuildSettings(language="de"))
    assert one.endswith("Answer in German, whatever the language of the question.")


def test_each_length_is_asked_for_in_words_and_the_guild_s_own_words_come_last() -> None:
    told = {
        length: system_prompt(question(), GuildSettings(length=length, prompt="Say moo."))
        for length in ("short", "normal", "long")
    }
    assert "one or two sentences" in told["short"]
    assert "two or three short paragraphs" in told["normal"]
    assert "thorough" in told["long"]
    assert all(each.endswith("\n\nSay moo.") for each in told.values())


@pytest.mark.parametrize("task", [Task.READ, Task.TRANSLATE])
def test_no_length_cuts_what_a_picture_says(task: Task) -> None:
    asked, short = question(task=task), GuildSettings(length="short")
    assert system_prompt(asked, short) == system_prompt(asked, PLAIN)
    model = catalog().models["openai/gpt-4o"]
    assert fitted(model, short, task) == model


@pytest.mark.parametrize(
    ("name", "length", "room"),
    [
        ("openai/gpt-4o", "short", 512),
        ("openai/gpt-4o", "normal", 1024),
        ("openai/gpt-4o", "long", 2048),
        ("openai/gpt-5.2", "short", 4096),
        ("openai/gpt-5.2", "long", 8192),
    ],
)
def test_a_length_has_its_room_and_reasoning_never_less(name: str, length: str, room: int) -> None:
    chosen = GuildSettings(length=length)  # type: ignore[arg-type]  # one of the three
    assert fitted(catalog().models[name], chosen).max_output_tokens == room
