"""Settings of guilds as they might be: plain, extreme, and anything between."""

from hypothesis import strategies as st

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


def extreme(model_ids: tuple[str, ...]) -> GuildSettings:
    """Give settings that are full to the brim."""
    ids = tuple(IDS[:LISTED_MAX])
    roles = tuple(RoleRate(each, 1_000_000, 1_000_000) for each in ids[:OVERRIDES_MAX])
    return GuildSettings(
        model_id=model_ids[0],
        also=model_ids[:24],
        fallbacks=model_ids[:FALLBACKS_MAX],
        overrides=tuple(
            Override(("role", "channel")[each % 2], each, model_ids[each % len(model_ids)])
            for each in ids[:OVERRIDES_MAX]
        ),
        prompt="**@everyone** `x`\n" * (PROMPT_MAX // 17),
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
        rate=Rate(*[1_000_000] * 4, 10, roles, ids, ids),
        budget=Budget(NANO_MAX, NANO_MAX, NANO_MAX - 1, 1, 100, model_ids[0], IDS[0]),
        endpoint=OwnEndpoint(
            "https://" + "h" * 292, tuple(f"{place:02}{'m' * 70}" for place in range(25))
        ),
    )


def settings(model_ids: tuple[str, ...]) -> st.SearchStrategy[GuildSettings]:
    """Give any settings, with these models."""
    models = st.sampled_from(model_ids)
    maybe = st.none() | models
    counts = st.none() | st.integers(1, 1_000_000)
    money = st.none() | st.integers(0, NANO_MAX)
    each = st.sampled_from(IDS)
    ids = _tuples(each, LISTED_MAX)
    roles = _tuples(st.builds(RoleRate, each, counts, counts), OVERRIDES_MAX, lambda r: r.role_id)
    overrides = _tuples(
        st.builds(Override, st.sampled_from(("role", "channel")), each, models),
        OVERRIDES_MAX,
        lambda override: (override.scope, override.id),
    )
    return st.builds(
        GuildSettings,
        model_id=maybe,
        also=_tuples(models, 24),
        fallbacks=_tuples(models, FALLBACKS_MAX),
        overrides=overrides,
        prompt=st.none() | st.text(max_size=PROMPT_MAX),
        ask_private=st.booleans(),
        menus_private=st.booleans(),
        language=st.sampled_from((None, "de", "pt-BR", "xx")),
        length=st.sampled_from(("short", "normal", "long")),
        style=st.sampled_from(("plain", "card")),
        temperature=st.none() | st.floats(0, 2),
        retention_hours=st.integers(0, RETENTION_MAX_HOURS),
        strip_metadata=st.booleans(),
        tell_company=st.booleans(),
        unproven=_tuples(models, 25),
        screen_model=maybe,
        screen_lenient=st.booleans(),
        access=st.builds(Access, ids, ids, ids, ids, ids, ids),
        rate=st.builds(
            Rate, counts, counts, counts, counts, st.none() | st.integers(1, 10), roles, ids, ids
        ),
        budget=st.builds(
            Budget, money, money, money, money, st.integers(1, 100), maybe, st.none() | each
        ),
        endpoint=st.none()
        | st.builds(OwnEndpoint, st.just("https://a.example/v1"), st.just(("m",))),
    )


def _tuples(values, most, unique_by=None):
    return st.lists(values, max_size=most, unique_by=unique_by or (lambda v: v)).map(tuple)
