"""Who may ask where, and which model answers whom: pure decisions about a guild's settings.

A channel first: the nearest one with a rule of its own decides (a thread counts as its channel, a
channel as its category), and where any channel is allowed all others are closed. Then the person:
a member's own rule beats those of roles, among roles allowed beats denied, and where any role or
member is allowed everybody else is refused."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.catalog.types import Model
from bot.choices import Access, GuildSettings, Override
from bot.errors import NotOffered
from bot.i18n import N_, _
from bot.policy.trace import Rule, Step, Verdict
from bot.types import Asker, Place


def in_place(access: Access, place: Place) -> Step:
    """Decide whether questions may be asked in this channel."""
    for channel_id in (place.channel_id, *place.within):
        facts: dict[str, str | int] = {"channel": f"<#{channel_id}>"}
        if channel_id in access.denied_channels:
            said = N_("Moderators have closed {channel} to questions. Ask in another channel.")
            return Step(Rule.ACCESS, Verdict.REFUSED, said, facts)
        if channel_id in access.allowed_channels:
            return _passed(N_("{channel} is open to questions."), facts)
    if access.allowed_channels:
        said = N_("Questions can be asked only in {channels}.")
        facts = {"channels": ", ".join(f"<#{each}>" for each in access.allowed_channels[:10])}
        return Step(Rule.ACCESS, Verdict.REFUSED, said, facts)
    return _passed(N_("No rule closes this channel."))


def for_person(access: Access, asker: Asker) -> Step:
    """Decide whether this person may ask."""
    if asker.user_id in access.denied_members:
        return _refused(N_("Moderators have denied you questions here."))
    if asker.user_id in access.allowed_members:
        return _passed(N_("A rule allows this member."))
    if role := _first(asker.role_ids, access.allowed_roles):
        return _passed(N_("A rule allows {role}."), {"role": f"<@&{role}>"})
    if role := _first(asker.role_ids, access.denied_roles):
        said = N_("Moderators have denied questions to {role}, a role of yours.")
        return _refused(said, {"role": f"<@&{role}>"})
    if access.allowed_roles or access.allowed_members:
        return _refused(N_("Only members whom moderators chose can ask here. Ask one of them."))
    return _passed(N_("No rule keeps this member out."))


@dataclass(frozen=True, slots=True)
class Effective:
    """The model that answers somebody somewhere, before they choose; None is the default."""

    model_id: str | None
    override: Override | None = None

    @property
    def scope(self) -> str:
        """Name whose choice it is, as Discord shows it: a role, a channel, or nothing."""
        match self.override:
            case Override(scope="role", id=id_):
                return f"<@&{id_}>"
            case Override(scope="channel", id=id_):
                return f"<#{id_}>"
            case _:
                return ""


def effective(settings: GuildSettings, asker: Asker, place: Place) -> Effective:
    """Give the guild's model, or the one that a role or a channel has instead.

    A role beats a channel, the nearest channel a farther one; among roles the first listed."""
    for override in settings.overrides:
        if override.scope == "role" and override.id in asker.role_ids:
            return Effective(override.model_id, override)
    by_channel = {each.id: each for each in settings.overrides if each.scope == "channel"}
    for channel_id in (place.channel_id, *place.within):
        if override := by_channel.get(channel_id):
            return Effective(override.model_id, override)
    return Effective(settings.model_id)


def choose(wanted: str | None, offered: Sequence[Model]) -> Model:
    """Give the model a question goes to: the first offered one, or the wanted one if offered.

    Raises NotOffered."""
    if wanted is None:
        return offered[0]
    for model in offered:
        if wanted in (model.id, *model.aliases):
            return model
    raise NotOffered(
        _("The model “{wanted}” isn't offered here. You can choose: {models}.").format(
            wanted=wanted, models=", ".join(model.id for model in offered)
        )
    )


def _first(mine: Sequence[int], listed: Sequence[int]) -> int | None:
    return next((role for role in listed if role in mine), None)


def _passed(said: str, facts: dict[str, str | int] | None = None) -> Step:
    return Step(Rule.ACCESS, Verdict.PASSED, said, facts or {})


def _refused(said: str, facts: dict[str, str | int] | None = None) -> Step:
    return Step(Rule.ACCESS, Verdict.REFUSED, said, facts or {})
