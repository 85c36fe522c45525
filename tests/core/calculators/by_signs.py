"""A second way to grade signs of which some are unknown: try every answer that is still possible, each by a plain rule."""

import itertools

import openinfusion


def possible_grades(signs, rule):
    """The grades that the plain rule gives over all answers to what nobody looked for."""
    names = [name for name, is_there in signs.items() if is_there is None]
    tries = (dict(zip(names, answers, strict=True)) for answers in itertools.product((False, True), repeat=len(names)))
    return {rule({**signs, **answers}) for answers in tries}


def asked(name, signs, **more):
    """The calculation of these signs, those that nobody looked for left out."""
    return openinfusion.calc(name, **{key: there for key, there in signs.items() if there is not None}, **more)


def agrees(made, signs, rule):
    """Whether a calculation says what every possible answer says: the grade where all agree, else the least and the most."""
    grades = possible_grades(signs, rule)
    unknown = any(there is None for there in signs.values())
    if made["result"] is not None:
        return grades == {int(made["result"]["value"])} and not (grades == {0} and (unknown or any(signs.values())))
    found = {one["code"]: one["params"] for one in made["findings"]}
    if "calc.signs-fit-no-grade" in found:
        return grades == {0} and not unknown and any(signs.values())
    said = found["calc.grade-open"]
    bounds = {int(said["least"]["value"]), int(said["most"]["value"])}
    return bounds == {min(grades), max(grades)} and bool(said["missing"]) and (len(grades) > 1 or grades == {0})
