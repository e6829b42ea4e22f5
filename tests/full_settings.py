"""Settings of a guild that are full to the brim."""

from collections.abc import Sequence

from bot.choices import (
    FALLBACKS_MAX,
    LISTED_MAX,
    NANO_MAX,
    OVERRIDES_MAX,
    PROMPT_MAX,
    RETENTION_MAX_HOURS,
    Access,
    Budget,
    GuildSettings,
    Override,
    OwnEndpoint,
    Rate,
    RoleRate,
)

FIRST = 10**18
IDS = range(FIRST, FIRST + 60)
"""Channels, roles and members; the even ones are still there."""


def full_settings(model_ids: Sequence[str], numbers: Sequence[int] = IDS) -> GuildSettings:
    """Give settings with as much of everything as there may be."""
    model_ids = tuple(model_ids)
    ids = tuple(numbers[:LISTED_MAX])
    roles = tuple(RoleRate(each, 1_000_000, 1_000_000) for each in ids[:OVERRIDES_MAX])
    return GuildSettings(
        model_id=model_ids[0],
        also=model_ids[:24],
        fallbacks=model_ids[:FALLBACKS_MAX],
        overrides=tuple(
            Override(("role", "channel")[each % 2], each, model_ids[each % len(model_ids)])
            for each in ids[:OVERRIDES_MAX]
        ),
        prompt="**@everyone** `x`\n" * (PROMPT_MAX // 18),
        ask_private=True,
        menus_private=False,
        language="es-419",
        length="long",
        style="card",
        temperature=1.23,
        retention_hours=RETENTION_MAX_HOURS - 1,
        strip_metadata=True,
        tell_company=False,
        unproven=model_ids[:25],
        screen_model=model_ids[0],
        screen_lenient=True,
        access=Access(ids, ids, ids, ids, ids, ids),
        rate=Rate(1_000_000, 1_000_000, 1_000_000, 1_000_000, 10, roles, ids, ids),
        budget=Budget(NANO_MAX, NANO_MAX, NANO_MAX - 1, 1, 100, model_ids[0], ids[0]),
        endpoint=OwnEndpoint(
            "https://models.example.org/" + "v" * 270,
            tuple(f"{place:02}{'m' * 70}" for place in range(25)),
        ),
    )
