"""Requests to Wave built, and its answers judged, as pure functions of values."""
