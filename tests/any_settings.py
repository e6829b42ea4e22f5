"""Any settings that moderators can choose, for tests of what must hold for all of them."""

from hypothesis import strategies as st

from bot.choices import (
    ALSO_MAX,
    FALLBACKS_MAX,
    LISTED_MAX,
    NAMES_MAX,
    NANO_MAX,
    OVERRIDES_MAX,
    UNPROVEN_MAX,
    Access,
    Budget,
    GuildSettings,
    Override,
    OwnEndpoint,
    Rate,
    RoleRate,
)
from bot.i18n import LANGUAGES

ids = st.integers(10**16, 2**63 - 1)
names = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=190)
models = st.one_of(
    st.sampled_from(["openai/gpt-4o", "local/reader", "own/a", "x" * 200]),
    names.map(lambda name: f"custom/{name}"),
)
counts = st.none() | st.integers(1, 1_000_000)
money = st.none() | st.integers(0, NANO_MAX)


def listed(items: st.SearchStrategy, most: int) -> st.SearchStrategy[tuple]:
    """Give lists up to the limit, and often at it."""
    return st.one_of(
        st.just(()),
        st.lists(items, max_size=most).map(tuple),
        items.map(lambda item: (item,) * most),
    )


accesses = st.builds(Access, *[listed(ids, LISTED_MAX)] * 6)
rates = st.builds(
    Rate,
    *[counts] * 4,
    pictures=st.none() | st.integers(1, 10),
    roles=listed(st.builds(RoleRate, ids, counts, counts), OVERRIDES_MAX),
    exempt_roles=listed(ids, LISTED_MAX),
    exempt_members=listed(ids, LISTED_MAX),
)
budgets = st.builds(Budget, *[money] * 4, st.integers(1, 100), st.none() | models, st.none() | ids)
endpoints = st.builds(
    OwnEndpoint,
    st.just("https://models.example.org/v1"),
    st.lists(names, min_size=1, max_size=25)
    .map(tuple)
    .filter(lambda listed: len(", ".join(listed)) <= NAMES_MAX),
)
any_settings = st.builds(
    GuildSettings,
    model_id=st.none() | models,
    also=listed(models, ALSO_MAX),
    fallbacks=listed(models, FALLBACKS_MAX),
    overrides=listed(
        st.builds(Override, st.sampled_from(["role", "channel"]), ids, models), OVERRIDES_MAX
    ),
    prompt=st.none() | names | st.just("Say **yes**! " * 153),
    ask_private=st.booleans(),
    menus_private=st.booleans(),
    language=st.none() | st.sampled_from(sorted(LANGUAGES)),
    length=st.sampled_from(["short", "normal", "long"]),
    style=st.sampled_from(["plain", "card"]),
    temperature=st.none() | st.floats(0, 2),
    retention_hours=st.integers(0, 720),
    strip_metadata=st.booleans(),
    tell_company=st.booleans(),
    unproven=listed(models, UNPROVEN_MAX),
    screen_model=st.none() | models,
    screen_lenient=st.booleans(),
    access=accesses,
    rate=rates,
    budget=budgets,
    endpoint=st.none() | endpoints,
)
