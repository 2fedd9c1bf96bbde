"""One module a format: TITLE, EXTENSION, CONTENT_TYPE and write(rows), which yields bytes."""
