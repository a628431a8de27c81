"""The closed list of what can be audited, each with the words staff read."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Verb(models.TextChoices):
    # Sign-in: the operator's chain, for a user may work for several gminas.
    SIGNED_IN = "signed_in", _("signed in")
    SIGNED_OUT = "signed_out", _("signed out")
    SIGN_IN_REFUSED = "sign_in_refused", _("sign-in refused")
    SECOND_FACTOR_VERIFIED = "second_factor_verified", _("second factor confirmed")
    SECOND_FACTOR_SET_UP = "second_factor_set_up", _("second factor set up")
    BACKUP_CODES_MADE = "backup_codes_made", _("backup codes generated")
    PASSWORD_CHANGED = "password_changed", _("password changed")
    # People
    PERSON_INVITED = "person_invited", _("person invited")
    ROLE_GIVEN = "role_given", _("role given")
    ROLE_TAKEN = "role_taken", _("role taken away")
    PERSON_DEACTIVATED = "person_deactivated", _("account deactivated")
    PERSON_REACTIVATED = "person_reactivated", _("account reactivated")
    INVITATION_RENEWED = "invitation_renewed", _("invitation link renewed")
    # The log itself
    AUDIT_READ = "audit_read", _("audit log read")
