"""What a guild has of its own: keys, endpoint, budgets told, and its coming and going."""
