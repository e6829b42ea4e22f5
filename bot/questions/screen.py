"""The screen: a guard looks at picture and question before the model does."""

import re
from collections.abc import Iterator
from dataclasses import replace

from bot.catalog.catalog import Catalog
from bot.catalog.prices import worst_case_nano_usd
from bot.catalog.types import Endpoint, Model
from bot.choices import GuildSettings
from bot.db.tables import UNSAFE, UNSCREENED
from bot.errors import ModelUnavailable, PictureRefused, ProviderError, Refused
from bot.guilds.catalogs import GuildCatalogs
from bot.i18n import N_, _
from bot.images.prepare import MAX_COUNT
from bot.questions.aside import ask_aside
from bot.questions.asking import Asking
from bot.questions.attempts import Attempts, Wanted
from bot.types import ImageRef

# The hazards of Llama Guard 3 Vision and 4, by their numbers in its replies
# (meta-llama/PurpleLlama Llama-Guard3/11B-vision/MODEL_CARD.md).
HAZARDS = {
    1: N_("violent crimes"),
    2: N_("non-violent crimes"),
    3: N_("sex crimes"),
    4: N_("sexual exploitation of children"),
    5: N_("defamation"),
    6: N_("specialised advice"),
    7: N_("privacy"),
    8: N_("weapons of mass destruction"),
    9: N_("intellectual property"),
    10: N_("hate"),
    11: N_("suicide and self-harm"),
    12: N_("sexual content"),
    13: N_("elections"),
}

_VERDICT = re.compile(r"[\W_]*(safe|unsafe)\b", re.IGNORECASE)
_NUMBER = re.compile(r"\bS(\d{1,2})\b", re.IGNORECASE)


class Unsafe(Refused):
    """The guard judged picture or question unsafe."""

    state = UNSAFE


class Unscreened(Refused):
    """The guard could not judge, and nothing is let through without it."""

    state = UNSCREENED


class _NoVerdict(Exception):
    """The guard's reply was no judgement, or a picture was kept from it."""


class Screen:
    """Has a guild's guard judge its questions."""

    def __init__(self, catalogs: GuildCatalogs, attempts: Attempts) -> None:
        self._catalogs = catalogs
        self._attempts = attempts

    async def look(self, asking: Asking) -> None:
        """Have the guard judge; raises Unsafe, or Unscreened when it can't and must."""
        settings, wanted = asking.settings, asking.candidates[0]
        if (name := _guard_for(settings, wanted)) is None:
            return
        try:
            catalog = self._catalogs.of(asking.question.place.guild_id)
            await self._judge(_for_guard(name, wanted, catalog), asking)
        except (ModelUnavailable, PictureRefused, ProviderError, _NoVerdict) as failure:
            if settings.screen_lenient:
                asking.note(_("The guard could not look at this first."))
            elif isinstance(failure, PictureRefused):
                raise
            else:
                raise Unscreened(_unscreened()) from failure

    async def _judge(self, wanted: Wanted, asking: Asking) -> None:
        """Ask about all pictures, as many at once as the guard takes."""
        for images in _portions(wanted.model, wanted.images):
            await self._judge_some(wanted, images, asking)
        asking.note(_("Screened by {model} first.").format(model=wanted.model.label))

    async def _judge_some(
        self, wanted: Wanted, images: tuple[ImageRef, ...], asking: Asking
    ) -> None:
        asking.screening(wanted)
        aside = await ask_aside(self._attempts, replace(wanted, images=images))
        asking.screened(aside)
        if aside.reply is None:
            raise aside.error or _NoVerdict
        if (numbers := hazards(aside.reply.text)) is None:
            raise _NoVerdict
        if numbers:
            raise Unsafe(_unsafe(numbers))
        if aside.prepared is None or aside.prepared.left_out:
            raise _NoVerdict


def guard_worst_case(catalog: Catalog, settings: GuildSettings, wanted: Wanted) -> tuple[int, bool]:
    """Give the most that a guild's guard can cost for this question, in nano-USD, and whether
    the guild itself pays for that."""
    name = _guard_for(settings, wanted)
    guard = catalog.find(name) if name else None
    endpoint = catalog.endpoint(guard.provider) if guard else None
    if guard is None or endpoint is None:
        return 0, True  # nobody is asked
    most = sum(
        worst_case_nano_usd(guard, len(images), wanted.characters)
        for images in _portions(guard, wanted.images)
    )
    return most, endpoint.own or not most


def _portions(guard: Model, images: tuple[ImageRef, ...]) -> Iterator[tuple[ImageRef, ...]]:
    """Give the pictures in as few requests as the guard takes them."""
    size = min(guard.images.max_count, MAX_COUNT)
    return (images[start : start + size] for start in range(0, len(images), size))


def hazards(reply: str) -> tuple[int, ...] | None:
    """Read a judgement: no numbers is safe, 0 is unsafe without a known one, None is neither."""
    verdict = _VERDICT.match(reply)
    if verdict is None:
        return None
    if verdict[1].lower() == "safe":
        return ()
    numbers = dict.fromkeys(map(int, _NUMBER.findall(reply)))
    return tuple(number for number in numbers if number in HAZARDS) or (0,)


def _for_guard(name: str, wanted: Wanted, catalog: Catalog) -> Wanted:
    guard = catalog.guard(name)
    endpoint = catalog.endpoint(guard.provider) or Endpoint(base_url="")
    return replace(wanted, model=guard, endpoint=endpoint, system="", history=(), temperature=None)


def _guard_for(settings: GuildSettings, wanted: Wanted) -> str | None:
    """Give the guard that must look; what stays on this machine is shown to none."""
    return None if wanted.model.provider.kind == "local" else settings.screen_model


def _unsafe(numbers: tuple[int, ...]) -> str:
    words = [_(HAZARDS[number]) for number in numbers if number in HAZARDS]
    if not words:
        return _("This server's guard judged it unsafe. Nothing was asked.")
    return _("This server's guard judged it unsafe: {hazards}. Nothing was asked.").format(
        hazards=", ".join(words)
    )


def _unscreened() -> str:
    return _(
        "This server's guard could not look at it, so nothing was asked. Try again later; "
        "a moderator can choose with /settings screen what happens then."
    )
