"""Makes a store: its tables, its mark as real or demo, and on PostgreSQL the rights of the serving role. Never changes the kind of a
store."""

from datetime import datetime

from django.core.management import call_command
from django.db import connections, transaction
from psycopg import sql

from openinfusion.app.ports import StoreKind
from openinfusion.core.errors import StoreUnsafe
from openinfusion.store import record
from openinfusion.store.models import StoreMark


def make_store(kind: StoreKind, now: datetime) -> None:
    """Bring the database to this program's form and mark it; raises StoreUnsafe when it was made for the other kind.

    Uses the database alias `owner` where one is configured, and then lets the serving role read and add, but not change, the record.
    """
    owner = "owner" if "owner" in connections.settings else "default"
    call_command("migrate", database=owner, interactive=False, verbosity=0)
    with transaction.atomic(using=owner):
        mark = StoreMark.objects.using(owner).first()
        if mark is None:
            StoreMark.objects.using(owner).create(kind=kind.value, made_at=now)
        elif mark.kind != kind.value:
            raise StoreUnsafe((f"this is a {mark.kind} store; it cannot become a {kind.value} store",))
    if owner == "owner":
        _grant(str(connections["default"].settings_dict["USER"]))


def _grant(role: str) -> None:
    """Rights of the serving role: everything on ordinary tables, only SELECT and INSERT on the record."""
    name = sql.Identifier(role)
    statements = [
        sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}").format(name),
        sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}").format(name),
        *(sql.SQL("REVOKE ALL ON {} FROM {}").format(sql.Identifier(table), name) for table in record.RECORD_TABLES),
        *(sql.SQL("GRANT SELECT, INSERT ON {} TO {}").format(sql.Identifier(table), name) for table in record.RECORD_TABLES),
        sql.SQL("REVOKE INSERT, UPDATE, DELETE ON store_mark, django_migrations FROM {}").format(name),
    ]
    owner = connections["owner"]
    with transaction.atomic(using="owner"), owner.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement.as_string(owner.connection))
