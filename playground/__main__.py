"""`python -m playground`: serve a loopback Discord until Ctrl-C."""

import asyncio
import sys
from contextlib import suppress

from playground.server import Playground


async def serve() -> None:
    """Serve one guild with one channel."""
    async with Playground() as playground:
        playground.guild("Playground").channel("general")
        sys.stdout.write(
            f"VIDI_DISCORD_API_URL={playground.api_url}\n"
            f"VIDI_ATTACHMENT_HOSTS={playground.cdn_host}\n"
            f"DISCORD_TOKEN={playground.token}\n"
        )
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(serve())
