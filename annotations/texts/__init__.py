"""What is read off the texts themselves: their language, and which are copies of each other.

Plain Python: texts in, languages and groups out. docs/texts.md says in words what is done.
"""
