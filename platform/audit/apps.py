from django.apps import AppConfig


class AuditAppConfig(AppConfig):
    name = "audit"

    def ready(self) -> None:
        from audit import receivers  # noqa: F401  connects them
