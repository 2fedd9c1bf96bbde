"""One module a format: TITLE, and write with EXTENSION and CONTENT_TYPE, or write_files."""
