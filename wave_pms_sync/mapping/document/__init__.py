"""The document of the dataflows: what is kept in step, printed from the mapping itself, and read back."""
