"""Catalog: every provider and model we know, and which of them can be used here."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

import msgspec

from bot.catalog import refusals
from bot.catalog.discovered import Discovered, overlaid
from bot.catalog.types import OWN, Endpoint, ImageLimits, Model, Provider
from bot.errors import ModelUnavailable

READER = "local/reader"

_UNKNOWN_ELSEWHERE = {"transport", "images", "context_tokens", "price", "retired"}


def _today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()


@dataclass(frozen=True, slots=True)
class Catalog:
    """Providers by id and models by model_id, in the catalog's order; `environ` has the keys."""

    providers: Mapping[str, Provider]
    models: Mapping[str, Model]
    environ: Mapping[str, str] = field(repr=False)
    templates: Mapping[str, Model] = field(repr=False)
    """By provider id, what a name is that the catalog doesn't list."""
    today: Callable[[], dt.date] = _today
    own_keys: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """A guild's own, by provider id; they come before the environment's."""
    operator_pays: bool = True
    """Whether the operator's keys, and servers that need none, may be used."""

    def find(self, model_id: str) -> Model | None:
        """Give the model of this id, alias or route, usable or not; None if there is none."""
        if model := self.models.get(model_id) or self._alias(model_id):
            return model
        provider_id, _slash, name = model_id.partition("/")
        provider = self.providers.get(provider_id)
        if provider is None or not name:
            return None
        if provider.suffixes and (model := self._routed(provider, name)):
            return model
        return self._unlisted(provider, name)

    def resolve(self, model_id: str, *, need_key: bool = True) -> Model:
        """Give a model that can be asked about a picture here, or raise ModelUnavailable."""
        model = self._known(model_id)
        if why := self.refusal(model, need_key=need_key):
            raise ModelUnavailable(why)
        return model

    def refusal(self, model: Model, *, need_key: bool = True) -> str | None:
        """Say why this model can't be asked about a picture here; None if it can."""
        return refusals.not_asked(model, self.today()) or self._unconfigured(model, need_key)

    def guard(self, model_id: str) -> Model:
        """Give a guard that can look at questions here, or raise ModelUnavailable."""
        model = self._known(model_id)
        unfit = refusals.not_guarding(model, self.today())
        if why := unfit or self._unconfigured(model, need_key=True):
            raise ModelUnavailable(why)
        return model

    def guards(self) -> list[Model]:
        """Give the guards that can be switched on here, in the catalog's order."""
        today = self.today()
        guards = (model for model in self.models.values() if model.guard)
        return [m for m in guards if not m.gone_since(today) and self.configured(m.provider)]

    def endpoint(self, provider: Provider, *, need_key: bool = True) -> Endpoint | None:
        """Give where this provider is and with which key; None if it isn't configured.

        Without `need_key` a missing key doesn't matter, only a missing address."""
        foreign, own = provider.id == OWN, self.own_keys.get(provider.id)
        key, base_url = own or self._operators_key(provider), self.base_url(provider)
        keyless = foreign or (self.operator_pays and not provider.needs_key)
        if not base_url or (need_key and key is None and not keyless):
            return None
        mine = foreign or own is not None
        return Endpoint(base_url=base_url, key=key, own=mine, foreign=foreign)

    def base_url(self, provider: Provider) -> str:
        """Give where requests to this provider go, empty where nobody said."""
        if provider.id == OWN:
            return provider.base_url
        return _with_path(self._value(provider.base_url_env), provider) or provider.base_url

    def configured(self, provider: Provider) -> bool:
        """Tell whether questions can go there: it has an address, and a key if it needs one."""
        return provider.kind == "local" or self.endpoint(provider) is not None

    def usable(self, model: Model) -> bool:
        """Tell whether the model can be asked about a picture here and now."""
        return self.living(model) and self.configured(model.provider)

    def living(self, model: Model) -> bool:
        """Tell whether it sees, chats, is no guard and neither retired nor shut down."""
        return refusals.not_asked(model, self.today()) is None

    def default(self, wanted: str | None = None) -> Model:
        """Give the operator's wish, else the first usable model, the built-in reader last.

        Raises ModelUnavailable if the wish can't be fulfilled."""
        if wanted is not None:
            return self.resolve(wanted)
        remote = [model for model in self.models.values() if model.provider.kind == "http"]
        remote.sort(key=lambda model: model.provider.id == OWN)  # chosen, or the last to be asked
        return next(filter(self.usable, remote), self.models[READER])

    def search(self, text: str, *, usable_only: bool, limit: int = 25) -> list[Model]:
        """Give living models in which every word of `text` occurs, in the catalog's order."""
        words = text.casefold().split()
        fits = self.usable if usable_only else self.living
        found = [m for m in self.models.values() if fits(m) and _has_words(m, words)]
        return found[:limit]

    def with_discovered(self, rows: Iterable[Discovered]) -> "Catalog":
        """Give this catalog, as it ships, with what the providers' own lists say laid over it."""
        models = overlaid(self.models, self.providers, self.templates, rows)
        return replace(self, models=models)

    def trusted_origins(self) -> frozenset[str]:
        """Give `scheme://host:port` of every provider that the operator set up or moved."""
        chosen = [
            provider
            for provider in self.providers.values()
            if self.endpoint(provider) or self._value(provider.base_url_env)
        ]
        return frozenset(_origin(self.base_url(provider)) for provider in chosen)

    def _known(self, model_id: str) -> Model:
        if model := self.find(model_id):
            return model
        raise ModelUnavailable(refusals.unknown(model_id))

    def _unconfigured(self, model: Model, need_key: bool) -> str | None:
        if not need_key or self.configured(model.provider):
            return None
        said = refusals.not_configured if self.operator_pays else refusals.not_paid
        return said(model)

    def _operators_key(self, provider: Provider) -> str | None:
        if provider.id == OWN or not self.operator_pays:
            return None
        return next((key for name in provider.api_key_env if (key := self._value(name))), None)

    def _value(self, name: str) -> str | None:
        return self.environ.get(name, "").strip() or None

    def _alias(self, model_id: str) -> Model | None:
        return next((m for m in self.models.values() if model_id in m.aliases), None)

    def _routed(self, provider: Provider, name: str) -> Model | None:
        """Give a listed model on another route; what was found out about one partner says
        nothing about the next, so it is sent bytes and has neither a price nor an end."""
        routes = [m for m in self.models.values() if m.provider is provider]
        routes = [model for model in routes if _plain(model.name) == _plain(name)]
        if not routes:
            return None
        model = next(filter(self.living, routes), routes[0])
        return msgspec.structs.replace(
            model,
            id=f"{provider.id}/{name}",
            name=name,
            label=name,
            aliases=(),
            note="",
            transport="inline",
            images=ImageLimits(),
            context_tokens=None,
            price=None,
            retired=None,
            shutdown=None,
            successor=None,
            unverified=model.unverified | _UNKNOWN_ELSEWHERE,
        )

    def _unlisted(self, provider: Provider, name: str) -> Model | None:
        template = self.templates.get(provider.id)
        if template is None:
            return None
        return msgspec.structs.replace(
            template, id=f"{provider.id}/{name}", name=name, label=f"{name} ({provider.label})"
        )


def _with_path(url: str | None, provider: Provider) -> str | None:
    """Give the base URL as requests append to it, however the operator wrote it."""
    if url is None:
        return None
    url = url.rstrip("/").removesuffix("/chat/completions")
    return url if urlsplit(url).path else url + provider.default_path


def _plain(name: str) -> str:
    return name.partition(":")[0]


def _has_words(model: Model, words: list[str]) -> bool:
    text = f"{model.id} {model.label} {model.provider.label}".casefold()
    return all(word in text for word in words)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}:{port}"
