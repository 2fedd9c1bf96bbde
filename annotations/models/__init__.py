"""The rows of the domain, one noun a file."""

from annotations.models.annotation import Annotation, Answer, Revision
from annotations.models.campaign import Assignment, Campaign, Membership, Unit
from annotations.models.codebook import Codebook, Label, Question
from annotations.models.content import (
    ContentCategory,
    ContentClearance,
    ContentRule,
    ContentWarning,
)
from annotations.models.corpus import (
    Author,
    Comment,
    CommentRelation,
    CommentRevision,
    Corpus,
    Thread,
)
from annotations.models.export import ExportRun
from annotations.models.job import Job, Worker
from annotations.models.ruling import Ruling
from annotations.models.texts import DuplicateGroup, DuplicateMember, TextScan
from annotations.models.user import ApiToken, User

__all__ = [
    "Annotation",
    "Answer",
    "ApiToken",
    "Assignment",
    "Author",
    "Campaign",
    "Codebook",
    "Comment",
    "CommentRelation",
    "CommentRevision",
    "ContentCategory",
    "ContentClearance",
    "ContentRule",
    "ContentWarning",
    "Corpus",
    "DuplicateGroup",
    "DuplicateMember",
    "ExportRun",
    "Job",
    "Label",
    "Membership",
    "Question",
    "Revision",
    "Ruling",
    "TextScan",
    "Thread",
    "Unit",
    "User",
    "Worker",
]
