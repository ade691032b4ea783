"""The vocabulary: frozen values that every room speaks in, and that know no JSON, no wire and no clock."""
