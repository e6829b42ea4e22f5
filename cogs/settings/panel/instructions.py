"""The panel's part about the instructions that go with every question."""

from dataclasses import replace

from bot.choices import PROMPT_MAX
from bot.i18n import N_, _
from cogs._forms import field, form
from cogs.settings.panel.controls import Row, button
from cogs.settings.panel.part import Here, Outcome, Part
from cogs.settings.panel.press import Press, custom_id

NAME = "prompt"


def rows(here: Here) -> list[Row]:
    """Lay out writing them and taking them away."""
    write = button(custom_id(NAME, "write"), _("Write instructions…"))
    if not here.settings.prompt:
        return [(write,)]
    return [(write, button(custom_id(NAME, "remove"), _("Remove them"), danger=True))]


def changed(here: Here, press: Press) -> Outcome:
    """Change the instructions."""
    match press.control:
        case ("write",):
            text = field(
                "prompt", _("Instructions"), here.settings.prompt or "", most=PROMPT_MAX, long=True
            )
            return form(custom_id(NAME, "written"), _("Write instructions"), text)
        case _:
            return replace(here.settings, prompt=press.texts.get("prompt") or None)


PART = Part(N_("Instructions"), rows, changed)
