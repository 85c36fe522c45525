"""All addresses of the pages. Names are stable; no address carries a name, a birth date or a record number."""

from django.urls import path

from openinfusion.web import live, serving
from openinfusion.web.api import api
from openinfusion.web.views import board, entrance, facts, leaflet, order, ordering, patients, preparation, protocols, record, session, work

urlpatterns = [
    path("", entrance.home, name="home"),
    path("sign-in", entrance.sign_in, name="sign-in"),
    path("first-sign-in", entrance.first_sign_in, name="first-sign-in"),
    path("sign-out", entrance.sign_out, name="sign-out"),
    path("decisions", work.decisions, name="decisions"),
    path("pharmacy", work.pharmacy, name="pharmacy"),
    path("users", work.users, name="users"),
    path("patients", patients.search, name="patients"),
    path("patients/new", patients.register, name="patient-new"),
    path("patients/<uuid:patient>", patients.patient, name="patient"),
    path("patients/<uuid:patient>/identity", patients.amend, name="patient-amend"),
    path("patients/<uuid:patient>/facts/<slug:subject>", facts.record, name="facts"),
    path("patients/<uuid:patient>/order", ordering.choose, name="order-new"),
    path("patients/<uuid:patient>/order/<slug:protocol>", ordering.new, name="order-protocol"),
    path("orders/<uuid:course>", order.order, name="order"),
    path("orders/<uuid:course>/leaflet", leaflet.of_order, name="leaflet"),
    path("orders/<uuid:course>/cosign", order.cosign, name="order-cosign"),
    path("orders/<uuid:course>/verify", order.verify, name="order-verify"),
    path("orders/<uuid:course>/cancel", order.cancel, name="order-cancel"),
    path("orders/<uuid:course>/session", order.session, name="order-session"),
    path("sessions/<uuid:session>/preparation", preparation.prepare, name="preparation"),
    path("protocols", protocols.library, name="protocols"),
    path("protocols/<slug:protocol>", protocols.protocol, name="protocol"),
    path("protocols/<slug:protocol>/<slug:content_hash>", protocols.version, name="protocol-version"),
    path("protocols/<slug:protocol>/<slug:content_hash>/changes", protocols.difference, name="protocol-difference"),
    path("protocols/<slug:protocol>/<slug:content_hash>/sign", protocols.sign, name="protocol-sign"),
    path("board", board.board, name="board"),
    path("sessions/<uuid:session>", session.session, name="session"),
    path("sessions/<uuid:session>/record", record.record, name="record"),
    path("sessions/<uuid:session>/panel", session.panel, name="session-panel"),
    path("sessions/<uuid:session>/scan", session.scan, name="session-scan"),
    path("sessions/<uuid:session>/do/<str:command>", session.act, name="session-act"),
    path("sessions/<uuid:session>/at/<slug:stage>", session.session, name="session-stage"),
    path("live/board", live.board, name="live-board"),
    path("live/sessions/<uuid:session>", live.session, name="live-session"),
    path("healthz", serving.healthz, name="healthz"),
    path("readyz", serving.readyz, name="readyz"),
    path("api/", api.urls),
]
