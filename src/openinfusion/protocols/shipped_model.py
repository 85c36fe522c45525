"""The model class of `openinfusion.pk`: it also loads a model that ships, or one of a site, by its id."""

from collections.abc import Sequence
from pathlib import Path

from openinfusion.core.pharmacokinetics import model
from openinfusion.protocols.kinetics import load_model


class Model(model.Model):
    """A kinetic model; `load` finds one by its id, `from_dict` compiles one's own."""

    @staticmethod
    def load(name: str, roots: Sequence[Path] = ()) -> model.Model:
        """The model with this id; raises ProtocolError, which names the ids there are."""
        return load_model(name, roots)
