"""The tables of this package, by what they are about."""

from dispatch.models.alerts import (
    Alert,
    AlertNumber,
    AlertText,
    AlertUpdate,
    AreaPart,
    Category,
    FreePreview,
    Kind,
    Severity,
)
from dispatch.models.arriving import Arrival
from dispatch.models.deciding import ApprovalRule, Deputy, Duty, Template, TemplateText
from dispatch.models.figures import Heartbeat, Incident, MessageFigures, Retirement, Tally
from dispatch.models.notices import NoticeDelivery, StaffNotice, StaffPhone, StaffPhoneCode
from dispatch.models.requests import KeyedRequest
from dispatch.models.sending import (
    AreaPiece,
    Batch,
    Delivery,
    Message,
    MessageText,
    Receipt,
)

__all__ = [
    "Alert",
    "AlertNumber",
    "AlertText",
    "AlertUpdate",
    "ApprovalRule",
    "AreaPart",
    "AreaPiece",
    "Arrival",
    "Batch",
    "Category",
    "Delivery",
    "Deputy",
    "Duty",
    "FreePreview",
    "Heartbeat",
    "Incident",
    "KeyedRequest",
    "Kind",
    "Message",
    "MessageFigures",
    "MessageText",
    "NoticeDelivery",
    "Receipt",
    "Retirement",
    "Severity",
    "StaffNotice",
    "StaffPhone",
    "StaffPhoneCode",
    "Tally",
    "Template",
    "TemplateText",
]
