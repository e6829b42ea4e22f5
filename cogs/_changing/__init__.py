"""Changing a guild's settings: what moderators type, what was and what is, and Undo."""
