"""The application for an ASGI server: `uvicorn openinfusion.web.asgi:application`. Serves nothing before the store proved itself safe."""

from openinfusion import config, wiring

wiring.open_store(config.current())

from django.core.asgi import get_asgi_application  # noqa: E402 - the store is opened first

pages = get_asgi_application()

from openinfusion.web.serving import Service  # noqa: E402 - needs the applications that the line above loads

application = Service(pages)
