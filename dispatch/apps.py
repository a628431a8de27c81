from django.apps import AppConfig


class DispatchAppConfig(AppConfig):
    name = "dispatch"
