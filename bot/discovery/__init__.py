"""What providers' own lists of models say: read, kept, and laid over the shipped catalog."""
