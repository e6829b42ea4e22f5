"""What takes longer than a moment: answered at once, delivered with its files later."""

import io
from collections.abc import Sequence
from typing import Any

import discord

from bot.i18n import _
from bot.usage.export import Export
from cogs._panels import MESSAGE_LIMIT, fit
from cogs._usage.plotting import Plot
from cogs._usage.sums import questions
from cogs._usage.tables import as_file, as_text


async def begin(interaction: discord.Interaction[Any]) -> None:
    """Show the asker that it takes a while."""
    await interaction.response.defer(ephemeral=True, thinking=True)


async def deliver_text(interaction: discord.Interaction[Any], text: str) -> None:
    """Answer what was begun with a text alone."""
    await _deliver(interaction, text, [])


async def deliver_plot(
    interaction: discord.Interaction[Any], lines: Sequence[str], plot: Plot, png: bytes
) -> None:
    """Send a chart with its figures below it, as a file where they are too many."""
    text = fit([*lines, *plot.people], MESSAGE_LIMIT // 2)
    name = f"usage-{plot.chart.kind}"
    files = [discord.File(io.BytesIO(png), f"{name}.png", description=plot.alt)]
    table = as_text(plot.table, MESSAGE_LIMIT - len(text) - 1)
    if table is None:
        files.append(discord.File(io.BytesIO(as_file(plot.table)), f"{name}.csv"))
    said = _("All figures are in the file.") if table is None else table
    await _deliver(interaction, f"{text}\n{said}", files)


async def deliver_export(
    interaction: discord.Interaction[Any], headline: str, export: Export
) -> None:
    """Send the file, and say what is in it."""
    lines = [
        headline,
        _("{questions}, oldest first, refused ones among them.").format(
            questions=questions(export.rows)
        ),
    ]
    if export.ends is not None:
        lines.append(
            _("There is no room for more than those until <t:{ends}:f>: take fewer days.").format(
                ends=int(export.ends.timestamp())
            )
        )
    file = discord.File(io.BytesIO(export.data), export.filename)
    await _deliver(interaction, "\n".join(lines), [file])


async def _deliver(
    interaction: discord.Interaction[Any], text: str, files: Sequence[discord.File]
) -> None:
    await interaction.followup.send(
        text,
        files=files,
        ephemeral=True,
        suppress_embeds=True,
        allowed_mentions=discord.AllowedMentions.none(),
    )
