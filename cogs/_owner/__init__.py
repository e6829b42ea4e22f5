"""What the owner's commands read and say."""
