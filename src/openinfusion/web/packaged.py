"""Style sheets, scripts and pictures as WhiteNoise finds them, each sent in one piece. Serves no file of a patient.

WhiteNoise sends a file piece by piece and reads the pieces on the thread that asks; under ASGI that thread serves everybody, Django warns
and a file in pieces costs a turn for each. The largest file of the package is far smaller than what a page may take in memory.
"""

from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware  # type: ignore[import-untyped] # it ships no types
from whitenoise.responders import StaticFile  # type: ignore[import-untyped] # it ships no types


class PackagedFiles(WhiteNoiseMiddleware):  # type: ignore[misc] # its base ships no types
    """WhiteNoise without streams."""

    @staticmethod
    def serve(static_file: StaticFile, request: HttpRequest) -> HttpResponse:
        """The file, what was asked of it, or that it has not changed, with the headers that WhiteNoise gives it."""
        found = static_file.get_response(request.method, request.META)
        if found.file is None:
            content = b""
        else:
            with found.file as opened:
                content = opened.read()
        answer = HttpResponse(content, status=int(found.status))
        del answer.headers["Content-Type"]
        for name, value in found.headers:
            answer.headers[name] = value
        return answer
