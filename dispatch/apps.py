from django.apps import AppConfig


class DispatchAppConfig(AppConfig):
    name = "dispatch"

    def ready(self) -> None:
        from dispatch import late, personal, staff_phones  # noqa: F401 - connect their receivers
