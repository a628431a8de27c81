from django.apps import AppConfig


class DispatchAppConfig(AppConfig):
    name = "dispatch"

    def ready(self) -> None:
        # They connect their receivers.
        from dispatch import edition_notices, late, personal, staff_phones  # noqa: F401
