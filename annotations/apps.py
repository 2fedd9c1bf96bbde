from django.apps import AppConfig


class AnnotationsConfig(AppConfig):
    name = "annotations"
    verbose_name = "Threadmark"

    def ready(self) -> None:
        from annotations.services.logins import listen

        listen()
