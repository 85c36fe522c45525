"""The Django application `store`."""

from django.apps import AppConfig


class StoreConfig(AppConfig):
    """Label `store`; the record's tables are made by hand-written SQL, the others by Django."""

    name = "openinfusion.store"
    label = "store"
    default_auto_field = "django.db.models.BigAutoField"
