"""What is kept about people: its inventory, one person's export, their deletion."""
