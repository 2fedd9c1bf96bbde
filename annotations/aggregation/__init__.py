"""One answer from many, and what each annotator's answers are worth: docs/agreement.md.

    majority        the most frequent value, ties told; soft labels
    dawid_skene     an annotator has a share of errors for each true value
    mace            an annotator knows, or guesses

Plain functions on ``agreement.ratings.Ratings``. Nothing is stored here and no label replaced:
what comes out is a second opinion beside the labels that annotators gave.
"""
