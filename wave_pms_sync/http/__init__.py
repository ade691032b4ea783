"""The wire: requests and answers as values, when to repeat, how fast, and the one module that sends."""
