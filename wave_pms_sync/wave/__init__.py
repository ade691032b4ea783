"""The Wave side: its GraphQL documents, its answers, and the client over them."""
