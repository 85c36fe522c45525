"""Makes the append-only table of audit rows with its triggers. Never undone: a record is not dropped."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from openinfusion.store import record


def make(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Run the hand-written statements of this database."""
    del apps
    for statement in record.audit_statements(editor.connection.vendor):
        editor.execute(statement, params=None)


class Migration(migrations.Migration):
    """Who looked at what."""

    dependencies = [("store", "0003_intake")]
    operations = [migrations.RunPython(make)]
