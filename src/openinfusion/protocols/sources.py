"""Gives each figure and condition its sources: its own, else those of the nearest part around it, each with the trust tier of the
evidence file.

Nothing is invented: a cite that no evidence file holds is a problem, and a figure that inherits nothing stays without a source and does
not load.
"""

from collections.abc import Mapping

from openinfusion.protocols.reading import Document, Place, Problems, Tree


def with_sources(document: Document, tiers: Mapping[str, str], problems: Problems) -> Tree:
    """The tree of a document with tiers on every source and sources on every figure and comparison."""
    return _Filling(document, tiers, problems).fill(document.tree, (), None)


class _Filling:
    def __init__(self, document: Document, tiers: Mapping[str, str], problems: Problems) -> None:
        self.document, self.tiers, self.problems = document, tiers, problems

    def fill(self, tree: Tree, place: Place, inherited: Tree | None) -> Tree:
        match tree:
            case dict():
                return self._mapping(tree, place, inherited)
            case list():
                return [self.fill(item, (*place, n), inherited) for n, item in enumerate(tree)]
            case _:
                return tree

    def _mapping(self, tree: dict[str, Tree], place: Place, inherited: Tree | None) -> Tree:
        own = self._tiered(tree[key], (*place, key)) if (key := _source_key(tree)) else None
        passed = own if own is not None else inherited
        filled = {name: self.fill(item, (*place, name), passed) for name, item in tree.items() if name != key or not key}
        if key and own is not None:
            filled[key] = own
        elif passed is not None and _needs_sources(tree):
            filled["sources"] = passed
        return filled

    def _tiered(self, listed: Tree, place: Place) -> Tree:
        return [self._source(source, (*place, n)) for n, source in enumerate(listed)]

    def _source(self, source: Tree, place: Place) -> Tree:
        if not isinstance(source, dict):
            self.problems.add(self.document, place, "a source is {cite, at}", "name the document and the place in it")
            return source
        if "tier" in source:
            self.problems.add(self.document, (*place, "tier"), "the tier of a source comes from the evidence file", "remove it here")
        cite = source.get("cite", "")
        if not isinstance(cite, str) or cite not in self.tiers:
            self.problems.add(
                self.document,
                (*place, "cite"),
                f'the cite "{cite}" stands in no evidence file',
                "add the document to evidence/, or correct the name",
            )
            return {**source, "tier": "U"}
        return {**source, "tier": self.tiers[cite]}


def _source_key(tree: Mapping[str, Tree]) -> str:
    """`sources`, or the `context` of an evidence entry, whichever holds a list of sources. A dictionary keyed by cite holds none."""
    return next((key for key in ("sources", "context") if isinstance(tree.get(key), list)), "")


def _needs_sources(tree: Mapping[str, Tree]) -> bool:
    """Whether a mapping is a figure or a comparison with a figure."""
    return isinstance(tree.get("value"), str) and set(tree) <= {"value", "unit", "field", "op"}
