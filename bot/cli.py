"""The `vidi` command."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from bot import __version__, log
from bot.config import Config
from bot.errors import QuestionError, StartupError
from bot.i18n import _


def main(argv: Sequence[str] | None = None) -> int:
    """Run one `vidi` command and give its exit status: 0 done, 1 refused, 2 wrong usage."""
    arguments = _parser().parse_args(argv)
    try:
        config = Config.load(os.environ, Path(".env"))
        log.configure(config, quiet=arguments.quiet)
        status = arguments.run(config, arguments)
        sys.stdout.flush()  # here, where a reader that has gone away can still be caught
        return status
    except (StartupError, QuestionError) as error:
        print(error.sentence, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for the flush at exit
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vidi", description=_("A Discord bot that answers questions about pictures.")
    )
    parser.add_argument("--version", action="version", version=f"vidi {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def command(name: str, run: object, about: str, *, quiet: bool) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=about, description=about)
        added.set_defaults(run=run, quiet=quiet)
        return added

    command("run", _run, _("Connect to Discord and answer until stopped."), quiet=False)
    asks = command("ask", _ask, _("Ask about pictures from the terminal."), quiet=True)
    asks.usage = 'vidi ask PICTURE... "QUESTION" [--model ID] [--json] [--dry-run]'
    asks.add_argument(
        "words",
        nargs="+",
        metavar="PICTURE... QUESTION",
        help=_("files or links, then the question; without one the pictures are described"),
    )
    asks.add_argument("--model", metavar="ID", help=_("provider/model-name; see vidi models"))
    asks.add_argument("--json", action="store_true", help=_("print one JSON object"))
    asks.add_argument(
        "--dry-run", action="store_true", help=_("print the request instead of sending it")
    )
    shows = command("demo", _demo, _("Show a conversation on a Discord of your own."), quiet=True)
    shows.add_argument("--picture", type=Path, metavar="FILE", help=_("draw it into a PNG, too"))
    command("doctor", _doctor, _("Check everything the bot needs, a line each."), quiet=True)
    models = command("models", _models, _("List the models that Vidi knows."), quiet=True)
    models.add_argument("--json", action="store_true", help=_("every fact, as JSON"))
    models.add_argument(
        "--refresh", action="store_true", help=_("read the providers' own lists, and keep them")
    )
    command("migrate", _migrate, _("Bring the database up to date."), quiet=True)
    return parser


# Each command imports what it needs when it runs: `vidi models` shouldn't load Discord.


def _run(config: Config, arguments: argparse.Namespace) -> int:
    from bot.app import run

    return asyncio.run(run(config))


def _ask(config: Config, arguments: argparse.Namespace) -> int:
    from bot import terminal

    question = terminal.question_from(arguments.words)
    ask = terminal.dry_run if arguments.dry_run else terminal.ask
    asyncio.run(ask(config, question, model_id=arguments.model, as_json=arguments.json))
    return 0


def _demo(config: Config, arguments: argparse.Namespace) -> int:
    from playground.demo import demo

    return asyncio.run(demo(arguments.picture))


def _doctor(config: Config, arguments: argparse.Namespace) -> int:
    from bot.doctor import doctor

    return asyncio.run(doctor(config))


def _models(config: Config, arguments: argparse.Namespace) -> int:
    from bot.catalog import listing
    from bot.catalog.loader import load

    if arguments.refresh:
        return _refresh(config, as_json=arguments.json)
    catalog = load(config.environ, config.catalog_dir)
    print(listing.as_json(catalog) if arguments.json else listing.as_text(catalog))
    return 0


def _refresh(config: Config, *, as_json: bool) -> int:
    from bot.catalog import listing
    from bot.core import refresh_models

    catalog, refreshed = asyncio.run(refresh_models(config))
    print(*refreshed.lines(), sep="\n", file=sys.stderr if as_json else sys.stdout)
    if as_json:
        print(listing.as_json(catalog))
    return 0


def _migrate(config: Config, arguments: argparse.Namespace) -> int:
    from bot.db.engine import migrate

    done = asyncio.run(migrate(config.database_url, config.data_dir))
    print(*done or [_("Nothing to do: the database is up to date.")], sep="\n")
    return 0
