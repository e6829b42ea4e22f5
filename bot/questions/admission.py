"""Admission: whether a question is heard at all, and which of its pictures may be sent."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from bot.choices import GuildSettings
from bot.errors import Refused
from bot.i18n import N_, _, ngettext
from bot.owner.book import Rules
from bot.policy import access
from bot.policy.trace import Rule, Step, Verdict
from bot.privacy.consent import OptOuts
from bot.questions.refusing import no_picture
from bot.types import LeftOut, Question


def admitted(
    question: Question,
    settings: GuildSettings,
    rules: Rules,
    opt_outs: OptOuts,
    steps: list[Step],
) -> Question:
    """Give the question with the pictures that may be sent; every rule looked at joins `steps`.

    Raises Refused."""
    _decide(steps, _blocked(question, rules))
    steps += _skipped(question.left_out)
    if not question.images:
        steps.append(Step(Rule.PICTURES, Verdict.REFUSED, N_("There is no picture.")))
        raise no_picture(question)
    question = _consented(question, opt_outs, steps)
    question = _at_most(question, settings.rate.pictures, steps)
    if question.place.guild_id is not None:
        _decide(steps, access.in_place(settings.access, question.place))
        _decide(steps, access.for_person(settings.access, question.asker))
    return question


def _blocked(question: Question, rules: Rules) -> Step:
    if question.asker.user_id in rules.blocked_users:
        return _refusal(N_("Whoever runs this bot has blocked you. Ask them why."))
    if question.place.guild_id in rules.blocked_guilds:
        return _refusal(N_("Whoever runs this bot has blocked this server. Ask them why."))
    return Step(Rule.BLOCK, Verdict.PASSED, N_("Neither the asker nor the place is blocked."))


def _consented(question: Question, opt_outs: OptOuts, steps: list[Step]) -> Question:
    """Leave out the pictures of people who don't want theirs sent."""
    withheld = [image for image in question.images if image.author_id in opt_outs]
    if not withheld:
        return question
    count = len(withheld)
    said = N_("{count} left out: whose they are doesn't want them sent.")
    steps.append(Step(Rule.CONSENT, Verdict.NOTED, said, {"count": count}))
    left_out = tuple(LeftOut(each.filename, _unwanted()) for each in withheld)
    images = tuple(image for image in question.images if image not in withheld)
    if images:
        return replace(question, images=images, left_out=question.left_out + left_out)
    steps.append(Step(Rule.CONSENT, Verdict.REFUSED, N_("No picture is left to send.")))
    own = all(image.author_id == question.asker.user_id for image in withheld)
    raise Refused(_own_wish() if own else _others_wish(count))


def _decide(steps: list[Step], step: Step) -> None:
    steps.append(step)
    if step.verdict is Verdict.REFUSED:
        raise Refused(step.text)


def _refusal(said: str) -> Step:
    return Step(Rule.BLOCK, Verdict.REFUSED, said)


def _at_most(question: Question, most: int | None, steps: list[Step]) -> Question:
    """Leave out the pictures beyond what one question may have here."""
    count = len(question.images) + len(question.left_out)
    kept = question.images[:most]
    said = N_("{kept} of {count} can be looked at.")
    steps.append(Step(Rule.PICTURES, Verdict.PASSED, said, {"kept": len(kept), "count": count}))
    if len(kept) == len(question.images):
        return question
    reason = ngettext(
        "this server takes {count} picture a question",
        "this server takes {count} pictures a question",
        len(kept),
    ).format(count=len(kept))
    beyond = tuple(LeftOut(image.filename, reason) for image in question.images[len(kept) :])
    steps += _skipped(beyond)
    return replace(question, images=kept, left_out=question.left_out + beyond)


def _skipped(left_out: Iterable[LeftOut]) -> Iterator[Step]:
    """Note why pictures and files are left out, each reason once."""
    for reason, count in Counter(each.reason for each in left_out).items():
        facts: dict[str, str | int] = {"count": count, "reason": reason}
        yield Step(Rule.PICTURES, Verdict.NOTED, N_("{count} left out: {reason}."), facts)


def _unwanted() -> str:
    return _("whose it is doesn't want it sent")


def _own_wish() -> str:
    return _(
        "You chose that your pictures are sent to no model. /privacy optin lets me look at them."
    )


def _others_wish(count: int) -> str:
    return ngettext(
        "Whoever posted this picture doesn't want it sent to a model, so I can't look at it.",
        "Whoever posted these pictures doesn't want them sent to a model, so I can't look at them.",
        count,
    )
