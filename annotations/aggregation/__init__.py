"""One answer from many, and what each annotator's answers are worth: docs/agreement.md.

    majority        the most frequent value, ties told; soft labels
    dawid_skene     an annotator has a share of errors for each true value
    mace            an annotator knows, or guesses
    methods         one of these by its name, with what it says of each annotator
    medians, spans  the middle of numbers, and the characters that most marked

Plain functions on ``agreement.ratings.Ratings``. Nothing is stored here and no label replaced:
what comes out is a second opinion beside the labels that annotators gave.
"""
