"""The addresses that webhooks are sent to: which may be called, and how one is called."""
