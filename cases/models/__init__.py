"""Private support cases."""

from cases.models.case import Case
from cases.models.draft import CaseDraft
from cases.models.oncall import Alert, OnCallStep
from cases.models.timeline import CaseAttachment, CaseEvent, CaseFollower, Comment

__all__ = ["Alert", "Case", "CaseAttachment", "CaseDraft", "CaseEvent", "CaseFollower", "Comment", "OnCallStep"]
