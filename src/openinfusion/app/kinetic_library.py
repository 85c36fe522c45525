"""The kinetic models as the page of kinetics lists them, what is absent with the reason, and what may be compared. It computes no level."""

from dataclasses import dataclass

from openinfusion.app.kinetic_routes import reference_facts, routes_of
from openinfusion.core.pharmacokinetics.model import Model
from openinfusion.core.pharmacokinetics.model_file import Status, Via
from openinfusion.protocols.kinetics import AbsentModel, load_kinetics


@dataclass(frozen=True, slots=True)
class Listed:
    """One model of the list."""

    model: Model
    routes: tuple[Via, ...]
    is_complete: bool

    @property
    def is_comparable(self) -> bool:
        """Whether its routes can be set beside one another for its typical patient."""
        return len(self.routes) > 1 and len(reference_facts(self.model)) == len(self.model.file.covariates)


def listed() -> tuple[Listed, ...]:
    """Every model by drug."""
    models = sorted(load_kinetics().models.values(), key=lambda one: (one.file.drug, one.id))
    return tuple(Listed(model, routes_of(model), model.status is Status.COMPLETE) for model in models)


def absent() -> tuple[AbsentModel, ...]:
    """What was looked for and is not here."""
    return load_kinetics().absent


def model_called(name: str) -> Model | None:
    """A model by its id, None where there is none."""
    return load_kinetics().models.get(name)
