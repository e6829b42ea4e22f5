"""Everything below Discord, opened and closed in order: for the bot, `vidi ask` and `doctor`."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.catalog.catalog import Catalog
from bot.catalog.loader import load
from bot.catalog.shelf import Shelf
from bot.config import Config
from bot.db.engine import Database
from bot.db.keys import SecretBox
from bot.discovery.discovery import Discovery, Refreshed
from bot.guilds.catalogs import GuildCatalogs
from bot.guilds.connections import Connections
from bot.guilds.keyring import Keyring
from bot.guilds.membership import Guilds
from bot.images.decode import Decoder
from bot.net import Net
from bot.owner.book import OwnerBook
from bot.privacy.consent import OptOuts
from bot.privacy.people import People
from bot.questions.attempts import Attempts
from bot.questions.planning import Planner
from bot.reader import Reader
from bot.service import VisionService
from bot.settings import SettingsBook
from bot.sight.proof import Sight


@dataclass(frozen=True, slots=True)
class Core:
    """Everything below Discord."""

    catalog: Catalog
    catalogs: GuildCatalogs
    settings: SettingsBook
    keyring: Keyring
    connections: Connections
    owner: OwnerBook
    opt_outs: OptOuts
    guilds: Guilds
    people: People
    service: VisionService
    db: Database
    box: SecretBox
    discovery: Discovery
    sight: Sight


def open_net(config: Config, catalog: Catalog) -> Net:
    """Give the way out, open to the operator's own base URLs and to Discord's pictures."""
    pictures = {f"{scheme}://{h}" for h in config.attachment_hosts for scheme in ("http", "https")}
    return Net(
        trusted_origins=catalog.trusted_origins(),
        trusted_networks=config.trusted_networks,
        picture_origins=frozenset(pictures),
    )


@asynccontextmanager
async def open_core(
    config: Config,
    db: Database,
    box: SecretBox,
    *,
    default_model: str | None,
    dm_daily: int | None,
    proven_only: bool = True,
) -> AsyncGenerator[Core]:
    """Open what answers questions, on a database that is open already.

    `proven_only` has models proven to see before they are first asked."""
    shipped = load(config.environ, config.catalog_dir)
    shelf = Shelf(shipped.models)
    catalog = replace(shipped, models=shelf)
    keyring = Keyring(db, box)
    settings, owner, opt_outs = SettingsBook(db, keyring.drop), OwnerBook(db), OptOuts(db)
    for book in (settings, owner, opt_outs, keyring):
        await book.load()
    catalogs = GuildCatalogs(catalog, settings, owner, keyring)
    async with open_net(config, catalog) as net, Decoder() as decoder, Reader() as reader:
        discovery = Discovery(db, net, shipped, shelf)
        await discovery.load()
        attempts = Attempts(net, decoder, reader)
        named = catalog.find(default_model) if default_model else None
        async with Sight(db, box, attempts, decoder, named=named) as sight:
            planner = Planner(
                catalogs,
                settings,
                owner,
                opt_outs,
                default_model=default_model,
                dm_daily=dm_daily,
            )
            service = VisionService(
                planner=planner,
                catalogs=catalogs,
                owner=owner,
                db=db,
                box=box,
                attempts=attempts,
                sight=sight if proven_only else None,
            )
            yield Core(
                catalog=catalog,
                catalogs=catalogs,
                settings=settings,
                keyring=keyring,
                connections=Connections(net),
                owner=owner,
                opt_outs=opt_outs,
                guilds=Guilds(db),
                people=People(db, box),
                service=service,
                db=db,
                box=box,
                discovery=discovery,
                sight=sight,
            )


async def refresh_models(config: Config) -> tuple[Catalog, Refreshed]:
    """Read the lists of all configured providers; gives what is in force now and what changed."""
    shipped = load(config.environ, config.catalog_dir)
    async with (
        Database.open(config.database_url, config.data_dir) as db,
        open_net(config, shipped) as net,
    ):
        discovery = Discovery(db, net, shipped, Shelf(shipped.models))
        refreshed = await discovery.refresh()
        return await discovery.load(), refreshed


@asynccontextmanager
async def asking_service(config: Config, model_id: str | None) -> AsyncGenerator[VisionService]:
    """Open the service for `vidi ask`: the same one, on a database that is gone afterwards."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="vidi-")))
        db = await stack.enter_async_context(
            Database.open(f"sqlite+aiosqlite:///{folder / 'ask.db'}", folder)
        )
        default = model_id or config.default_model
        core = await stack.enter_async_context(
            open_core(
                config,
                db,
                SecretBox.load((), folder),
                default_model=default,
                dm_daily=None,
                proven_only=False,  # it would be proven again at every call
            )
        )
        yield core.service
