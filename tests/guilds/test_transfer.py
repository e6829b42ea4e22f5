"""Settings as a file: out and in again, and every mistake by its place."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.choices import Access, Budget, GuildSettings, Override, OwnEndpoint, Rate, RoleRate
from bot.guilds.transfer import BYTES_MAX, at_home, dump, load, strange
from tests.any_settings import any_settings

ROLE, CHANNEL, ELSEWHERE = 100000000000000001, 200000000000000001, 300000000000000001


def mistakes_in(**settings: object) -> dict[str, str]:
    """Give what is wrong with a file of these settings, by place."""
    found = load(json.dumps({"version": 1, "settings": settings}).encode(), endpoint=None)
    assert isinstance(found, list)
    return {mistake.place: mistake.problem for mistake in found}


@given(any_settings)
@example(GuildSettings())
def test_what_was_exported_is_imported_again(settings: GuildSettings) -> None:
    assert load(dump(settings), endpoint=None) == settings


def test_the_fullest_settings_are_small_enough_to_be_imported() -> None:
    model, ids = "m" * 200, (2**63 - 1,) * 50
    fullest = GuildSettings(
        also=(model,) * 24,
        fallbacks=(model,) * 5,
        overrides=(Override("channel", ids[0], model),) * 25,
        prompt="🦊" * 2000,
        unproven=(model,) * 25,
        access=Access(*[ids] * 6),
        rate=Rate(roles=(RoleRate(ids[0], 1, 1),) * 25, exempt_roles=ids, exempt_members=ids),
        endpoint=OwnEndpoint("https://models.example.org/v1", (model[:78],) * 25),
    )
    assert len(dump(fullest)) <= BYTES_MAX
    assert load(dump(fullest), endpoint=None) == fullest


def test_ids_are_text_and_money_is_dollars() -> None:
    settings = GuildSettings(
        overrides=(Override("role", ROLE, "a/b"),),
        access=Access(allowed_channels=(CHANNEL,)),
        rate=Rate(day=3, roles=(RoleRate(ROLE, minute=1),)),
        budget=Budget(day=1_250_000_000, month=0, member_day=10_000_000_000, channel_id=CHANNEL),
    )
    written = json.loads(dump(settings))["settings"]
    assert written["overrides"][0]["id"] == str(ROLE)
    assert written["access"]["allowed_channels"] == [str(CHANNEL)]
    assert written["rate"]["roles"] == [{"role_id": str(ROLE), "minute": 1, "day": None}]
    assert written["rate"]["day"] == 3
    budget = written["budget"]
    assert [budget[name] for name in ("day", "month", "member_day")] == ["1.25", "0", "10"]
    assert budget["channel_id"] == str(CHANNEL)


def test_what_a_file_does_not_name_is_as_by_default_but_the_endpoint_stays() -> None:
    endpoint = OwnEndpoint("https://models.example.org/v1", ("a",))
    read = load(b'\xef\xbb\xbf{"version": 1, "settings": {"length": "long"}}', endpoint=endpoint)
    assert read == GuildSettings(length="long", endpoint=endpoint)
    named = load(b'{"version": 1, "settings": {"endpoint": null}}', endpoint=endpoint)
    assert named == GuildSettings()


@pytest.mark.parametrize(
    ("settings", "place", "problem"),
    [
        ({"rate": {"minute": 0}}, "rate.minute", "whole number from 1 to 1000000, or null"),
        ({"rate": {"minute": 1.5}}, "rate.minute", "whole number"),
        ({"rate": {"minute": True}}, "rate.minute", "whole number"),
        ({"rate": None}, "rate", "settings in braces"),
        ({"rate": []}, "rate", "settings in braces"),
        ({"ask_private": "yes"}, "ask_private", "true or false"),
        ({"ask_private": None}, "ask_private", "true or false"),
        ({"style": "loud"}, "style", "one of plain, card"),
        ({"temperature": 2.5}, "temperature", "number from 0 to 2, or null"),
        ({"prompt": "x" * 2001}, "prompt", "text of 0 to 2000 characters, or null"),
        ({"prompt": "a\0b"}, "prompt", "control characters"),
        ({"language": "klingon"}, "language", "pt-BR"),
        ({"language": {}}, "language", "pt-BR"),
        ({"fallbacks": ["a/b"] * 6}, "fallbacks", "list of at most 5"),
        ({"fallbacks": "a/b"}, "fallbacks", "list of at most 5"),
        ({"also": ["a/b", ""]}, "also[1]", "text of 1 to 200 characters"),
        ({"access": {"denied_roles": [ROLE]}}, "access.denied_roles[0]", "an id in quotes"),
        ({"access": {"denied_roles": ["1e5"]}}, "access.denied_roles[0]", "an id in quotes"),
        ({"access": {"denied_roles": [str(2**63)]}}, "access.denied_roles[0]", "an id in"),
        ({"budget": {"day": 5}}, "budget.day", "US dollars in quotes"),
        ({"budget": {"day": "none"}}, "budget.day", "US dollars in quotes"),
        ({"budget": {"day": "lots"}}, "budget.day", "no amount"),
        ({"budget": {"share": 101}}, "budget.share", "whole number from 1 to 100"),
        ({"overrides": [{}]}, "overrides[0].scope", "it is missing"),
        ({"overrides": ["a"]}, "overrides[0]", "settings in braces"),
        ({"endpoint": {"base_url": "", "models": []}}, "endpoint.models", "a list of"),
        (
            {"endpoint": {"base_url": "https://a.example", "models": ["m" * 100] * 20}},
            "endpoint.models",
            "2,000 characters in all",
        ),
        ({"key": "sk-1"}, "key", "there is no such setting"),
    ],
)
def test_a_mistake_is_named_with_its_place(
    settings: dict[str, object], place: str, problem: str
) -> None:
    assert problem in mistakes_in(**settings)[place]


def test_all_mistakes_are_named_at_once() -> None:
    found = mistakes_in(length="huge", rate={"minute": 0, "x": 1}, overrides=[{"id": 5}])
    assert set(found) == {
        "length",
        "rate.minute",
        "rate.x",
        "overrides[0].id",
        "overrides[0].scope",
        "overrides[0].model_id",
    }


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"{}",
        b"\xff\xfe",
        b"[" * 60_000,
        b'{"version": 1}',
        b'{"version": 1, "settings": 5}',
        b'{"version": 2, "settings": {}}',
        b'{"settings": {}}',
        b'{"version": 1, "settings": {"temperature": NaN}}',
        b'{"version": 1, "settings": {"temperature": 1e999}}',
        b'{"version": 1, "settings": {"prompt": "\\ud800"}}',
    ],
)
def test_what_is_no_file_of_ours_is_refused(data: bytes) -> None:
    found = load(data, endpoint=None)
    assert isinstance(found, list)
    assert found


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(
                    ["rate", "minute", "overrides", "id", "access", "budget", "day", "prompt"]
                ),
                inner,
            )
        ),
    )
)
def test_no_content_whatever_is_more_than_a_list_of_mistakes(content: object) -> None:
    data = json.dumps({"version": 1, "settings": content}).encode()
    assert isinstance(load(data, endpoint=None), GuildSettings | list)


def test_what_is_for_another_servers_roles_and_channels_is_left_out_but_rules_of_access_stay() -> (
    None
):
    here = GuildSettings(
        overrides=(Override("role", ROLE, "a/b"), Override("channel", CHANNEL, "a/b")),
        access=Access(allowed_roles=(ROLE,), denied_channels=(CHANNEL,)),
        rate=Rate(roles=(RoleRate(ROLE, minute=1),), exempt_roles=(ROLE,), exempt_members=(5,)),
        budget=Budget(day=1, channel_id=CHANNEL),
    )
    assert at_home(here, {ROLE}, {CHANNEL}) == (here, frozenset())
    assert strange(here, {ROLE}, {CHANNEL}) == frozenset()
    there, gone = at_home(here, {ELSEWHERE}, {ELSEWHERE})
    assert gone == {ROLE, CHANNEL}
    assert there == GuildSettings(
        access=here.access, rate=Rate(exempt_members=(5,)), budget=Budget(day=1)
    )
    assert strange(there, {ELSEWHERE}, {ELSEWHERE}) == {ROLE, CHANNEL}
