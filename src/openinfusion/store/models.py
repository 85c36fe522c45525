"""The tables of the store. The record's tables are unmanaged: only hand-written SQL in `record` makes them, and only `eventlog`,
`samples` and `archive` write them. No clinical rule and no text for people.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models


class EventRow(models.Model):
    """One stored event, text as hashed."""

    stream = models.TextField()
    seq = models.BigIntegerField()
    kind = models.TextField()
    version = models.BigIntegerField()
    occurred_at = models.TextField()
    recorded_at = models.TextField()
    zone = models.TextField()
    actor = models.TextField()
    on_behalf_of = models.TextField()
    device_id = models.TextField()
    device_seq = models.BigIntegerField(null=True)
    clock_offset_ms = models.BigIntegerField(null=True)
    command_id = models.TextField()
    n = models.BigIntegerField()
    command_sha256 = models.TextField()
    payload = models.TextField()
    prev_hash = models.TextField()
    hash = models.TextField()

    class Meta:
        managed = False
        db_table = "event"


class SampleBlockRow(models.Model):
    """Up to ten seconds of one device's channels."""

    device_id = models.TextField()
    session = models.TextField()
    start = models.TextField()
    recorded_at = models.TextField()
    payload = models.TextField()
    hash = models.TextField(unique=True)

    class Meta:
        managed = False
        db_table = "sample_block"


class ProtocolContentRow(models.Model):
    """The canonical text of one protocol hash."""

    content_hash = models.TextField(primary_key=True)
    content = models.TextField()
    kept_at = models.TextField()

    class Meta:
        managed = False
        db_table = "protocol_content"


class StoreMark(models.Model):
    """What this database is, written when it was made: `real` or `demo`. One row."""

    kind = models.TextField(primary_key=True)
    made_at = models.DateTimeField()

    class Meta:
        db_table = "store_mark"


class PersonRow(models.Model):
    """The fields of an identity. The `*_key` columns hold folded text for searching."""

    family_name = models.TextField()
    given_name = models.TextField()
    birth_date = models.DateField()
    sex = models.TextField()
    mrn = models.TextField()
    phone = models.TextField(blank=True)
    language = models.TextField()
    contact_name = models.TextField(blank=True)
    contact_phone = models.TextField(blank=True)
    contact_relation = models.TextField(blank=True)
    written_at = models.DateTimeField()

    class Meta:
        abstract = True


class IdentityRow(PersonRow):
    """Who a patient is now, keyed by the opaque id that the events use."""

    patient_id = models.TextField(primary_key=True)
    family_key = models.TextField()
    given_key = models.TextField()
    phone_key = models.TextField(blank=True)

    class Meta:
        db_table = "identity"
        constraints: ClassVar = [models.UniqueConstraint(fields=["mrn"], condition=~models.Q(mrn=""), name="identity_mrn_once")]
        indexes: ClassVar = [
            models.Index(fields=["family_key", "given_key"], name="identity_by_family"),
            models.Index(fields=["given_key"], name="identity_by_given"),
            models.Index(fields=["birth_date"], name="identity_by_birth"),
            models.Index(fields=["phone_key"], name="identity_by_phone"),
        ]


class IdentityHistoryRow(PersonRow):
    """What an identity was before it was amended."""

    patient_id = models.TextField(db_index=True)
    replaced_at = models.DateTimeField()

    class Meta:
        db_table = "identity_history"


class ReadModelRow(models.Model):
    """One document of one read model, found by key or listed in the order of `sort`. May be dropped at any time."""

    pk = models.CompositePrimaryKey("projection", "key")
    projection = models.TextField()
    key = models.TextField()
    sort = models.TextField(blank=True)
    document = models.TextField()
    event_id = models.BigIntegerField()

    class Meta:
        db_table = "read_model"
        indexes: ClassVar = [models.Index(fields=["projection", "sort", "key"], name="read_model_by_sort")]


class ReadPositionRow(models.Model):
    """How far a read model has folded the feed, and with which version of its fold."""

    projection = models.TextField(primary_key=True)
    version = models.BigIntegerField()
    position = models.BigIntegerField()

    class Meta:
        db_table = "read_position"


class SignInCode(models.Model):
    """A one-time code for a first sign-in: only its digest is kept; used or expired codes open nothing."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    digest = models.TextField(unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "sign_in_code"


class QuarantineRow(models.Model):
    """Raw text that arrived and belongs nowhere yet, or cannot be read. Kept as it came until a person has looked at it."""

    digest = models.TextField(unique=True)
    received_at = models.DateTimeField()
    sender = models.TextField()
    address = models.TextField()
    why = models.TextField()
    body = models.TextField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.TextField(blank=True)

    class Meta:
        db_table = "quarantine"
        indexes: ClassVar = [models.Index(fields=["settled_at", "received_at"], name="quarantine_waiting")]


class GatewayRow(models.Model):
    """A gateway that may send messages of devices: only the digest of its token is kept."""

    name = models.TextField(primary_key=True)
    digest = models.TextField(unique=True)
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "gateway"
