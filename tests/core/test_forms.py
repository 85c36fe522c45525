"""A field that joins a stored type later is not written at its default: what older programs wrote stays the same, byte for byte."""

from dataclasses import dataclass, field

from openinfusion.core.forms import LATER, form


@dataclass(frozen=True)
class Grown:
    name: str
    since: tuple[str, ...] = field(default=(), metadata=LATER)


def test_a_later_field_at_its_default_is_left_out_and_read_as_its_default():
    assert form(Grown).write(Grown("a")) == {"name": "a"}
    assert form(Grown).read({"name": "a"}) == Grown("a")


def test_a_later_field_that_says_something_is_written_and_comes_back():
    told = Grown("a", ("b",))
    assert form(Grown).write(told) == {"name": "a", "since": ["b"]}
    assert form(Grown).read({"name": "a", "since": ["b"]}) == told
