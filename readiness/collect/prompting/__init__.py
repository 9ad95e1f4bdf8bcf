"""What instructs the models, and what is looked up for them."""
