from django.apps import AppConfig


class TerytAppConfig(AppConfig):
    name = "teryt"
