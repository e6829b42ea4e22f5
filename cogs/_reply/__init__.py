"""The way out: an answer becomes Discord's messages."""

from cogs._reply.desk import Desk

__all__ = ["Desk"]
