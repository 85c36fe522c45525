"""How the tests of the rooms ask: through the one public function, as everybody does."""

from typing import Any

import openinfusion


def value(name: str, /, **inputs: Any) -> float:
    """The primary result as a float, for comparison with an independent implementation; the calculation must not be refused."""
    made = openinfusion.calc(name, **inputs)
    assert made["status"] == "ok", made["findings"]
    return float(made["result"]["value"])


def text(name: str, /, **inputs: Any) -> str:
    """The primary result as "value unit"."""
    made = openinfusion.calc(name, **inputs)
    assert made["status"] == "ok", made["findings"]
    return f"{made['result']['value']} {made['result']['unit']}"


def codes(name: str, /, **inputs: Any) -> set[str]:
    """The codes of what was found."""
    return {found["code"] for found in openinfusion.calc(name, **inputs)["findings"]}


def refused(name: str, /, **inputs: Any) -> set[str]:
    """The codes for which it was refused; there is no result then."""
    made = openinfusion.calc(name, **inputs)
    assert made["status"] == "refused"
    assert made["result"] is None
    assert made["results"] == {}
    assert made["findings"]
    return {found["code"] for found in made["findings"]}
