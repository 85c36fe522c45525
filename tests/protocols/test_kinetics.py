"""The model files that ship: each loads, names its documents, holds its typical patient, and says what it may be used for."""

from pathlib import Path

import numpy as np
import pytest

from openinfusion.core.errors import ProtocolError
from openinfusion.core.figure import Tier
from openinfusion.core.pharmacokinetics.model import Model
from openinfusion.core.pharmacokinetics.model_file import Status
from openinfusion.core.pharmacokinetics.parameters import impossible
from openinfusion.protocols.kinetics import Kinetics, load_kinetics, load_model
from openinfusion.protocols.load import PACKAGE_DATA


@pytest.fixture(scope="module")
def kinetics() -> Kinetics:
    return load_kinetics()


def test_every_drug_that_a_model_was_asked_for_has_one_or_stands_among_the_absent(kinetics: Kinetics) -> None:
    asked = {"vancomycin", "gentamicin", "infliximab", "carboplatin", "methotrexate", "propofol", "remifentanil", "morphine", "heparin"}
    asked |= {"insulin", "testosterone undecanoate", "levobupivacaine", "ropivacaine", "immunoglobulin G", "S-ketamine", "epinephrine"}
    named = {model.file.drug.partition(",")[0] for model in kinetics.models.values()} | {one.drug for one in kinetics.absent}
    assert asked <= named


def test_only_a_model_with_variability_and_residual_error_is_complete(kinetics: Kinetics) -> None:
    for model in kinetics.models.values():
        assert model.status is model.file.status, model.id
        if model.status is Status.COMPLETE:
            assert model.etas, model.id
            assert model.residual is not None, model.id


def test_every_model_cites_a_paper_and_a_document_that_was_read(kinetics: Kinetics) -> None:
    for model in kinetics.models.values():
        assert all((model.file.citation, model.file.population, model.file.salt)), model.id
        assert all(kinetics.publications[source.cite].seen != "none" for source in model.file.sources), model.id
        assert all(source.tier is not Tier.U for source in model.file.sources), model.id


def test_the_typical_patient_of_every_model_lies_in_its_domain_and_has_possible_parameters(kinetics: Kinetics) -> None:
    for model in kinetics.models.values():
        facts = _typical(model)
        for name, covariate in model.file.covariates.items():
            assert covariate.low is None or covariate.low <= facts[name], (model.id, name)
            assert covariate.high is None or facts[name] <= covariate.high, (model.id, name)
        assert impossible(model.parameters({name: np.asarray(fact) for name, fact in facts.items()})) == (), model.id


def _typical(model: Model) -> dict[str, float]:
    """The typical patient of a model file; it names one for each covariate."""
    typical = {name: covariate.reference for name, covariate in model.file.covariates.items()}
    assert None not in typical.values(), model.id
    return {name: fact for name, fact in typical.items() if fact is not None}


def test_published_levels_keep_the_printed_pairs(kinetics: Kinetics) -> None:
    # Halpern 2014, abstract: mean peak 0.953 ng/mL, then 0.427, 0.367 and 0.327 on days 91, 104 and 120
    assert kinetics.levels["medroxyprogesterone-sc-104mg"].values == ((8, 0.953), (91, 0.427), (104, 0.367), (120, 0.327))


def test_an_unknown_model_is_refused_with_those_there_are() -> None:
    with pytest.raises(ProtocolError, match="vancomycin-goti-2018"):
        load_model("vancomycin")


BROKEN = {
    "cite: pk-goti-nl": ("cite: pk-nothing", "stands in no evidence file"),
    "id: vancomycin-goti-2018": ("id: vancomycin", "is not that of the file"),
    "V2: 38.4 * (weight/70)": ("V2: 38.4 * (mass/70)", "there is no parameter or covariate 'mass'"),
    "0.7**hd": ("open(hd)", "there is no other function"),
    "unit: kg, low: 33": ("unit: stone, low: 33", "'stone' is not in the table of units"),
    "drug: vancomycin": ("drug: vancomycin\ndrug: water", "stands twice"),
}


@pytest.mark.parametrize("good", BROKEN)
def test_a_broken_model_file_is_refused_with_its_place(good: str, tmp_path: Path) -> None:
    bad, problem = BROKEN[good]
    text = (PACKAGE_DATA / "models" / "vancomycin-goti-2018.yaml").read_text(encoding="utf-8")
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "vancomycin-goti-2018.yaml").write_text(text.replace(good, bad, 1), encoding="utf-8")
    with pytest.raises(ProtocolError) as refused:
        load_kinetics((tmp_path,))
    assert problem in "\n".join(refused.value.problems)


def test_a_site_replaces_a_model_of_the_package_by_its_own(tmp_path: Path) -> None:
    text = (PACKAGE_DATA / "models" / "gentamicin-hodiamont-2017.yaml").read_text(encoding="utf-8")
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "gentamicin-hodiamont-2017.yaml").write_text(text.replace("CL: '2.3'", "CL: '2.4'"), encoding="utf-8")
    assert load_model("gentamicin-hodiamont-2017", (tmp_path,)).file.parameters["CL"] == "2.4"
    assert load_model("gentamicin-hodiamont-2017").file.parameters["CL"] == "2.3"
