"""A guild's settings in words: what they are, and what a change made of them."""

from bot.catalog.catalog import Catalog
from bot.choices import GuildSettings
from bot.i18n import _, ngettext
from bot.text import plain
from cogs._facts import name_of
from cogs._panels import cut

VALUE_LIMIT = 300


def shown(settings: GuildSettings, catalog: Catalog) -> list[str]:
    """Give every setting as a line."""
    return [
        _("**{name}:** {value}").format(name=name, value=cut(plain(value), 2 * VALUE_LIMIT))
        for name, value in _rows(settings, catalog)
    ]


def changes(before: GuildSettings, after: GuildSettings, catalog: Catalog) -> list[str]:
    """Give each setting that differs as a line: what it is, and what it was."""
    rows = zip(_rows(before, catalog), _rows(after, catalog), strict=True)
    return [
        _("**{name}:** {value} (it was: {before})").format(
            name=name, value=cut(plain(value), VALUE_LIMIT), before=cut(plain(was), VALUE_LIMIT)
        )
        for (name, was), (_name, value) in rows
        if was != value
    ]


def _rows(settings: GuildSettings, catalog: Catalog) -> list[tuple[str, str]]:
    return [
        (_("Model"), _model(settings.model_id, catalog)),
        (_("Members may also choose"), _also(settings.also, catalog)),
        (_("Instructions"), settings.prompt or _("none")),
        (_("Answers to /ask"), _visibility(settings.ask_private)),
        (_("Answers to the right-click menus"), _visibility(settings.menus_private)),
        (_("Text kept for follow-ups"), _kept(settings.retention_hours)),
        (_("Used although unproven"), _names(settings.unproven, catalog) or _("no model")),
        (_("Guard"), _guard(settings, catalog)),
    ]


def _model(model_id: str | None, catalog: Catalog) -> str:
    return name_of(model_id, catalog) if model_id else _("the one this bot uses by default")


def _also(also: tuple[str, ...], catalog: Catalog) -> str:
    return _names(also, catalog) or _("no other model")


def _names(model_ids: tuple[str, ...], catalog: Catalog) -> str:
    return ", ".join(name_of(model_id, catalog) for model_id in model_ids)


def _guard(settings: GuildSettings, catalog: Catalog) -> str:
    if settings.screen_model is None:
        return _("none looks at questions first")
    guard = name_of(settings.screen_model, catalog)
    if settings.screen_lenient:
        return _("{guard}; while it can't look, questions are let through").format(guard=guard)
    return _("{guard}; while it can't look, questions are refused").format(guard=guard)


def _visibility(private: bool) -> str:
    return _("seen by the asker only") if private else _("seen by everybody")


def _kept(hours: int) -> str:
    if not hours:
        return _("not at all, so answers can't be followed up")
    return ngettext("for {hours} hour", "for {hours} hours", hours).format(hours=hours)
