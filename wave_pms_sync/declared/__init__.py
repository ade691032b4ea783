"""What people declare as plain data or in files: read, checked, and refused with all its faults at once."""
