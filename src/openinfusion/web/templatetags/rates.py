"""The rate table of a plan on a page: rows, drawing, and the choice of a giving set. The words are the presenter's; nothing is computed
here."""

from django import template
from django.utils.safestring import mark_safe
from django.utils.translation import gettext

from openinfusion.app import present
from openinfusion.core.prescribing.order import Plan
from openinfusion.core.prescribing.rate_table import Kind, RateTable
from openinfusion.core.protocol import Route
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import DripSets
from openinfusion.web.house import ports
from openinfusion.web.wording import amount_text

register = template.Library()


@register.inclusion_tag("web/parts/rate_table.html", takes_context=True)
def rates_over_time(context: template.Context, plan: Plan) -> dict[str, object]:
    """Every row, the end, the drawing; with drops where the address names a giving set that the site has. Empty for a plan without."""
    request = context.get("request")
    wanted = request.GET.get("drops", "") if request is not None else ""
    sets = drop_factors()
    factor = next((one for one in sets if one.text == wanted), None)
    table = present.table_of(plan, factor)
    if table is None:
        return {"table": None}
    rows = present.row_words(table, gettext)
    return {
        "table": table,
        "rows": rows,
        "has": {
            "kinds": any(row.kind is not Kind.FLOW for row in table.rows),
            **{name: any(getattr(row, name) for row in rows) for name in ("rate", "dose_rate", "per_site", "drops")},
        },
        "ends": present.clock_text(table.ends),
        "all_ends": present.clock_text(table.all_ends) if table.all_ends != table.ends else "",
        "drawing": mark_safe(present.drawing_of(table, gettext)),  # noqa: S308 - made by the presenter, which escapes every word
        "sets": [(one.text, amount_text(one), one == factor) for one in sets] if _may_drip(plan, table, request) else [],
    }


def drop_factors() -> tuple[Quantity, ...]:
    """The drop factors of the giving sets that the site has, as its tables name them, each once."""
    tables = ports().library.reference.tables.values()
    found = (one.drop_factor.quantity for table in tables if isinstance(table, DripSets) for one in table.sets)
    return tuple(dict.fromkeys(found))


def _may_drip(plan: Plan, table: RateTable, request: object) -> bool:
    """Whether somebody may ask for drops here: into a vein, through one line, on a page that can be asked for again."""
    flows = any(row.rate is not None for row in table.rows)
    return flows and plan.route is Route.IV and table.sites is None and getattr(request, "method", "") == "GET"
