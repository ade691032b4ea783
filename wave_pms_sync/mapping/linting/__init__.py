"""What a mapping may be said against before it is used: findings, and the rules that make them."""
