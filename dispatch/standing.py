"""Which notices still ask something: a question that somebody answered stands no more."""

from django.db.models import Exists, OuterRef, Q

from dispatch.models import Alert, AlertUpdate, StaffNotice

Notice = StaffNotice.Kind
ABOUT_ALERT = (Notice.APPROVAL_WANTED, Notice.APPROVAL_ESCALATED)
ABOUT_UPDATE = (Notice.UPDATE_WANTED, Notice.APPROVAL_ESCALATED)
_update_awaits = Exists(
    AlertUpdate.objects.filter(alert=OuterRef("alert"), state=AlertUpdate.State.AWAITING)
)
# All else stands until it is read.
STANDING = (
    ~Q(kind__in={*ABOUT_ALERT, *ABOUT_UPDATE})
    | Q(kind__in=ABOUT_ALERT, alert__state=Alert.State.AWAITING_APPROVAL)
    | Q(_update_awaits, kind__in=ABOUT_UPDATE)
)
