"""How an author is named to somebody who may read the corpus."""

from __future__ import annotations

from annotations.models import Author, Corpus


def shown_name(author: Author | None, corpus: Corpus) -> str:
    """The name where the corpus shows names and the source gave one, else the pseudonym.

    Empty for a comment without an author.
    """
    if author is None:
        return ""
    if corpus.author_names == Corpus.AuthorNames.SHOWN and author.name:
        return author.name
    return author.pseudonym
