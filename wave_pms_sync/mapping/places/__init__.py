"""Countries, provinces and currencies: their codes, and their names in many languages."""
