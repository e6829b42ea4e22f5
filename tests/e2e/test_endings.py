"""A model that ends soon: moderators hear of it once, after a command of theirs."""

import datetime as dt
from pathlib import Path

from tests.e2e.conftest import Town


def catalog_with_an_end(town: Town, folder: Path) -> str:
    end = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=10)
    folder.mkdir()
    (folder / "acme.toml").write_text(
        f"""
        provider = {{ id = "acme", label = "Acme", company = "Acme Inc.", needs_key = false,
                      base_url = "{town.models.base_url}" }}
        defaults = {{ checked = 2026-01-01, source = "written for a test" }}

        [[models]]
        name = "sun"
        label = "Sun"
        shutdown = {end.isoformat()}
        successor = "acme/moon"

        [[models]]
        name = "moon"
        label = "Moon"
        """.replace("\n                      ", " "),
        "utf-8",
    )
    return str(folder)


async def test_moderators_are_told_once_and_adopt_the_successor_with_one_press(
    town: Town, tmp_path: Path
) -> None:
    catalog = catalog_with_an_end(town, tmp_path / "catalog")
    async with town.bot(VIDI_CATALOG_DIR=catalog, VIDI_DEFAULT_MODEL="acme/sun") as vidi:
        by_member = await town.ada.slash(town.channel, "usage mine")
        await town.told(by_member)
        first = await town.mod.slash(town.channel, "usage mine")
        await town.pg.until(lambda: bool(first.followups))
        assert not by_member.followups
        (notice,) = first.followups
        assert "Sun at Acme shuts down on" in notice.content
        assert "Moon at Acme can take its place here." in notice.content
        assert notice.ephemeral_to is town.mod
        changed = await town.told(await town.mod.click(notice, "Switch to Moon"))
        assert "Undo" in changed.buttons
        assert vidi.core.settings.of(town.guild.id).model_id == "acme/moon"
        await town.mod.click(changed, "Undo")
    async with town.bot(
        VIDI_CATALOG_DIR=catalog, VIDI_DEFAULT_MODEL="acme/sun"
    ):  # a restart forgets nothing
        again = await town.mod.slash(town.channel, "settings show")
        await town.told(again)
        last = await town.mod.slash(town.channel, "usage mine")
        await town.told(last)
    assert not again.followups
    assert not last.followups
