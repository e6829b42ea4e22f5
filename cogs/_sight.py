"""What is known of a model's sight, and what a proof came to, in words."""

from bot.catalog.prices import usd
from bot.catalog.types import Model, Transport
from bot.i18n import _
from bot.sight.known import Standing
from bot.sight.looking import Proof
from cogs._facts import model_name


def blind_text(model: Model) -> str:
    """Say that a model was shown a picture and saw nothing."""
    return _(
        "{model} does not see pictures: shown one with a word on it, it did not read the word. "
        "It gets no pictures; choose another with /settings model."
    ).format(model=model_name(model))


def known_text(model: Model, known: Standing | None, *, due: bool) -> list[str]:
    """Say what is known of a model's sight; nothing where there is nothing to tell."""
    if known is not None and not known.sees:
        return [blind_text(model)]
    if model.proven or (known is not None and not due):
        return []
    if due:
        return [_("Before its next answer it has to prove that it sees pictures.")]
    return [_("Nobody has proven yet that it sees pictures: watch its first answers.")]


def checking_text(model: Model) -> str:
    """Say that a proof is under way."""
    return _("Checking that {model} sees pictures…").format(model=model_name(model))


def proof_text(model: Model, proof: Proof) -> list[str]:
    """Say what a proof came to: whether it sees, how that was tried, how long it took, its cost."""
    if proof.error is not None:
        return [_open(model, proof), proof.error.sentence]
    if not proof.sees:
        return [_blind(model, proof)]
    lines = [_sees(model, proof)]
    if len(proof.glances) > 1:
        lines.append(_("It did not see the picture behind a link, so it is sent pictures as data."))
    return lines


def _sees(model: Model, proof: Proof) -> str:
    last = proof.glances[-1]
    return _(
        "{model} sees pictures: it read {word}, sent {how}, in {seconds:.1f} s ({cost})."
    ).format(
        model=model_name(model),
        word=proof.canary.word,
        how=_way(last.transport),
        seconds=last.latency_ms / 1000,
        cost=_cost(proof),
    )


def _blind(model: Model, proof: Proof) -> str:
    ways = [_way(glance.transport) for glance in proof.glances]
    return _(
        "{model} does not see pictures: shown {word} ({ways}), it did not read it ({cost}). "
        "It gets no pictures; choose another with /settings model."
    ).format(
        model=model_name(model),
        word=proof.canary.word,
        ways=", ".join(ways),
        cost=_cost(proof),
    )


def _open(model: Model, proof: Proof) -> str:
    return _("Whether {model} sees pictures can't be told now ({cost}).").format(
        model=model_name(model), cost=_cost(proof)
    )


def _way(transport: Transport) -> str:
    return _("as a link") if transport == "url" else _("as data")


def _cost(proof: Proof) -> str:
    nano = proof.usage.cost_nano_usd
    return _("cost unknown") if nano is None else usd(nano)
