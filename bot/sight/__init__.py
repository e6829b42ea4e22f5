"""Proof of sight: no picture goes to a model that was not seen to see."""
