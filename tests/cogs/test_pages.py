"""An answer laid out over messages."""

from hypothesis import given
from hypothesis import strategies as st

from bot.questions.smallprint import small_print
from bot.text import FENCE, units
from bot.types import Answer, CostSource, Finish, LeftOut, Usage
from cogs._reply.pages import Frame, lay_out, quote

PRINT = ("a note", "model · company got the picture · $0.01")
text = st.text(st.sampled_from("ab c\n`|@é🧑"), max_size=9000)


def answer(
    finish: Finish = Finish.STOP,
    usage: Usage | None = None,
    host: str = "api.example",
    *,
    discreet: bool = False,
) -> Answer:
    return Answer(
        question_id=1,
        text="x",
        finish=finish,
        model_id="p/m",
        model_label="Model",
        provider_label="Provider",
        company="Company",
        host=host,
        usage=usage or Usage(),
        images_sent=1,
        sent_bytes=0,
        first_token_ms=1,
        duration_ms=2,
        left_out=(LeftOut("[x](https://evil.example)", "not a picture"),),
        discreet=discreet,
    )


@given(text, st.booleans(), st.sampled_from(["", "> a question"]))
def test_no_message_is_too_long_and_none_is_empty(said: str, spoiler: bool, head: str):
    layout = lay_out(said, Frame(head, spoiler), PRINT)
    assert len(layout.texts) <= 3
    for page in layout.texts:
        assert 0 < units(page) <= 2000
        assert page.count(FENCE) % 2 == 0


def test_the_small_print_is_below_the_last_page_only():
    layout = lay_out("word " * 900, Frame(), PRINT)
    assert [page.count("-# ") for page in layout.texts] == [0, 0, 2]


def test_what_is_past_three_pages_is_kept_for_the_file():
    said = "\n".join(f"line {number}" for number in range(1500))
    layout = lay_out(said, Frame(), PRINT)
    shown = "\n".join(layout.texts).split("\n-# ")[0]
    assert f"{shown}\n{layout.rest}" == said


def test_a_spoilered_answer_is_covered_whole_and_can_not_uncover_itself():
    layout = lay_out("secret || open " * 300, Frame(head="> q", spoiler=True), PRINT)
    assert layout.texts[0].startswith("> q\n||secret")
    for page in layout.texts:
        assert page.count("||") == 2


def test_a_quoted_question_is_one_harmless_line():
    assert quote("what\n# is @everyone") == "> what # is @\u200beveryone"
    assert quote("  ") == ""


def test_the_last_line_names_model_recipient_and_cost():
    known = Usage(cost_nano_usd=1_200_000, cost_source=CostSource.PROVIDER)
    assert small_print(answer(usage=known))[-1] == "Model · Company got the picture · $0.0012"
    assert small_print(answer())[-1].endswith("cost unknown")
    guess = Usage(cost_nano_usd=1_200_000, cost_source=CostSource.ESTIMATE)
    assert small_print(answer(usage=guess))[-1].endswith("about $0.0012")
    free = Usage(cost_nano_usd=0, cost_source=CostSource.FREE)
    assert small_print(answer(usage=free, host=""))[-1].endswith("free")


def test_a_discreet_answer_keeps_the_company_to_itself_but_not_that_nothing_was_sent():
    assert small_print(answer(discreet=True))[-1] == "Model · cost unknown"
    stayed = small_print(answer(discreet=True, host=""))[-1]
    assert stayed == "Model · the picture stayed on the bot's machine · cost unknown"


def test_an_ending_that_is_none_is_named():
    assert small_print(answer(Finish.LOST))[0] == (
        "The answer ends here: the connection to the model was lost."
    )
    assert len(small_print(answer(Finish.LENGTH))) == len(small_print(answer())) + 1


def test_names_of_left_out_files_are_harmless():
    assert small_print(answer())[0] == "Left out x <https://evil.example>: not a picture"


def test_what_goes_into_the_file_is_not_cut_into_pages() -> None:
    said = "".join(f"Sentence number {number} of a long story. " for number in range(400)).strip()
    layout = lay_out(said, Frame(), PRINT)
    shown = [text.partition("\n-# ")[0] for text in layout.texts]
    assert " ".join((*shown, layout.rest)) == said


def test_where_no_files_are_allowed_the_small_print_says_what_is_missing() -> None:
    layout = lay_out("word " * 2000, Frame(files=False), PRINT)
    assert len(layout.texts) == 3
    assert layout.rest == ""
    assert "I may not attach files here" in layout.texts[-1]
    assert layout.texts[-1].endswith(PRINT[-1])
