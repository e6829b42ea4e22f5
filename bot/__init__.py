"""Vidi: questions about pictures, answered on Discord by the model that moderators chose."""

__version__ = "0.1.0"
