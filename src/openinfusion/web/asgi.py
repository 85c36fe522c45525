"""The application for an ASGI server: `uvicorn openinfusion.web.asgi:application`. Serves nothing before the store proved itself safe."""

from openinfusion import config, wiring

wiring.open_store(config.current())

from openinfusion.web.pages import Pages  # noqa: E402 - the store is opened first
from openinfusion.web.serving import Service  # noqa: E402 - the same

application = Service(Pages())
