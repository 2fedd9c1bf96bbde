"""The rows of the domain, one noun a file."""

from annotations.models.annotation import Annotation, Answer, Revision
from annotations.models.audit import AuditEntry
from annotations.models.campaign import Assignment, Campaign, Membership, Unit
from annotations.models.change import Change
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
from annotations.models.dispute import Dispute, DisputedQuestion, RuleRun
from annotations.models.erasure import Erasure
from annotations.models.export import ExportRun, Release
from annotations.models.invitation import Invitation
from annotations.models.job import Job, Worker
from annotations.models.quality import Aggregation, AgreementRun, Consensus
from annotations.models.recoding import Recoding
from annotations.models.ruling import NoteReply, Ruling
from annotations.models.sample import Ranking, Sample, Turn
from annotations.models.texts import DuplicateGroup, DuplicateMember, TextScan
from annotations.models.user import ApiToken, User
from annotations.models.webhook import Delivery, DeliveryTry, Webhook

__all__ = [
    "Aggregation",
    "AgreementRun",
    "Annotation",
    "Answer",
    "ApiToken",
    "Assignment",
    "AuditEntry",
    "Author",
    "Campaign",
    "Change",
    "Codebook",
    "Comment",
    "CommentRelation",
    "CommentRevision",
    "Consensus",
    "ContentCategory",
    "ContentClearance",
    "ContentRule",
    "ContentWarning",
    "Corpus",
    "Delivery",
    "DeliveryTry",
    "Dispute",
    "DisputedQuestion",
    "DuplicateGroup",
    "DuplicateMember",
    "Erasure",
    "ExportRun",
    "Invitation",
    "Job",
    "Label",
    "Membership",
    "NoteReply",
    "Question",
    "Ranking",
    "Recoding",
    "Release",
    "Revision",
    "RuleRun",
    "Ruling",
    "Sample",
    "TextScan",
    "Thread",
    "Turn",
    "Unit",
    "User",
    "Webhook",
    "Worker",
]
