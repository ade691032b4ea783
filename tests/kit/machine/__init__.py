"""What the machine of rules works with: a stage between two servers, and a witness who asks the servers alone."""
