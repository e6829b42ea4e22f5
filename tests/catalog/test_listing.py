"""`vidi models`: a line for a person, every fact for a program."""

import datetime as dt
import json

from bot.catalog.listing import as_json, as_text
from tests.provider.payloads import catalog

DAY = dt.date(2026, 11, 22)


def test_each_model_has_a_line_that_says_what_can_be_done_with_it() -> None:
    here = catalog(DAY)
    lines = dict(line.split(maxsplit=1) for line in as_text(here).splitlines())
    assert list(lines) == list(here.models)
    assert lines["aimlapi/gpt-4o"] == "GPT-4o: ready"
    assert lines["aimlapi/gpt-4-turbo"] == (
        "GPT-4 Turbo was shut down on 2026-06-12. Choose aimlapi/openai/gpt-5-1 instead."
    )


def test_a_model_without_its_key_names_it() -> None:
    lines = as_text(catalog(DAY, configured=False)).splitlines()
    assert any(line.endswith("Command A Vision: needs CO_API_KEY") for line in lines)
    assert any(line.endswith("Gemma 4 (Ollama): needs OLLAMA_BASE_URL") for line in lines)


def test_a_program_gets_every_fact() -> None:
    rows = {row["id"]: row for row in json.loads(as_json(catalog(DAY)))}
    guard = rows["openrouter/meta-llama/llama-guard-4-12b"]
    assert (guard["guard"], guard["usable"], guard["price"]["input"]) == (True, False, "0.18")
    assert rows["aimlapi/gpt-4o"]["usable"] is True
    assert rows["aimlapi/gpt-4o"]["shutdown"] == "2027-01-14"
