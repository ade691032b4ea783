"""Field converters: pairs of pure functions that keep laws."""
