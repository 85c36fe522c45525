"""The result of a screen's self-test of its sound. Answers a script; the page that asked stays where it is."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from openinfusion.app import screens
from openinfusion.app.access import Action
from openinfusion.app.commands import envelope
from openinfusion.core.errors import Malformed
from openinfusion.web.house import ports
from openinfusion.web.people import actor_of, signed_in
from openinfusion.web.posted import command_id_of, text_in


@signed_in(Action.TEST_SOUND)
@require_POST
def tested(request: HttpRequest) -> HttpResponse:
    """201 when it is stored, 200 when it had been, 400 for a name that is none."""
    house, actor = ports(), actor_of(request)
    test = screens.SelfTest(text_in(request.POST, "screen"), request.POST.get("heard") == "yes", text_in(request.POST, "why"))
    try:
        sent = envelope(command_id_of(request), test.body, actor.id, house.clock.now())
        receipt = screens.self_test(house, test, sent, actor)
    except Malformed:
        return HttpResponse(
            _("A screen is named by letters, digits, points, dashes and underlines."), status=400, content_type="text/plain"
        )
    return HttpResponse(status=200 if receipt.repeated else 201, content_type="text/plain")
