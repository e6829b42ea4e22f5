from bot.reader.reading import Reading
from bot.reader.wording import section
from bot.types import Task

RECEIPT = Reading(("BAKERY", "Total   9.40"), 900, 1200, "JPEG", ("white", "brown", "grey"), False)


def test_reading_gives_the_text_and_nothing_else() -> None:
    assert section(RECEIPT, Task.READ) == "BAKERY\nTotal   9.40"


def test_describing_tells_format_size_and_colours_before_the_text() -> None:
    assert section(RECEIPT, Task.DESCRIBE) == (
        "A JPEG picture, 900 × 1200 pixels, mostly white, brown and grey.\n\nBAKERY\nTotal   9.40"
    )


def test_one_two_and_no_colours_are_sentences() -> None:
    def described(*colours: str) -> str:
        return section(Reading((), 9, 9, "GIF", colours, False), Task.DESCRIBE)

    assert "mostly white." in described("white")
    assert "mostly white and red." in described("white", "red")
    assert "in many colours." in described()


def test_a_picture_without_text_says_so_plainly() -> None:
    assert section(Reading((), 9, 9, "PNG", (), False), Task.READ) == (
        "No text found in this picture."
    )


def test_another_script_is_named_instead_of_printed() -> None:
    said = section(Reading((), 9, 9, "PNG", (), True), Task.READ)
    assert "I know Latin letters, Chinese and Japanese" in said
    assert "No text found" not in said


def test_the_lines_closest_to_a_question_are_pointed_out() -> None:
    said = section(RECEIPT, Task.ASK, "How much is the total?")
    assert said.endswith("Closest to your question:\n> Total   9.40")


def test_a_question_that_fits_no_line_or_too_many_points_nowhere() -> None:
    prose = Reading(("that one",) * 4, 9, 9, "PNG", (), False)
    assert "Closest" not in section(RECEIPT, Task.ASK, "Who was here?")
    assert "Closest" not in section(prose, Task.ASK, "What is that?")
