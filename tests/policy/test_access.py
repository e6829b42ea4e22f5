"""Who may ask where, as a table; and whose model answers."""

import pytest

from bot.choices import Access, GuildSettings, Override
from bot.policy.access import effective, for_person, in_place
from bot.policy.trace import Verdict
from bot.types import Asker, Place

GENERAL, THREAD, LOBBY, STAFF_ROOM = 11, 12, 13, 14
STAFF, GUESTS, PLAIN = 21, 22, 23
ADA = 31

IN_GENERAL = Place(1, GENERAL, (LOBBY,))
IN_THREAD = Place(1, THREAD, (GENERAL, LOBBY))


@pytest.mark.parametrize(
    ("access", "place", "open_"),
    [
        (Access(), IN_GENERAL, True),
        (Access(denied_channels=(GENERAL,)), IN_GENERAL, False),
        (Access(denied_channels=(GENERAL,)), IN_THREAD, False),
        (Access(denied_channels=(LOBBY,)), IN_THREAD, False),
        (Access(denied_channels=(STAFF_ROOM,)), IN_GENERAL, True),
        (Access(allowed_channels=(GENERAL,)), IN_GENERAL, True),
        (Access(allowed_channels=(GENERAL,)), IN_THREAD, True),
        (Access(allowed_channels=(LOBBY,)), IN_THREAD, True),
        (Access(allowed_channels=(STAFF_ROOM,)), IN_GENERAL, False),
        # The nearest rule decides.
        (Access(allowed_channels=(GENERAL,), denied_channels=(LOBBY,)), IN_GENERAL, True),
        (Access(allowed_channels=(LOBBY,), denied_channels=(GENERAL,)), IN_THREAD, False),
        (Access(allowed_channels=(THREAD,), denied_channels=(GENERAL,)), IN_THREAD, True),
        # Both at once is closed.
        (Access(allowed_channels=(GENERAL,), denied_channels=(GENERAL,)), IN_GENERAL, False),
    ],
)
def test_the_nearest_channel_with_a_rule_decides(access: Access, place: Place, open_: bool) -> None:
    assert (in_place(access, place).verdict is Verdict.PASSED) is open_


@pytest.mark.parametrize(
    ("access", "roles", "may"),
    [
        (Access(), (), True),
        (Access(denied_members=(ADA,)), (STAFF,), False),
        (Access(allowed_members=(ADA,), denied_members=(ADA,)), (), False),
        (Access(allowed_members=(ADA,), denied_roles=(GUESTS,)), (GUESTS,), True),
        (Access(denied_members=(ADA,), allowed_roles=(STAFF,)), (STAFF,), False),
        (Access(allowed_roles=(STAFF,), denied_roles=(GUESTS,)), (GUESTS, STAFF), True),
        (Access(denied_roles=(GUESTS,)), (GUESTS, PLAIN), False),
        (Access(denied_roles=(GUESTS,)), (PLAIN,), True),
        (Access(allowed_roles=(STAFF,)), (PLAIN,), False),
        (Access(allowed_members=(99,)), (STAFF,), False),
    ],
)
def test_a_members_own_rule_beats_roles_and_allowed_beats_denied(
    access: Access, roles: tuple[int, ...], may: bool
) -> None:
    assert (for_person(access, Asker(ADA, role_ids=roles)).verdict is Verdict.PASSED) is may


def test_every_refusal_says_whose_rule_it_is_and_what_to_do() -> None:
    closed = in_place(Access(denied_channels=(LOBBY,)), IN_THREAD)
    assert closed.text == f"Moderators have closed <#{LOBBY}> to questions. Ask in another channel."
    only = in_place(Access(allowed_channels=(STAFF_ROOM,)), IN_GENERAL)
    assert only.text == f"Questions can be asked only in <#{STAFF_ROOM}>."
    denied = for_person(Access(denied_roles=(GUESTS,)), Asker(ADA, role_ids=(GUESTS,)))
    assert f"<@&{GUESTS}>" in denied.text


ROLE_MODEL = Override("role", STAFF, "a/strong")
CHANNEL_MODEL = Override("channel", GENERAL, "a/cheap")
CATEGORY_MODEL = Override("channel", LOBBY, "a/middling")


@pytest.mark.parametrize(
    ("overrides", "roles", "place", "model_id", "scope"),
    [
        ((), (STAFF,), IN_GENERAL, "a/usual", ""),
        ((CHANNEL_MODEL,), (), IN_GENERAL, "a/cheap", f"<#{GENERAL}>"),
        ((CATEGORY_MODEL, CHANNEL_MODEL), (), IN_THREAD, "a/cheap", f"<#{GENERAL}>"),
        ((CATEGORY_MODEL,), (), IN_THREAD, "a/middling", f"<#{LOBBY}>"),
        ((CHANNEL_MODEL, ROLE_MODEL), (STAFF,), IN_GENERAL, "a/strong", f"<@&{STAFF}>"),
        ((CHANNEL_MODEL, ROLE_MODEL), (PLAIN,), IN_GENERAL, "a/cheap", f"<#{GENERAL}>"),
        (
            (Override("role", GUESTS, "a/slow"), ROLE_MODEL),
            (STAFF, GUESTS),
            IN_GENERAL,
            "a/slow",
            f"<@&{GUESTS}>",
        ),
    ],
)
def test_a_role_beats_a_channel_and_the_nearest_channel_a_farther_one(
    overrides: tuple[Override, ...],
    roles: tuple[int, ...],
    place: Place,
    model_id: str,
    scope: str,
) -> None:
    settings = GuildSettings(model_id="a/usual", overrides=overrides)
    found = effective(settings, Asker(ADA, role_ids=roles), place)
    assert (found.model_id, found.scope) == (model_id, scope)
