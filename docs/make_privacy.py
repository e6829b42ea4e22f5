"""Make docs/PRIVACY.md: everything that Vidi writes down, from its own inventory.

`.venv/bin/python -m docs.make_privacy`, from the project's folder.
"""

from pathlib import Path

from bot.privacy.inventory import INVENTORY, NEVER_KEPT, Group

TARGET = Path(__file__).with_name("PRIVACY.md")

INTRODUCTION = """\
# What Vidi keeps

This page is made from [the inventory](../bot/privacy/inventory.py) that the tests hold against the
database, column by column; `python -m docs.make_privacy` makes it again. On Discord, `/privacy
show` says which companies receive pictures in a server, `/privacy export` gives what is written
down about you, `/privacy delete` erases it, and `/privacy optout` keeps your pictures out of
everybody's questions.

What is encrypted is so with a key that is not in the database. When I am removed from a server, its
keys are erased at once and everything else of it after 30 days, its questions included.

## What is never kept

"""

COLUMNS = "| Table | Column | What it is |\n|---|---|---|\n"


def page() -> str:
    """Give the page: a section for each reason to keep something."""
    never = "".join(f"- {sentence}\n" for sentence in NEVER_KEPT)
    return "\n".join((INTRODUCTION + never, *map(_section, INVENTORY)))


def _section(group: Group) -> str:
    rows = "".join(
        f"| `{table}` | `{name}` | {kind.value} |\n"
        for table, columns in group.tables.items()
        for name, kind in columns.items()
    )
    heading = ", ".join(f"`{table}`" for table in group.tables)
    facts = f"- How long: {group.until}\n- `/privacy delete`: {group.deletion}\n"
    return f"## {heading}\n\n{group.what}.\n\n{facts}\n{COLUMNS}{rows}"


if __name__ == "__main__":
    TARGET.write_text(page(), "utf-8")
