"""From the bytes of files to facts: one tree per file, then links across files."""
