"""Pictures of figures: what they show, and a child process that draws them."""
