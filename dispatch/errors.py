"""Refusals of this package; HTTP statuses are in config/errors.py."""

from django.utils.translation import gettext_lazy as _

from accounts.errors import DomainError


class DispatchError(DomainError):
    """Base of the errors of this package."""


class FcmNotConfigured(DispatchError):
    """Not exactly one of FCM_CREDENTIALS and FCM_EMULATOR_URL is set, or the emulator is far."""

    code = "fcm_not_configured"
    message = _("Sending is not set up on this server. Nothing was sent. Tell the administrator.")


class DemoSendsNothing(DispatchError):
    """A demo gmina on a server that sends to real phones."""

    code = "demo_gmina"
    message = _("This gmina is a demonstration: it never sends to real phones. Nothing was sent.")


class PayloadTooLarge(DispatchError):
    """A text doesn't fit into what FCM delivers; `details` has bytes, limit and over."""

    code = "payload_too_large"
    message = _(
        "The text is too long to be delivered: shorten it by {over} bytes"
        " (a Polish letter such as ą counts as two)."
    )


class AreaRefused(DispatchError):
    """Base: nothing can be aimed at what was chosen; `field` names the part."""


class EmptySelection(AreaRefused):
    """No part at all."""

    code = "empty_selection"
    message = _("Choose whom to notify: a street, a district, a drawn area or the whole gmina.")


class TooManyParts(AreaRefused):
    """More parts than settings.AREA_MAX_PARTS."""

    code = "too_many_parts"
    message = _(
        "{count} places were chosen; at most {limit} are possible. Choose districts instead."
    )


class TooManyVertices(AreaRefused):
    """Drawn shapes with more than settings.AREA_MAX_VERTICES vertices together."""

    code = "too_many_vertices"
    message = _("The drawn shapes have more than {limit} vertices. Draw them more simply.")


class InvalidPart(AreaRefused):
    """A part that is not of the form the API describes."""

    code = "invalid_part"
    message = _("This part of the area cannot be read.")


class UnknownFeature(AreaRefused):
    """No published feature of this gmina has this fid; it may be another gmina's."""

    code = "unknown_feature"
    message = _("The map of this gmina has no feature {fid}. Reload the page and choose again.")


class UnknownLocality(AreaRefused):
    """No locality of this gmina has this SIMC."""

    code = "unknown_locality"
    message = _("This gmina has no locality {simc}.")


class UnknownStreet(AreaRefused):
    """No street of the register in this gmina has this code."""

    code = "unknown_street"
    message = _("The register has no street {street} in this gmina.")


class NoAddresses(AreaRefused):
    """A street without a line has no address points either: nobody could be told."""

    code = "street_without_addresses"
    message = _("{street} has no addresses on the map of this gmina.")


class NumbersRefused(AreaRefused):
    """A piece of the text is no house number and no range of them."""

    code = "numbers_refused"
    message = _("“{text}” is no house number and no range of numbers.")


class NumbersNotFound(AreaRefused):
    """Not one of the house numbers is on the map."""

    code = "numbers_not_found"
    message = _("{street} has none of the numbers {numbers}.")


class ReachOutOfRange(AreaRefused):
    """A reach in metres that is negative, not a number, or beyond the limit."""

    code = "reach_out_of_range"
    message = _("The reach must be between {least} and {most} metres.")


class ReachNotPossible(AreaRefused):
    """A point or a line that nobody is attached to needs a reach in metres."""

    code = "reach_not_possible"
    message = _("Say how many metres around it people are to be notified.")


class InvalidGeometry(AreaRefused):
    """Not a GeoJSON polygon, line or point, or a broken one."""

    code = "invalid_geometry"
    message = _("The drawn shape is broken. Draw it again.")


class SelfCrossing(InvalidGeometry):
    """A polygon whose edge crosses itself; `details.point` is where, lon and lat."""

    code = "self_crossing"
    message = _("The edge of the drawn shape crosses itself. Move the marked vertex.")


class CoordinatesNotDegrees(InvalidGeometry):
    """Numbers that are no degrees: metres of EPSG:2180 or 3857, most likely."""

    code = "coordinates_not_degrees"
    message = _("The coordinates are not degrees. GeoJSON is in WGS 84 (EPSG:4326).")


class DrawnTooSmall(AreaRefused):
    """A drawn shape, its reach included, below settings.DRAWN_MIN_M2."""

    code = "drawn_too_small"
    message = _("The drawn shape covers {area_m2} m²; at least {least_m2} m² are needed.")


class DrawnOutside(AreaRefused):
    """More of a drawn shape than settings.DRAWN_MAX_OUTSIDE lies outside the gmina.

    `details`: outside_share, outside (what lies out) and clip (what would be left): GeoJSON, 4326.
    """

    code = "drawn_outside"
    message = _("Part of the drawn shape lies outside the gmina. Clip it to the border.")


