from django.apps import AppConfig


class DispatchAppConfig(AppConfig):
    name = "dispatch"

    def ready(self) -> None:
        from dispatch import personal  # noqa: F401 - connects its receivers
