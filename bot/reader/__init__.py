"""The built-in, offline model: reads the text in a picture, and nothing more."""

from bot.reader.reader import Reader as Reader
from bot.reader.reading import Reading as Reading
