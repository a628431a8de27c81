from django.apps import AppConfig


class ResidentsAppConfig(AppConfig):
    name = "residents"
