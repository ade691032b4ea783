"""A spread of conventions: every value of each, and every two values of different ones that can go together."""
