"""Which property of Wave is which property of the Custom PMS, and how values are carried between them."""
