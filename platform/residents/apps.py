from django.apps import AppConfig


class ResidentsAppConfig(AppConfig):
    name = "residents"

    def ready(self) -> None:
        from residents import checks, receivers  # noqa: F401 - connects them
