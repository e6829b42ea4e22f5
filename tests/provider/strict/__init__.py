"""Scripted providers that enforce what each real one documents, and refuse with its real body.

Sources: the providers' notes and their error bodies, as the reference collects them; what nobody
documents is not enforced."""
