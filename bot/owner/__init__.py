"""What whoever runs the bot decides from Discord."""
