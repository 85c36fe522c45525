"""All addresses of the pages. Names are stable; no address carries a name, a birth date or a record number."""

from django.urls import path

from openinfusion.web.views import entrance

urlpatterns = [
    path("", entrance.home, name="home"),
    path("sign-in", entrance.sign_in, name="sign-in"),
    path("first-sign-in", entrance.first_sign_in, name="first-sign-in"),
    path("sign-out", entrance.sign_out, name="sign-out"),
]
