"""The trace in words: each rule that was looked at, and what it decided, a line each."""

from collections.abc import Iterable

from bot.i18n import N_, _
from bot.policy.trace import Rule, Step, Verdict

_RULES = {
    Rule.BLOCK: N_("Blocks"),
    Rule.CONSENT: N_("Consent"),
    Rule.PICTURES: N_("Pictures"),
    Rule.ACCESS: N_("Access"),
    Rule.MODEL: N_("Model"),
    Rule.PROMPT: N_("Instructions"),
    Rule.RATE: N_("Rate"),
    Rule.BUDGET: N_("Budget"),
    Rule.SCREEN: N_("Guard"),
    Rule.SIGHT: N_("Sight"),
    Rule.ATTEMPT: N_("Attempt"),
}
_VERDICTS = {
    Verdict.PASSED: N_("- {rule}, passed: {text}"),
    Verdict.REFUSED: N_("- **{rule}, refused:** {text}"),
    Verdict.CHOSE: N_("- {rule}, decided: {text}"),
    Verdict.NOTED: N_("- {rule}: {text}"),
}


def trace_lines(trace: Iterable[Step]) -> list[str]:
    """Give each step as a line."""
    return [
        _(_VERDICTS[step.verdict]).format(rule=_(_RULES[step.rule]), text=step.text)
        for step in trace
    ]
