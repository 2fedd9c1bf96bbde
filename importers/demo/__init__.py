"""The demo corpus: a thread written for this project, in the format ``table``."""
