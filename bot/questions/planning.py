"""Planner: what a question may become, rule by rule, before anything is written down or sent."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.catalog.catalog import Catalog
from bot.catalog.prices import worst_case_nano_usd
from bot.catalog.types import Endpoint, Model
from bot.choices import GuildSettings
from bot.errors import Refused
from bot.guilds.catalogs import GuildCatalogs
from bot.i18n import N_
from bot.owner.book import OwnerBook
from bot.policy import access, limits
from bot.policy.trace import Rule, Step, Trace, Verdict
from bot.policy.types import Limit, Offer
from bot.privacy.consent import OptOuts
from bot.questions.admission import admitted
from bot.questions.attempts import Wanted
from bot.questions.instructions import fitted, question_text, system_prompt
from bot.questions.screen import guard_worst_case
from bot.settings import SettingsBook
from bot.text import plain
from bot.types import Asker, Place, Question

HISTORY_TURNS = 8


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of a question, as far as its settings decide it; nothing was sent for it.

    `ways` are the ways to answer it, a budget that is nearly used up taking the second; each is
    what is asked of which model in which order, and `offers` tells what that can cost at most."""

    question: Question
    settings: GuildSettings
    trace: Trace
    refused: Refused | None = None
    ways: tuple[tuple[Wanted, ...], ...] = ()
    offers: tuple[Offer, ...] = ()
    limits: tuple[Limit, ...] = ()


