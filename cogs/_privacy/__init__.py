"""What /privacy says, and what a server is told once."""
