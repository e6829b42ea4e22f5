"""`python -m bot` is the `vidi` command."""

import sys

from bot.cli import main

sys.exit(main())
