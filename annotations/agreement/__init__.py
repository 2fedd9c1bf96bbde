"""How far annotators agree: plain functions on numpy arrays, told in words in docs/agreement.md.

    ratings.Ratings          who gave which value to which unit, as three arrays
    └── patterns.Patterns    the units grouped by the values that they got, and how often each
        ├── alpha            Krippendorff's alpha, for every distance of ``distances``
        ├── chance           percent agreement, Fleiss' kappa, Gwet's AC1 and AC2
        ├── prevalence       the share of each label, and each label against the rest
        ├── figure           a figure with its bootstrap interval and its recipe
        ├── breakdown        disagreement unit by unit, by depth and by thread
        └── battery          which figures a question gets, by what it asks
    pairs                    two annotators: Cohen's kappa, and the matrix of all pairs
    weighing                 the same without tables, for sets and numbers, and beside known answers
    marks.Marks              who marked which stretches of a text
    ├── overlap              F1 of two annotators, by character or word, exact and partial
    ├── stretches            marks as Ratings of stretches, so that alpha takes them
    └── unitizing            Krippendorff's alpha_U

A figure that is not defined for the data is nan inside and None with a reason outside; nothing
here warns, or fails on data that is merely poor.
"""
