from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.db.engine import Database


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    async with Database.open(f"sqlite+aiosqlite:///{tmp_path / 'vidi.db'}", tmp_path) as database:
        yield database
