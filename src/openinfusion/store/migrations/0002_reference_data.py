"""Makes the tables that Django may change: identities, read models, positions, the mark of the store, one-time codes."""

import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def sort_by_code_point(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Give read models the same order on both databases, whatever language PostgreSQL was made for."""
    del apps
    if editor.connection.vendor == "postgresql":
        for column in ("projection", "key", "sort"):
            editor.execute(f'ALTER TABLE read_model ALTER COLUMN {column} TYPE text COLLATE "C"')


class Migration(migrations.Migration):
    """State of the record's unmanaged tables, and the managed ones."""

    dependencies = [
        ("store", "0001_record"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="EventRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stream", models.TextField()),
                ("seq", models.BigIntegerField()),
                ("kind", models.TextField()),
                ("version", models.BigIntegerField()),
                ("occurred_at", models.TextField()),
                ("recorded_at", models.TextField()),
                ("zone", models.TextField()),
                ("actor", models.TextField()),
                ("on_behalf_of", models.TextField()),
                ("device_id", models.TextField()),
                ("device_seq", models.BigIntegerField(null=True)),
                ("clock_offset_ms", models.BigIntegerField(null=True)),
                ("command_id", models.TextField()),
                ("n", models.BigIntegerField()),
                ("command_sha256", models.TextField()),
                ("payload", models.TextField()),
                ("prev_hash", models.TextField()),
                ("hash", models.TextField()),
            ],
            options={
                "db_table": "event",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="ProtocolContentRow",
            fields=[
                ("content_hash", models.TextField(primary_key=True, serialize=False)),
                ("content", models.TextField()),
                ("kept_at", models.TextField()),
            ],
            options={
                "db_table": "protocol_content",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="SampleBlockRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("device_id", models.TextField()),
                ("session", models.TextField()),
                ("start", models.TextField()),
                ("recorded_at", models.TextField()),
                ("payload", models.TextField()),
                ("hash", models.TextField(unique=True)),
            ],
            options={
                "db_table": "sample_block",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="IdentityHistoryRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("family_name", models.TextField()),
                ("given_name", models.TextField()),
                ("birth_date", models.DateField()),
                ("sex", models.TextField()),
                ("mrn", models.TextField()),
                ("phone", models.TextField(blank=True)),
                ("language", models.TextField()),
                ("contact_name", models.TextField(blank=True)),
                ("contact_phone", models.TextField(blank=True)),
                ("contact_relation", models.TextField(blank=True)),
                ("written_at", models.DateTimeField()),
                ("patient_id", models.TextField(db_index=True)),
                ("replaced_at", models.DateTimeField()),
            ],
            options={
                "db_table": "identity_history",
            },
        ),
        migrations.CreateModel(
            name="ReadPositionRow",
            fields=[
                ("projection", models.TextField(primary_key=True, serialize=False)),
                ("version", models.BigIntegerField()),
                ("position", models.BigIntegerField()),
            ],
            options={
                "db_table": "read_position",
            },
        ),
        migrations.CreateModel(
            name="StoreMark",
            fields=[
                ("kind", models.TextField(primary_key=True, serialize=False)),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "db_table": "store_mark",
            },
        ),
        migrations.CreateModel(
            name="IdentityRow",
            fields=[
                ("family_name", models.TextField()),
                ("given_name", models.TextField()),
                ("birth_date", models.DateField()),
                ("sex", models.TextField()),
                ("mrn", models.TextField()),
                ("phone", models.TextField(blank=True)),
                ("language", models.TextField()),
                ("contact_name", models.TextField(blank=True)),
                ("contact_phone", models.TextField(blank=True)),
                ("contact_relation", models.TextField(blank=True)),
                ("written_at", models.DateTimeField()),
                ("patient_id", models.TextField(primary_key=True, serialize=False)),
                ("family_key", models.TextField()),
                ("given_key", models.TextField()),
                ("phone_key", models.TextField(blank=True)),
            ],
            options={
                "db_table": "identity",
                "indexes": [
                    models.Index(fields=["family_key", "given_key"], name="identity_by_family"),
                    models.Index(fields=["given_key"], name="identity_by_given"),
                    models.Index(fields=["birth_date"], name="identity_by_birth"),
                    models.Index(fields=["phone_key"], name="identity_by_phone"),
                ],
                "constraints": [
                    models.UniqueConstraint(condition=models.Q(("mrn", ""), _negated=True), fields=("mrn",), name="identity_mrn_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="ReadModelRow",
            fields=[
                ("pk", models.CompositePrimaryKey("projection", "key", blank=True, editable=False, primary_key=True, serialize=False)),
                ("projection", models.TextField()),
                ("key", models.TextField()),
                ("sort", models.TextField(blank=True)),
                ("document", models.TextField()),
                ("event_id", models.BigIntegerField()),
            ],
            options={
                "db_table": "read_model",
                "indexes": [models.Index(fields=["projection", "sort", "key"], name="read_model_by_sort")],
            },
        ),
        migrations.CreateModel(
            name="SignInCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.TextField(unique=True)),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "db_table": "sign_in_code",
            },
        ),
        migrations.RunPython(sort_by_code_point, migrations.RunPython.noop),
    ]
