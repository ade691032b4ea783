"""The vocabulary of a profile: how an API is addressed, what it answers, and how it wants to be treated; pure data."""
