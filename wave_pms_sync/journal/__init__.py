"""The journal, read: what happened to a customer, what can be undone, what is forgotten, and when."""
