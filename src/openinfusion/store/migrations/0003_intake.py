"""Makes the tables of what arrives from outside: quarantine and gateways."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Quarantine and gateways."""

    dependencies = [("store", "0002_reference_data")]

    operations = [
        migrations.CreateModel(
            name="QuarantineRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.TextField(unique=True)),
                ("received_at", models.DateTimeField()),
                ("sender", models.TextField()),
                ("address", models.TextField()),
                ("why", models.TextField()),
                ("body", models.TextField()),
                ("settled_at", models.DateTimeField(null=True)),
                ("settled_by", models.TextField(blank=True)),
            ],
            options={
                "db_table": "quarantine",
                "indexes": [models.Index(fields=["settled_at", "received_at"], name="quarantine_waiting")],
            },
        ),
        migrations.CreateModel(
            name="GatewayRow",
            fields=[
                ("name", models.TextField(primary_key=True, serialize=False)),
                ("digest", models.TextField(unique=True)),
                ("made_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
            ],
            options={"db_table": "gateway"},
        ),
    ]
