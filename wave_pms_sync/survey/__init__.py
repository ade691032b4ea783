"""See both sides: list what changed, read what must be read again, and lay it all out as one world."""
