"""The buttons under an answer: their names survive a restart, their state is in the ledger."""

import re
from enum import StrEnum

import discord

from bot.i18n import _
from cogs._panels import buttons

CUSTOM_ID = re.compile(
    r"vidi:(?P<action>stop|followup|retry|other|receipt|delete|share|model):(?P<id>\d{1,18})"
)


class Action(StrEnum):
    """What a button does; part of its custom_id."""

    STOP = "stop"
    FOLLOWUP = "followup"
    RETRY = "retry"
    OTHER = "other"
    RECEIPT = "receipt"
    DELETE = "delete"
    SHARE = "share"
    MODEL = "model"
    """A choice made in the list that `other` opens."""
    WHY = "why"
    """On refusals; its number is that of the message or interaction that asked."""


STREAMING = (Action.STOP,)
FAILED = (Action.RETRY, Action.OTHER, Action.RECEIPT, Action.DELETE)
SHARED = (Action.FOLLOWUP, Action.RETRY, Action.OTHER, Action.RECEIPT, Action.DELETE)


def after_answer(*, private: bool) -> tuple[Action, ...]:
    """Give the actions under a whole answer."""
    return (*SHARED, Action.SHARE) if private else SHARED


def custom_id(action: Action, question_id: int) -> str:
    """Give the name by which Discord reports a press."""
    return f"vidi:{action}:{question_id}"


def view_of(question_id: int, actions: tuple[Action, ...]) -> discord.ui.View | None:
    """Lay out the buttons for a question; None for none."""
    if not actions:
        return None
    return buttons(
        *(
            discord.ui.Button[discord.ui.View](
                label=_label(action), style=_style(action), custom_id=custom_id(action, question_id)
            )
            for action in actions
        )
    )


def _style(action: Action) -> discord.ButtonStyle:
    if action in (Action.STOP, Action.DELETE):
        return discord.ButtonStyle.danger
    return discord.ButtonStyle.secondary


def _label(action: Action) -> str:
    return {
        Action.STOP: _("Stop"),
        Action.FOLLOWUP: _("Follow up"),
        Action.RETRY: _("Retry"),
        Action.OTHER: _("Other model"),
        Action.RECEIPT: _("Receipt"),
        Action.DELETE: _("Delete"),
        Action.SHARE: _("Share"),
        Action.MODEL: _("Choose a model"),
        Action.WHY: _("Why?"),
    }[action]
