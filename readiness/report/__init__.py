"""Renders an assessment: one view of it, and one renderer for each format."""
