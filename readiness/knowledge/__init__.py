"""What is known of SDKs, models and vendors: data files, and the few lines that read them."""
