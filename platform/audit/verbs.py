"""The closed list of what can be audited, each with the words staff read."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Verb(models.TextChoices):
    # Sign-in: written to every gmina the person works for, to the operator's chain if to none.
    SIGNED_IN = "signed_in", _("signed in")
    SIGNED_OUT = "signed_out", _("signed out")
    SIGN_IN_REFUSED = "sign_in_refused", _("sign-in refused")
    SECOND_FACTOR_SET_UP = "second_factor_set_up", _("second factor set up")
    BACKUP_CODES_MADE = "backup_codes_made", _("backup codes generated")
    PASSWORD_CHANGED = "password_changed", _("password changed")
    # Gminas and people
    GMINA_ADDED = "gmina_added", _("gmina added")
    PERSON_INVITED = "person_invited", _("person invited")
    PERSON_DEACTIVATED = "person_deactivated", _("account deactivated")
    PERSON_REACTIVATED = "person_reactivated", _("account reactivated")
    SIGN_IN_RESET = "sign_in_reset", _("sign-in reset")
    ROLE_GIVEN = "role_given", _("role given")
    ROLE_TAKEN = "role_taken", _("role taken away")
    STAFF_PHONE_LINKED = "staff_phone_linked", _("phone for notices linked")
    STAFF_PHONE_UNLINKED = "staff_phone_unlinked", _("phone for notices unlinked")
    # Who decides and who is there
    APPROVAL_RULES_CHANGED = "approval_rules_changed", _("approval rules changed")
    TEMPLATE_ADDED = "template_added", _("template added")
    TEMPLATE_CHANGED = "template_changed", _("template changed")
    TEMPLATE_APPROVED = "template_approved", _("template approved")
    TEMPLATE_RETIRED = "template_retired", _("template taken out of use")
    DUTY_ADDED = "duty_added", _("duty entered")
    DUTY_REMOVED = "duty_removed", _("duty removed")
    DEPUTY_NAMED = "deputy_named", _("deputy named")
    DEPUTY_REMOVED = "deputy_removed", _("deputy removed")
    # Alerts
    AUDIENCE_PREVIEWED = "audience_previewed", _("audience counted")
    ALERT_DRAFTED = "alert_drafted", _("alert drafted")
    ALERT_EDITED = "alert_edited", _("draft changed")
    ALERT_SUBMITTED = "alert_submitted", _("alert submitted for approval")
    ALERT_RECALLED = "alert_recalled", _("alert taken back from approval")
    ALERT_RETURNED = "alert_returned", _("alert returned for correction")
    ALERT_SENT_BACK = "alert_sent_back", _("alert sent back: it cannot go out as it is")
    ALERT_APPROVED = "alert_approved", _("alert approved")
    ALERT_RELEASED = "alert_released", _("alert released: the rules ask for no second person")
    ALERT_BYPASSED = "alert_bypassed", _("emergency released without a second person")
    ALERT_CANCELLED = "alert_cancelled", _("alert cancelled before it was sent")
    ALERT_MISSED = "alert_missed", _("alert not sent: its time was missed")
    ALERT_OCCURRED = "alert_occurred", _("alert made of a series: its date has come")
    ALERT_COMPLETED = "alert_completed", _("series of alerts completed")
    ALERT_SENDING = "alert_sending", _("sending started")
    ALERT_SENT = "alert_sent", _("sending finished")
    MESSAGE_HALTED = "message_halted", _("sending stopped: FCM refused the message")
    UPDATE_PROPOSED = "update_proposed", _("update of an alert proposed")
    UPDATE_APPROVED = "update_approved", _("update of an alert approved and sent")
    UPDATE_DROPPED = "update_dropped", _("update of an alert dropped")
    UPDATE_SENT = "update_sent", _("update of an alert sent")
    ALERT_EXTENDED = "alert_extended", _("alert extended")
    ALERT_ALL_CLEAR = "alert_all_clear", _("all-clear given")
    ALERT_WITHDRAWN = "alert_withdrawn", _("alert withdrawn")
    ALERT_EXPIRED = "alert_expired", _("alert expired")
    ALERT_DRAFT_DELETED = "alert_draft_deleted", _("draft deleted")
    # Layers and the register
    EDITION_STAGED = "edition_staged", _("changes to a layer prepared")
    EDITION_PUBLISHED = "edition_published", _("layer edition published")
    EDITION_DISCARDED = "edition_discarded", _("changes to a layer discarded")
    LAYER_VISIBILITY_SET = "layer_visibility_set", _("layer shown to the public or hidden")
    TERYT_IMPORTED = "teryt_imported", _("TERYT register imported")
    # Residents: by their public id, never who or where
    RESIDENT_ERASED = "resident_erased", _("resident erased")
