"""The Django application `web`."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Label `web`: templates, static files and views; it has no table."""

    name = "openinfusion.web"