class AreaOutsideGmina(AreaRefused):
    """A part lies wholly outside the gmina."""

    code = "area_outside_gmina"
    message = _("This area lies wholly outside the gmina.")


class OutlineMissing(AreaRefused):
    """The gmina has no published outline to check a shape against."""

    code = "outline_missing"
    message = _("The map has no border of this gmina yet. Ask the GIS officer to publish it.")


class PreviewLimit(DispatchError):
    """One person has previewed as many free shapes as an hour allows."""

    code = "preview_limit"
    message = _(
        "{limit} drawn areas an hour can be counted. Try again later; sending is still possible."
    )


class AlertRefused(DispatchError):
    """Base: the alert's own fields are not fit to be sent."""


class UnknownCategory(AlertRefused):
    """No such national category."""

    code = "unknown_category"
    message = _("There is no category {category}.")


class UnknownKind(AlertRefused):
    """The gmina has no kind of this code, or it is switched off."""

    code = "unknown_kind"
    message = _("This gmina has no kind of alert {kind}.")


class KindOfOtherCategory(AlertRefused):
    """The kind stands under another category than the one given."""

    code = "kind_of_other_category"
    message = _("The kind {kind} does not belong to the category {category}.")


class TextMissing(AlertRefused):
    """The Polish title and text are mandatory; another language is whole or absent."""

    code = "text_missing"
    message = _("Write a title and a text.")


class UnknownTemplate(AlertRefused):
    """The gmina has no template of this id in use."""

    code = "unknown_template"
    message = _("This template is out of use. Choose another, or write without one.")


class BlanksLeft(AlertRefused):
    """A blank of a template that nobody filled; `details.blank` is its name."""

    code = "blanks_left"
    message = _("Fill in the blank “{blank}”.")


class ExpiryPassed(AlertRefused):
    """The expiry is in the past."""

    code = "expiry_passed"
    message = _("The message expires before it could be sent. Choose a later time.")


class KindGone(AlertRefused):
    """The gmina has switched off the kind that the alert was written under."""

    code = "kind_gone"
    message = _("The topic {kind} is not in use any more. Choose another one.")


class EventEndsAfterExpiry(AlertRefused):
    """The expected end of the event comes after the expiry of the message."""

    code = "event_ends_after_expiry"
    message = _("The message would expire before the event ends. Choose a later expiry.")


class NobodyReached(AlertRefused):
    """Nobody in the area would be told."""

    code = "nobody_reached"
    message = _("Nobody in this area would get the message. Choose a larger one.")


class MoveRefused(DispatchError):
    """The alert is not in a state from which this move is possible; it may have moved meanwhile."""

    code = "move_refused"
    message = _("This is not possible any more: the alert is in another state. Reload the page.")


class RightMissing(DispatchError):
    """The user's roles don't allow the move."""

    code = "forbidden"
    message = _("Your role does not allow this.")


class DraftChanged(DispatchError):
    """If-Match names another version; `details`: version, and by whom and when it was changed."""

    code = "draft_changed"
    message = _("Nothing was saved: the draft was changed meanwhile. Reload the page.")


class KeyMalformed(DispatchError):
    """The Idempotency-Key is empty, too long, or not visible ASCII."""

    code = "idempotency_key_malformed"
    message = _("The Idempotency-Key must be a string of 1 to 255 visible ASCII characters.")


class KeyReused(DispatchError):
    """The key came with another request before."""

    code = "idempotency_key_reused"
    message = _("This Idempotency-Key was used for another request. Take a new one.")


class KeyInProgress(DispatchError):
    """The first request of this key has not been answered yet."""

    code = "in_progress"
    message = _("The same request is being carried out. Try again in a moment.")

    def __init__(self, *, retry_after_s: int) -> None:
        super().__init__(field="Idempotency-Key", details={"retry_after_s": retry_after_s})


class BypassRefused(DispatchError):
    """Only an emergency may go without the second person that the rules ask for."""

    code = "bypass_refused"
    message = _("Only an emergency may be sent without a second person.")


class ReasonMissing(DispatchError):
    """Whoever sends alone has to say why."""

    code = "reason_missing"
    message = _("Write why it cannot wait for a second person.")


class UpdateAwaits(DispatchError):
    """One update at a time: another one waits for its approval."""

    code = "update_awaits"
    message = _("Another update of this alert waits for approval. Have it sent or dropped first.")


class UpdateGone(DispatchError):
    """The update was decided meanwhile, or never was."""

    code = "update_gone"
    message = _("This update was decided meanwhile. Reload the page.")


class UpdateUnchanged(AlertRefused):
    """The update says what the alert says already."""

    code = "update_unchanged"
    message = _("Nothing is different from what people have been told. Nothing was sent.")


class EventEndPassed(AlertRefused):
    """A new expected end of the event that lies in the past."""

    code = "event_end_passed"
    message = _("The expected end has passed already. Choose a later one, or end the alert.")


