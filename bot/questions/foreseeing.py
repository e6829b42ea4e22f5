"""What is known beforehand of the sight of the models that a question would go to."""

from collections.abc import Collection, Sequence

from bot.errors import PictureUnsupported
from bot.i18n import N_
from bot.policy.trace import Rule, Step, Trace, Verdict
from bot.questions.attempts import Wanted
from bot.sight.proof import Sight
from bot.text import plain


def foreseen(
    way: Sequence[Wanted], sight: Sight, accepted: Collection[str]
) -> tuple[Trace, PictureUnsupported | None]:
    """Tell of each model, up to the first that isn't known blind; the error where all are."""
    steps: list[Step] = []
    for wanted in way:
        if wanted.model.provider.kind == "local":
            return tuple(steps), None
        steps.append(step := _look(wanted, sight, accepted))
        if step.verdict is not Verdict.REFUSED:
            return tuple(steps), None
    return tuple(steps), PictureUnsupported("known to be blind", sent=False)


def _look(wanted: Wanted, sight: Sight, accepted: Collection[str]) -> Step:
    model, verdict = wanted.model, Verdict.NOTED
    known = sight.standing(model, wanted.endpoint)
    if known and not known.sees:
        said, verdict = N_("{model} was found blind, so it isn't asked."), Verdict.REFUSED
    elif known or model.proven:
        said = N_("{model} was proven to see.")
    elif sight.trusts(model, accepted):
        said = N_("Nobody has proven that {model} sees; it is asked all the same.")
    else:
        said = N_("Nobody has proven yet that {model} sees; that is tried before its first answer.")
    return Step(Rule.SIGHT, verdict, said, {"model": plain(model.label)})