class Planner:
    """Decides who may ask which model about which pictures, by what is in memory."""

    def __init__(
        self,
        catalogs: GuildCatalogs,
        settings: SettingsBook,
        owner: OwnerBook,
        opt_outs: OptOuts,
        *,
        default_model: str | None = None,
        dm_daily: int | None = None,
    ) -> None:
        self._catalogs = catalogs
        self._settings = settings
        self._owner = owner
        self._opt_outs = opt_outs
        self._default_model = default_model
        self._dm_daily = dm_daily

    def plan(self, question: Question, *, need_key: bool = True) -> Plan:
        """Look at every rule, up to the first that refuses."""
        guild_id = question.place.guild_id
        settings = self._settings.of(guild_id)
        steps: list[Step] = []
        try:
            question = admitted(question, settings, self._owner.rules, self._opt_outs, steps)
            first = self._wanted(question, settings, steps, need_key=need_key)
        except Refused as refusal:
            return Plan(question, settings, tuple(steps), refusal)
        catalog = self._catalogs.of(guild_id)
        ways = [(first, *self._fallbacks(first, settings, question, steps))]
        if cheaper := self._cheaper(first, settings, question):
            ways.append((cheaper,))
        offers = tuple(_offer(way, settings, catalog) for way in ways)
        own_key = all(offer.own_key for offer in offers)
        limits = self.limits(question.asker, question.place, own_key=own_key)
        return Plan(question, settings, tuple(steps), None, tuple(ways), offers, limits)

    def limits(self, asker: Asker, place: Place, *, own_key: bool = False) -> tuple[Limit, ...]:
        """Give the limits that hold for who asks there; `own_key` tells that the guild pays."""
        if place.guild_id is None:
            return limits.outside_guilds(self._dm_daily)
        chosen = limits.of_asker(self._settings.of(place.guild_id), asker)
        return chosen if own_key else chosen + limits.of_operator(self._owner.rules.budget)

    def model_of(self, guild_id: int | None) -> Model:
        """Give the model that answers in this guild, or outside guilds for None."""
        return self._found(self._settings.of(guild_id).model_id, guild_id)

    def offered(
        self, guild_id: int | None, asker: Asker | None = None, place: Place | None = None
    ) -> tuple[Model, ...]:
        """Give the models that members may choose among, or this one there; the first answers."""
        settings, catalog = self._settings.of(guild_id), self._catalogs.of(guild_id)
        chosen = settings.model_id
        if asker and place:
            chosen = access.effective(settings, asker, place).model_id
        others = (catalog.find(model_id) for model_id in settings.also)
        models = [self._found(chosen, guild_id), *(model for model in others if model is not None)]
        return tuple({model.id: model for model in models}.values())

    def receivers(self, guild_id: int | None) -> tuple[Model, ...]:
        """Give every model that a question in this guild may be sent to, its guard left out."""
        settings, catalog = self._settings.of(guild_id), self._catalogs.of(guild_id)
        named = (
            *settings.fallbacks,
            *(override.model_id for override in settings.overrides),
            *([settings.budget.cheaper] if settings.budget.cheaper else []),
        )
        found = [model for model_id in named if (model := catalog.find(model_id))]
        return tuple({model.id: model for model in (*self.offered(guild_id), *found)}.values())

    def _found(self, model_id: str | None, guild_id: int | None) -> Model:
        """Give the named model, else the default one; whether it can be asked is seen later."""
        catalog = self._catalogs.of(guild_id)
        for named in (model_id, self._default_model):
            if named and (model := catalog.find(named)):
                return model
        return catalog.default(self._default_model)

    def _wanted(
        self, question: Question, settings: GuildSettings, steps: list[Step], *, need_key: bool
    ) -> Wanted:
        """Give what is asked of the model that answers; raises NotOffered or ModelUnavailable."""
        guild_id = question.place.guild_id
        chosen = self._chosen(question, settings, steps)
        try:
            model = self._catalogs.of(guild_id).resolve(chosen.id, need_key=need_key)
        except Refused:
            facts: dict[str, str | int] = {"model": plain(chosen.label)}
            steps.append(
                Step(Rule.MODEL, Verdict.REFUSED, N_("{model} can't be asked here now."), facts)
            )
            raise
        if model.provider.kind == "http":  # the reader takes no instructions and needs no guard
            steps += _told(settings)
        return Wanted(
            model=fitted(model, settings, question.task),
            endpoint=self._endpoint(model, guild_id, need_key=need_key),
            system=system_prompt(question, settings),
            text=question_text(question, settings),
            images=question.images,
            task=question.task,
            history=question.history[-HISTORY_TURNS:],
            temperature=settings.temperature,
            strip=settings.strip_metadata,
        )

    def _chosen(self, question: Question, settings: GuildSettings, steps: list[Step]) -> Model:
        guild_id = question.place.guild_id
        offered = self.offered(guild_id, question.asker, question.place)
        try:
            model = access.choose(question.model_id, offered)
        except Refused:
            steps.append(
                Step(Rule.MODEL, Verdict.REFUSED, N_("The model asked for isn't offered here."))
            )
            raise
        facts: dict[str, str | int] = {"model": plain(model.label), "id": plain(model.id)}
        scope = access.effective(settings, question.asker, question.place).scope
        if question.model_id is not None:
            said = N_("{model} (`{id}`) was asked for, and is offered here.")
        elif scope:
            said = N_("{model} (`{id}`) answers for {scope}.")
            facts["scope"] = scope
        elif settings.model_id:
            said = N_("{model} (`{id}`) answers in this server.")
        else:
            said = N_("{model} (`{id}`) answers: the one this bot uses by default.")
        steps.append(Step(Rule.MODEL, Verdict.CHOSE, said, facts))
        return model

    def _fallbacks(
        self, first: Wanted, settings: GuildSettings, question: Question, steps: list[Step]
    ) -> tuple[Wanted, ...]:
        """Give what is asked when the first model can't answer: the moderators' list, else the
        default among the models offered here; nobody else gets pictures, as /privacy says."""
        if first.model.provider.kind == "local":
            return ()  # the reader is never down, and what it can't open no model is sent
        guild_id = question.place.guild_id
        catalog = self._catalogs.of(guild_id)
        if settings.fallbacks:
            found = [catalog.find(model_id) for model_id in settings.fallbacks]
            models = [model for model in found if model is not None]
        else:
            wished = {self.model_of(guild_id).id, self._default_model}
            offered = self.offered(guild_id, question.asker, question.place)
            models = [m for m in offered if m.id in wished and m.provider.kind == "http"]
        models = [m for m in models if m.id != first.model.id and catalog.usable(m)]
        if models:
            names = ", ".join(plain(model.label) for model in models)
            said = N_("If it can't answer, these are asked: {models}.")
            steps.append(Step(Rule.MODEL, Verdict.NOTED, said, {"models": names}))
        return tuple(self._instead(first, model, question, settings) for model in models)

    def _cheaper(self, first: Wanted, settings: GuildSettings, question: Question) -> Wanted | None:
        catalog, model_id = self._catalogs.of(question.place.guild_id), settings.budget.cheaper
        model = catalog.find(model_id) if model_id else None
        if model is None or model.id == first.model.id or not catalog.usable(model):
            return None
        return self._instead(first, model, question, settings)

    def _instead(
        self, first: Wanted, model: Model, question: Question, settings: GuildSettings
    ) -> Wanted:
        """Give the same, asked of another model."""
        endpoint = self._endpoint(model, question.place.guild_id)
        return replace(first, model=fitted(model, settings, question.task), endpoint=endpoint)

    def _endpoint(self, model: Model, guild_id: int | None, *, need_key: bool = True) -> Endpoint:
        catalog = self._catalogs.of(guild_id)
        return catalog.endpoint(model.provider, need_key=need_key) or Endpoint(base_url="")


def _told(settings: GuildSettings) -> Iterable[Step]:
    """Note what the guild adds to every question."""
    if settings.prompt:
        said = N_("The server's instructions go along ({count} characters).")
        yield Step(Rule.PROMPT, Verdict.NOTED, said, {"count": len(settings.prompt)})
    if settings.screen_model:
        said = N_("The guard {model} looks first.")
        yield Step(Rule.SCREEN, Verdict.NOTED, said, {"model": plain(settings.screen_model)})


def _offer(way: tuple[Wanted, ...], settings: GuildSettings, catalog: Catalog) -> Offer:
    """Give the most that a way can cost: each of its models may be paid for before the next."""
    costs = (worst_case_nano_usd(one.model, len(one.images), one.characters) for one in way)
    guard_cost, guard_own = guard_worst_case(catalog, settings, way[0])
    return Offer(
        model_id=way[0].model.id,
        label=plain(way[0].model.label),
        reserve_nano=sum(costs) + guard_cost,
        own_key=guard_own and all(one.endpoint.own for one in way),
    )
