from django.apps import AppConfig


class GisLayersAppConfig(AppConfig):
    name = "gis_layers"
