"""Django's SQLite, with a queue for those of one process who want to write."""
