"""Two-way customer sync between Wave Accounting and a Custom PMS."""
