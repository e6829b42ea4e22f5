"""What /usage says and shows."""
