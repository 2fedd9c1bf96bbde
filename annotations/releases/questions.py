"""What a data card asks, after two papers, in words of our own.

Gebru et al. (2021), Datasheets for Datasets, Communications of the ACM 64(12),
doi:10.1145/3458723; Bender & Friedman (2018), Data Statements for Natural Language Processing,
Transactions of the ACL 6, doi:10.1162/tacl_a_00041.
"""

from __future__ import annotations

from dataclasses import dataclass

DATASHEET = "Gebru et al. 2021"
STATEMENT = "Bender & Friedman 2018"
SECTIONS = (
    "Motivation",
    "Composition",
    "Collection",
    "Annotation",
    "Processing",
    "Uses",
    "Distribution",
    "Maintenance",
)


@dataclass(frozen=True, slots=True)
class CardQuestion:
    """``known`` says what the card tells by itself; "" where only its makers can answer."""

    key: str
    section: str
    question: str
    source: str
    known: str = ""


QUESTIONS = (
    CardQuestion(
        "purpose",
        "Motivation",
        "Why was the dataset made: which task or gap did you have in mind?",
        DATASHEET,
    ),
    CardQuestion(
        "curation",
        "Motivation",
        "Which texts were chosen, and what for?",
        STATEMENT,
        "The filters, draw and seed of each sample.",
    ),
    CardQuestion(
        "makers",
        "Motivation",
        "Who made it, on behalf of whom, and who paid?",
        DATASHEET,
        "The creators and the funding of this card.",
    ),
    CardQuestion(
        "instances",
        "Composition",
        "What is one instance, and how many are there of each kind?",
        DATASHEET,
        "Counts of threads, comments, annotations and answers by layer and split.",
    ),
    CardQuestion(
        "completeness",
        "Composition",
        "Is it all there is, or a sample? Of what is it representative?",
        DATASHEET,
        "How many fitted each sample's recipe, and how many were drawn.",
    ),
    CardQuestion(
        "missing",
        "Composition",
        "What is missing, and why?",
        DATASHEET,
        "How many comments were withheld because their source took them back.",
    ),
    CardQuestion(
        "splits",
        "Composition",
        "How is it split, and why so?",
        DATASHEET,
        "The rule and seed of the splits, and what stands in more than one.",
    ),
    CardQuestion(
        "noise",
        "Composition",
        "Which errors, noise and repetitions are known?",
        DATASHEET,
        "How far annotators agree.",
    ),
    CardQuestion(
        "sensitive",
        "Composition",
        "Could it offend, hurt or frighten, or tell something private of somebody?",
        DATASHEET,
        "Content warnings with counts, and the privacy profile.",
    ),
    CardQuestion(
        "language",
        "Composition",
        "Which languages and varieties are they?",
        STATEMENT,
        "The languages that were detected, with counts.",
    ),
    CardQuestion(
        "speakers",
        "Composition",
        "Who wrote the texts: age, gender, region, first language, standing?",
        STATEMENT,
    ),
    CardQuestion(
        "situation",
        "Collection",
        "When, where and to whom was it said; in public or not, moderated or not?",
        STATEMENT,
        "Platforms, and the first and last day.",
    ),
    CardQuestion(
        "texts",
        "Collection",
        "Of what genre and topic are the texts?",
        STATEMENT,
    ),
    CardQuestion(
        "acquired",
        "Collection",
        "How were the texts obtained, by whom, and under which terms?",
        DATASHEET,
        "The corpus and its licence.",
    ),
    CardQuestion(
        "consent",
        "Collection",
        "Were those who wrote asked or told? Can they withdraw?",
        DATASHEET,
    ),
    CardQuestion(
        "ethics",
        "Collection",
        "Who reviewed the study's ethics, and what came of it?",
        DATASHEET,
    ),
    CardQuestion(
        "annotators",
        "Annotation",
        "Who labeled: age, gender, first language, training, and what were they paid?",
        STATEMENT,
        "Their number and roles, and the traits that they agreed to give away.",
    ),
    CardQuestion(
        "labeling",
        "Annotation",
        "How were the labels made: instructions, training, checks?",
        DATASHEET,
        "The codebook, annotations for each comment, what annotators saw of the thread, and how "
        "many units trained, tested and checked them.",
    ),
    CardQuestion(
        "resolution",
        "Annotation",
        "What was done where annotators differ?",
        DATASHEET,
        "The layers, and the method and seed of the aggregation.",
    ),
    CardQuestion(
        "cleaning",
        "Processing",
        "What was cleaned, changed or replaced? Is the raw data kept?",
        DATASHEET,
        "The privacy profile, and what it replaces.",
    ),
    CardQuestion("used", "Uses", "What has it been used for already?", DATASHEET),
    CardQuestion("intended", "Uses", "What is it meant and fit for?", DATASHEET),
    CardQuestion("unfit", "Uses", "What should it not be used for?", DATASHEET),
    CardQuestion(
        "biases",
        "Uses",
        "Which biases and limits should its users know?",
        DATASHEET,
    ),
    CardQuestion(
        "terms",
        "Distribution",
        "Under which licence and terms is it given, and what else restricts it?",
        DATASHEET,
        "The licences of the dataset, the corpus and the codebook.",
    ),
    CardQuestion(
        "maintenance",
        "Maintenance",
        "Who looks after it, and how are errors told and corrected?",
        DATASHEET,
        "The contact and address of this card.",
    ),
    CardQuestion(
        "updates",
        "Maintenance",
        "Will there be new versions, and what becomes of the old ones?",
        DATASHEET,
        "That a version never changes, and how a withdrawn one is kept.",
    ),
)
