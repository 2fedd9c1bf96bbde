"""Records to rows, a module a noun: stored any number of times with the same result."""
