"""README.md and CHANGELOG.md: the commands they name are those that there are."""

import re
from pathlib import Path

import pytest
from discord.ext import commands

from cogs.limits import LimitsCog
from cogs.owner import OwnerCog
from cogs.privacy import PrivacyCog
from cogs.settings import SettingsCog
from cogs.usage import UsageCog

ROOT = Path(__file__).parents[2]
GROUPS: tuple[type[commands.GroupCog], ...] = (
    LimitsCog,
    OwnerCog,
    PrivacyCog,
    SettingsCog,
    UsageCog,
)
README = (ROOT / "README.md").read_text("utf-8")


def subcommands(group: type[commands.GroupCog]) -> set[str]:
    return {command.name for command in group.__cog_app_commands__}


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.__cog_group_name__)
def test_every_subcommand_is_in_the_readme(group: type[commands.GroupCog]) -> None:
    named = set(re.findall(r"`(?:/\w+ )?(\w+)`", README))
    assert subcommands(group) <= named


@pytest.mark.parametrize("page", ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"])
def test_no_page_names_a_subcommand_that_is_not_there(page: str) -> None:
    there = {group.__cog_group_name__: subcommands(group) for group in GROUPS}
    for name, subcommand in re.findall(r"`/(\w+) (\w+)`", (ROOT / page).read_text("utf-8")):
        assert subcommand in there[name], f"/{name} {subcommand}"


@pytest.mark.parametrize("page", ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"])
def test_what_a_page_links_to_is_there(page: str) -> None:
    for link in re.findall(r"\]\((?!https?://)([^)#]+)", (ROOT / page).read_text("utf-8")):
        assert (ROOT / link).exists(), link


def test_the_lines_of_the_moderators_table_name_subcommands_of_their_group() -> None:
    there = {f"/{group.__cog_group_name__}": subcommands(group) for group in GROUPS}
    rows = re.findall(r"^\| (`/\w+ .+?) \|", README, re.MULTILINE)
    assert rows
    for row in rows:
        first, *others = re.findall(r"`([^`]+)`", row)
        group, name = first.split()
        assert {name, *others} <= there[group]
