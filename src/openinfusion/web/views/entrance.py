"""Sign in, first sign-in with a one-time code, sign out, and the first page of each role. No password is stored, shown or logged here."""

from django import forms
from django.contrib import messages
from django.contrib.auth import authenticate, login, logout
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from openinfusion import config
from openinfusion.core.errors import Malformed, NotFound
from openinfusion.web.forms import ClinicForm
from openinfusion.web.people import ProofRefused, actor_of, prove, signed_in
from openinfusion.wiring import users

FIRST_PAGES = (("nurse", "board"), ("pharmacist", "pharmacy"), ("prescriber", "decisions"), ("administrator", "users"))


class SignInForm(ClinicForm):
    """Name and password."""

    safe_now = gettext_lazy("You are not signed in.")
    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True})
    )
    password = forms.CharField(
        label=gettext_lazy("Password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )


class FirstSignInForm(ClinicForm):
    """The one-time code from the administrator, and a password of one's own."""

    safe_now = gettext_lazy("No password was set. The code can still be used.")
    code = forms.CharField(label=gettext_lazy("One-time code"), help_text=gettext_lazy("From your administrator; it works once."))
    password = forms.CharField(
        label=gettext_lazy("New password"),
        help_text=gettext_lazy("At least 12 characters. Three or four unrelated words are good."),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=gettext_lazy("The new password again"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def clean(self) -> dict[str, object]:
        """Both passwords must be the same."""
        cleaned = super().clean() or {}
        if "password" in cleaned and cleaned["password"] != cleaned.get("again", cleaned["password"]):
            self.add_error("again", ValidationError(_("The two passwords differ. Type the same one twice.")))
        return cleaned


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for name and password; a wrong pair says only that the pair is wrong."""
    form, refused = SignInForm(request.POST or None), ProofRefused()
    if request.method == "POST" and form.is_valid():
        try:
            login(request, prove(request, form.cleaned_data["name"], form.cleaned_data["password"]))
            return redirect(_next(request))
        except ProofRefused as error:
            refused = error
            wrong = _("This name and password do not belong together. Type both again, or ask your administrator for a new one-time code.")
            form.add_error(None, refused.words(wrong))
    status = 401 if form.errors and request.method == "POST" else 200
    shown = {"form": form, "next": request.GET.get("next", ""), "notice": config.current().sign_in_notice()}
    answer = render(request, "web/sign_in.html", shown, status=429 if refused.seconds else status)
    if refused.seconds:
        answer.headers["Retry-After"] = str(refused.seconds)
    return answer


@sensitive_post_parameters("password", "again", "code")
@require_http_methods(["GET", "POST"])
def first_sign_in(request: HttpRequest) -> HttpResponse:
    """Set a password with a one-time code, and sign in with it."""
    form = FirstSignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            name = users().redeem(form.cleaned_data["code"], form.cleaned_data["password"])
        except NotFound:
            form.add_error("code", _("This code opens nothing: it is wrong, used, or too old. Ask your administrator for a new one."))
        except Malformed as weak:
            form.add_error("password", str(weak.params["why"]))
        else:
            login(request, authenticate(request, username=name, password=form.cleaned_data["password"]))
            messages.success(request, _("Your password is set. Your sign-in name is %(name)s.") % {"name": name})
            return redirect("home")
    return render(request, "web/first_sign_in.html", {"form": form}, status=400 if form.errors else 200)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session of this browser."""
    logout(request)
    return redirect("sign-in")


@signed_in()
def home(request: HttpRequest) -> HttpResponseBase:
    """The page with this person's own work."""
    roles = actor_of(request).roles
    first = next((page for role, page in FIRST_PAGES if role in roles), None)
    if first is None:
        return render(request, "web/no_role.html", status=403)
    return redirect(first)


def _next(request: HttpRequest) -> str:
    """Where the person wanted to go, only inside this site."""
    wanted = request.GET.get("next", "")
    inside = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return wanted if inside else reverse("home")
