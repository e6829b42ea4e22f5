"""One question, step by step: may it be asked, of whom, and what became of it."""
