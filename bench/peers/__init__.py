"""One minimal customer model, written for each peer as its users would write it."""