class ExtensionNotLater(AlertRefused):
    """An extension that ends no later than what people have been told."""

    code = "extension_not_later"
    message = _("People have been told of a later end already. Choose a later one.")


class WordsNeedApproval(DispatchError):
    """An extension or an end in words of one's own, where the rules ask for somebody else."""

    code = "words_need_approval"
    message = _(
        "Words of your own need somebody's approval here: propose an update, or go on without them."
    )


class TwoPersonRule(DispatchError):
    """Who wrote or submitted an alert may not approve it."""

    code = "two_person_rule"
    message = _("Somebody else must approve this alert: you wrote or submitted it.")


class AlertChanged(DispatchError):
    """The alert was submitted anew since the approver read it."""

    code = "alert_changed"
    message = _(
        "Nothing was sent. The alert was changed since you opened it. Reload the page and read it"
        " again."
    )


class AudienceChanged(DispatchError):
    """Other people than the officer saw would be told; the alert went back to its author."""

    code = "audience_changed"
    message = _(
        "Nothing was sent. Since the alert was submitted its audience has changed. Check it."
    )


class TooManyReceipts(DispatchError):
    """More receipts in one request than settings.RECEIPTS_MAX."""

    code = "too_many_receipts"
    message = _("Send at most {limit} receipts at once; {count} came.")


class ScheduleRefused(AlertRefused):
    """Base: the alert can't start when it is meant to."""


class WallTimeInvalid(ScheduleRefused):
    """Not a date and time of the form 2027-03-28T07:00."""

    code = "wall_time_invalid"
    message = _("{wall} is no date and time.")


class WallTimeMissing(ScheduleRefused):
    """The clocks skip this time; `details`: before, the last minute there is, and after."""

    code = "wall_time_missing"
    message = _(
        "This time does not exist: the clocks go forward. Choose {before} or {after} instead."
    )


class WallTimeTwice(ScheduleRefused):
    """The clocks show this time twice; `details.choices`: fold, offset and instant of both."""

    code = "wall_time_twice"
    message = _(
        "The clocks show this time twice that night. Say which is meant: before or after they go"
        " back."
    )


class StartPassed(ScheduleRefused):
    """The start, or every date of the series, is in the past."""

    code = "start_passed"
    message = _("The time to send has passed. Choose a later one, or send at once.")


class ExpiryBeforeStart(ScheduleRefused):
    """The message would expire before it is sent."""

    code = "expiry_before_start"
    message = _("The message would expire before it is sent. Choose a later expiry.")


class EventEndsBeforeStart(ScheduleRefused):
    """The event would be over before anybody is told."""

    code = "event_ends_before_start"
    message = _("The event would be over before the message is sent. Choose an earlier start.")


class RecurrenceInvalid(ScheduleRefused):
    """Not a rule of RFC 5545, or one that alerts have no use for; `details.part` names what."""

    code = "recurrence_invalid"
    message = _("This repetition cannot be read: {part}.")


class RecurrenceEndless(ScheduleRefused):
    """Neither COUNT nor UNTIL."""

    code = "recurrence_endless"
    message = _("Say how often it repeats or until when: a repetition must end.")


class RecurrenceTooLong(ScheduleRefused):
    """More dates than settings.RECURRENCE_MAX, or later than RECURRENCE_MAX_YEARS allows."""

    code = "recurrence_too_long"
    message = _("It may repeat {limit} times at most, and within {years} years.")


class OwnTemplate(DispatchError):
    """Who wrote or changed a template may not approve it."""

    code = "own_template"
    message = _("Somebody else must approve this template: you changed it last.")


class TemplateChanged(DispatchError):
    """The template was changed since the approver read it."""

    code = "template_changed"
    message = _("The template was changed since you opened it. Read it again.")


class StaffCodeInvalid(DispatchError):
    """No such code for linking a phone, or its time is over."""

    code = "staff_code_invalid"
    message = _("This code is wrong or has expired. Ask for a new one on your account's page.")


class TooManyPhones(DispatchError):
    """As many phones are linked to the person as settings.DEVICES_MAX allows."""

    code = "too_many_phones"
    message = _("{limit} phones are linked already. Unlink one to link another.")


class NotSent(Exception):
    """A notice could not be sent over its channel; says itself whether to try again.

    `code` is stable and stored. `channel_down`: no use in trying others over the same channel now.
    """

    def __init__(self, code: str, *, permanent: bool = False, channel_down: bool = False) -> None:
        super().__init__(code)
        self.code, self.permanent, self.channel_down = code, permanent, channel_down


class RecurrenceEmpty(ScheduleRefused):
    """No day is left: none fits the rule, or all that do are left out as free days."""

    code = "recurrence_empty"
    message = _("No date fits this repetition. Choose other days, or another end.")


class StartMissing(ScheduleRefused):
    """A repetition without its first start."""

    code = "start_missing"
    message = _("Say when it goes out for the first time.")
