"""The way in: Discord's objects become a question's facts, one file a kind of source."""
