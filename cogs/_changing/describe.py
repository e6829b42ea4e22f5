"""A guild's settings in words: what they are, and what a change made of them."""

from collections.abc import Iterator

from bot.catalog.catalog import Catalog
from bot.choices import GuildSettings
from bot.i18n import _, language_name, ngettext
from bot.text import plain
from cogs._changing.rows import Part, Row, joined, line, said, turned
from cogs._changing.rules import OVERRIDES, access_rows, budget_rows, rate_rows
from cogs._facts import name_of

VALUE_LIMIT = 300
ROOM = 1600
"""Characters for every setting; beyond it those that are as by default are only named."""
SHORT = (160, 100, 60, 45, 35, 25)
"""Characters for one setting, the first with which all of them fit."""


def rows(settings: GuildSettings, catalog: Catalog) -> list[Row]:
    """Give every setting in words, always the same ones in the same order."""
    return [
        *_model_rows(settings, catalog),
        *_answer_rows(settings),
        *_privacy_rows(settings),
        *access_rows(settings.access),
        *rate_rows(settings.rate),
        *budget_rows(settings.budget, catalog),
    ]


def shown(settings: GuildSettings, catalog: Catalog, part: Part | None = None) -> list[str]:
    """Give every setting, or those of a part, as a line.

    Where that is too much, give what was chosen, shortened."""
    every = [row for row in rows(settings, catalog) if part in (None, row.part)]
    lines = [line(row, 2 * VALUE_LIMIT) for row in every]
    if _fits(lines):
        return lines
    default = {row.name: row.value for row in rows(GuildSettings(), catalog)}
    rest = [row for row in every if row.value != default[row.name]]
    tries = ([line(row, limit) for row in rest] for limit in SHORT)
    chosen = next(filter(_fits, tries), [line(row, SHORT[-1]) for row in rest])
    untouched = [row.name for row in every if row.value == default[row.name]]
    if not untouched:
        return chosen
    return [*chosen, _("As by default: {names}").format(names=", ".join(untouched))]


def _fits(lines: list[str]) -> bool:
    return sum(map(len, lines)) + len(lines) <= ROOM


def changes(before: GuildSettings, after: GuildSettings, catalog: Catalog) -> list[str]:
    """Give a line for each setting that differs: what it is now and what it was."""
    pairs = zip(rows(before, catalog), rows(after, catalog), strict=True)
    return [_changed(was, now) for was, now in pairs if was.value != now.value]


def _changed(was: Row, now: Row) -> str:
    if max(len(was.items), len(now.items)) > 1 and not (_short(was) and _short(now)):
        return _("**{name}:** {value}").format(name=now.name, value=_difference(was, now))
    return turned(now.name, said(now, VALUE_LIMIT), said(was, VALUE_LIMIT))


def _short(row: Row) -> bool:
    return len(", ".join(row.items)) <= VALUE_LIMIT


def _difference(was: Row, now: Row) -> str:
    """Say what came and went in lists too long to be said whole."""
    count = len(now.items)
    new = tuple(item for item in now.items if item not in was.items)
    gone = tuple(item for item in was.items if item not in now.items)
    phrases = [ngettext("{count} now", "{count} now", count).format(count=count)]
    if new:
        phrases.append(_("new: {items}").format(items=joined(new, VALUE_LIMIT)))
    if gone:
        phrases.append(_("gone: {items}").format(items=joined(gone, VALUE_LIMIT)))
    if not new and not gone:
        phrases.append(_("in another order"))
    return "; ".join(phrases)


