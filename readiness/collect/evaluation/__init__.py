"""What tests the prompts, and what runs it."""
