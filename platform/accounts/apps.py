from django.apps import AppConfig


class AccountsAppConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import second_factor

        second_factor.register()
