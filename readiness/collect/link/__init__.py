"""The second phase of collection: from the trees of all files to facts, across files."""
