"""The panel's part about what questions may cost, and what happens when that runs short."""

from collections.abc import Mapping
from dataclasses import replace

import discord

from bot.choices import Budget
from bot.errors import Refused
from bot.i18n import N_, _
from bot.money import dollars, parse_usd
from cogs._changing.choosing import NONE, parse_cheaper
from cogs._forms import field, form
from cogs._writing import Writable, may_write
from cogs.settings.panel.controls import OPTIONS, Row, button, channels, option, select
from cogs.settings.panel.models import model_options, named, type_button, type_form
from cogs.settings.panel.part import Here, Outcome, Part
from cogs.settings.panel.press import Press, custom_id

NAME = "budget"
_AMOUNT = 20
_KINDS = (
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.voice,
    discord.ChannelType.public_thread,
)


def rows(here: Here) -> list[Row]:
    """Lay out the cheaper model, the channel that is told, and the amounts."""
    budget = here.settings.budget
    none = option(NONE, _("No cheaper model"), chosen=budget.cheaper is None)
    models = model_options(here, (budget.cheaper,) if budget.cheaper else (), limit=OPTIONS - 1)
    told = here.known_channels((budget.channel_id,) if budget.channel_id else ())
    return [
        select(custom_id(NAME, "cheaper"), _("The model when money runs short"), [none, *models]),
        channels(custom_id(NAME, "channel"), _("Tell this channel"), told, most=1, kinds=_KINDS),
        (button(custom_id(NAME, "amounts"), _("Type amounts…")), type_button(NAME)),
    ]


def changed(here: Here, press: Press) -> Outcome:
    """Change an amount, or what happens when it runs short."""
    budget = here.settings.budget
    match press.control:
        case ("amounts",):
            return _form(budget)
        case ("type",):
            return type_form(NAME, "cheaper")
        case ("typed",):
            after = _typed(budget, press.texts)
        case ("channel",):
            channel_id = int(press.values[0]) if press.values else None
            after = replace(budget, channel_id=_writable(here, channel_id))
        case _:
            cheaper = parse_cheaper(named(press) or NONE, here.catalog, here.receivers)
            after = replace(budget, cheaper=cheaper)
    return replace(here.settings, budget=after)


def _form(budget: Budget) -> discord.ui.Modal:
    hint = _("US dollars, such as 5 or 0.50; leave it empty for no limit.")
    fields = (
        ("day", _("A day, all together"), budget.day),
        ("month", _("A month, all together"), budget.month),
        ("member_day", _("A day, each member"), budget.member_day),
        ("member_month", _("A month, each member"), budget.member_month),
    )
    share = field(
        "share",
        _("Short from this percentage on"),
        str(budget.share),
        hint=_("1 to 100; then the cheaper model answers and the channel is told."),
        most=4,
    )
    amounts = (
        field(
            name,
            label,
            "" if nano is None else dollars(nano).replace(",", ""),
            hint=hint,
            most=_AMOUNT,
        )
        for name, label, nano in fields
    )
    return form(custom_id(NAME, "typed"), _("What questions may cost"), *amounts, share)


def _typed(budget: Budget, texts: Mapping[str, str]) -> Budget:
    return replace(
        budget,
        day=_amount(texts["day"]),
        month=_amount(texts["month"]),
        member_day=_amount(texts["member_day"]),
        member_month=_amount(texts["member_month"]),
        share=_share(texts["share"]),
    )


def _amount(text: str) -> int | None:
    return parse_usd(text or NONE)


def _share(text: str) -> int:
    number = text.removesuffix("%").strip() or str(Budget().share)
    share = int(number) if number.isascii() and number.isdecimal() else 0
    if not 1 <= share <= 100:
        raise Refused(
            _("“{text}” is no share: write a percentage from 1 to 100.").format(text=text)
        )
    return share


def _writable(here: Here, channel_id: int | None) -> int | None:
    """Give a channel as it is; raises Refused where nobody could be told there."""
    guild = here.guild
    channel = guild.get_channel_or_thread(channel_id) if guild and channel_id else None
    if isinstance(channel, Writable) and not may_write(channel):
        raise Refused(
            _("I may not write in {channel}. Let me, or choose another channel.").format(
                channel=f"<#{channel_id}>"
            )
        )
    return channel_id


PART = Part(N_("Budget"), rows, changed)
