"""The Custom PMS side: its conventions as data, its requests and answers, and the client that sends them."""
