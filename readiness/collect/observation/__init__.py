"""What records, masks and counts the calls."""
