"""Carry out a plan, action by action: look again, announce, write, judge the answer, remember in one transaction."""
