"""The ports of this process for the views. Makes nothing of its own: `wiring` does."""

from datetime import date

from django.utils import timezone

from openinfusion import config, wiring
from openinfusion.app.ports import Ports


def today() -> date:
    """The calendar day at the site."""
    return timezone.localdate(ports().clock.now())


def ports() -> Ports:
    """Everything a use case may reach, on the store that this process opened."""
    return wiring.ports(config.current())
