from typing import Literal

import pytest

from playground.mentions import Pings, pings

NONE = {"parse": []}


def who(content, allowed=None, *, default: Literal["all", "users"] = "all", replied_user=None):
    return pings(content, allowed, default=default, replied_user=replied_user)


def test_an_ordinary_message_pings_everybody_it_names():
    assert who("<@1> <@!2> <@1> <@&3> @here", replied_user=4) == Pings(True, (1, 2, 4), (3,))


def test_an_interaction_response_pings_users_only():
    assert who("<@1> <@&3> @everyone", default="users") == Pings(False, (1,), ())


def test_parsing_nothing_pings_nobody():
    assert not who("<@1> <@&3> @everyone", NONE, replied_user=4).any
    assert not who("<@1> <@&3> @everyone", {}, replied_user=4).any


def test_the_person_replied_to_is_pinged_only_when_asked_for():
    assert who("hi", {**NONE, "replied_user": True}, replied_user=4).users == (4,)
    assert not who("hi", {**NONE, "replied_user": False}, replied_user=4).any
    assert who("hi", replied_user=4).users == (4,)


def test_listed_ids_ping_only_when_the_text_names_them():
    allowed = {"parse": [], "users": ["1", "9"], "roles": [3]}
    assert who("<@1> <@2> <@&3> <@&4>", allowed) == Pings(False, (1,), (3,))


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("users", Pings(users=(1,))),
        ("roles", Pings(roles=(3,))),
        ("everyone", Pings(everyone=True)),
    ],
)
def test_each_kind_is_parsed_on_its_own(kind, expected):
    assert who("<@1> <@&3> @everyone", {"parse": [kind]}) == expected


@pytest.mark.parametrize(
    "content",
    [
        "`<@1>`",
        "``a ` <@1>``",
        "```<@1>```",
        "```py\n<@1>\n@everyone\n```",
        "`@here`",
        "@\u200beveryone",
        "<@ 1>",
        "<@1",
        "<@name>",
    ],
)
def test_code_and_broken_mentions_ping_nobody(content):
    assert not who(content).any


@pytest.mark.parametrize(
    "content",
    ["`<@1>", "\\`<@1>`", "\\<@1>", "```<@1>``", "`a` <@1> `b`", "```a``` <@1> ```b```", "> <@1>"],
)
def test_what_is_not_really_code_pings(content):
    assert who(content).users == (1,)