def _model_rows(settings: GuildSettings, catalog: Catalog) -> Iterator[Row]:
    model = _names((settings.model_id,) if settings.model_id else (), catalog)
    yield Row("model", _("Model"), settings.model_id, model, _("the one this bot uses by default"))
    also = _names(settings.also, catalog)
    yield Row("model", _("Members may also choose"), settings.also, also, _("no other model"))
    fallbacks = _names(settings.fallbacks, catalog)
    yield Row(
        "fallbacks", _("Fallbacks"), settings.fallbacks, fallbacks, _("no other model is asked")
    )
    others = tuple(
        _("{model} for {where}").format(
            model=plain(name_of(override.model_id, catalog)),
            where=f"<@&{override.id}>" if override.scope == "role" else f"<#{override.id}>",
        )
        for override in settings.overrides
    )
    yield Row(
        "overrides",
        _(OVERRIDES),
        settings.overrides,
        others,
        _("none"),
    )
    accepted = _names(settings.unproven, catalog)
    yield Row("model", _("Used although unproven"), settings.unproven, accepted, _("no model"))
    yield _guard_row(settings, catalog)
    yield _endpoint_row(settings)


def _names(model_ids: tuple[str, ...], catalog: Catalog) -> tuple[str, ...]:
    return tuple(plain(name_of(model_id, catalog)) for model_id in model_ids)


def _guard_row(settings: GuildSettings, catalog: Catalog) -> Row:
    value = (settings.screen_model, settings.screen_lenient)
    if settings.screen_model is None:
        return Row("guard", _("Guard"), value, (), _("none looks at questions first"))
    guard = plain(name_of(settings.screen_model, catalog))
    if settings.screen_lenient:
        words = _("{guard}; while it can't look, questions are let through").format(guard=guard)
    else:
        words = _("{guard}; while it can't look, questions are refused").format(guard=guard)
    return Row("guard", _("Guard"), value, (words,))


def _endpoint_row(settings: GuildSettings) -> Row:
    endpoint = settings.endpoint
    if endpoint is None:
        return Row("endpoint", _("Own endpoint"), None, (), _("none"))
    words = _("{address} with {models}").format(
        address=plain(endpoint.base_url), models=plain(", ".join(endpoint.models))
    )
    return Row("endpoint", _("Own endpoint"), endpoint, (words,))


def _answer_rows(settings: GuildSettings) -> Iterator[Row]:
    prompt = (plain(settings.prompt),) if settings.prompt else ()
    yield Row("prompt", _("Instructions"), settings.prompt, prompt, _("none"))
    ask, menus = settings.ask_private, settings.menus_private
    yield Row("answers", _("Answers to /ask"), ask, (_visibility(ask),))
    yield Row("answers", _("Answers to the right-click menus"), menus, (_visibility(menus),))
    language = (language_name(settings.language),) if settings.language else ()
    yield Row("answers", _("Language"), settings.language, language, _("the one each member uses"))
    lengths = {"short": _("short"), "normal": _("normal"), "long": _("long")}
    yield Row("answers", _("Length"), settings.length, (lengths[settings.length],))
    styles = {"plain": _("plain text"), "card": _("a framed card")}
    yield Row("answers", _("Style"), settings.style, (styles[settings.style],))
    temperature = () if settings.temperature is None else (f"{settings.temperature:g}",)
    yield Row("answers", _("Temperature"), settings.temperature, temperature, _("the model's own"))


def _privacy_rows(settings: GuildSettings) -> Iterator[Row]:
    hours = settings.retention_hours
    yield Row("privacy", _("Text kept for follow-ups"), hours, (_kept(hours),))
    stripped = settings.strip_metadata
    pictures = _("always without metadata, never as a link") if stripped else _("as the model asks")
    yield Row("privacy", _("Pictures are sent"), stripped, (pictures,))
    told = settings.tell_company
    company = _("under each answer") if told else _("only in the receipt")
    yield Row("privacy", _("The company is named"), told, (company,))


def _visibility(private: bool) -> str:
    return _("seen by the asker only") if private else _("seen by everybody")


def _kept(hours: int) -> str:
    if not hours:
        return _("not at all, so answers can't be followed up")
    return ngettext("for {hours} hour", "for {hours} hours", hours).format(hours=hours)
