"""A body seen from the front or the back with numbered places, and with the height of a block. Complete SVG in black; every mark has its
words beside it, and no sign is made by colour alone.

The figure is a scheme: what is drawn where says which part of the body is meant, and measures nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from openinfusion.app.present.words import Translate, plain

WIDTH, HEIGHT, MIDDLE = 240, 440, 120
SIDES = ("left", "right")
_MARK = 12

_OUTLINE = (
    "M120 14 c-16 0 -25 12 -25 28 c0 13 6 22 13 27 v10 c-4 6 -30 8 -38 14 c-9 7 -11 20 -14 36 l-20 92 c-2 9 9 12 12 4 "
    "l26 -86 c2 24 4 40 2 58 c-2 22 -4 40 -2 66 l8 130 c1 14 4 20 0 34 h22 c2 -12 2 -22 3 -36 l9 -118 h8 l9 118 "
    "c1 14 1 24 3 36 h22 c-4 -14 -1 -20 0 -34 l8 -130 c2 -26 0 -44 -2 -66 c-2 -18 0 -34 2 -58 l26 86 c3 8 14 5 12 -4 "
    "l-20 -92 c-3 -16 -5 -29 -14 -36 c-8 -6 -34 -8 -38 -14 v-10 c7 -5 13 -14 13 -27 c0 -16 -9 -28 -25 -28 z"
)
_FRONT: Mapping[str, tuple[int, int]] = {
    "hand": (88, 226),
    "forearm": (76, 182),
    "elbow": (67, 148),
    "upper-arm": (58, 118),
    "deltoid": (52, 100),
    "chest": (28, 110),
    "abdomen": (20, 190),
    "lateral-hip": (45, 226),
    "ventrogluteal": (45, 214),
    "thigh": (22, 280),
    "anterolateral-thigh": (32, 276),
    "vastus-lateralis": (36, 268),
}
"""Part of the body -> how far from the middle and how low it lies, on the patient's left."""

_SPINE: Mapping[str, int] = {"L2": 188, "L3": 198, "L4": 208, "L5": 218}
LEVELS = (
    *(f"C{number}" for number in range(2, 9)),
    *(f"T{number}" for number in range(1, 13)),
    *(f"L{number}" for number in range(1, 6)),
    *(f"S{number}" for number in range(1, 6)),
)
"""The dermatomes from the head down."""

LANDMARKS: Mapping[str, str] = {"T4": "nipples", "T6": "tip of the breastbone", "T10": "navel"}
"""Where a level is felt for: nipple line T4 to T5, tip of the xiphoid T6, navel T10 (an excerpt of the source below was read)."""

LANDMARK_SOURCE = "clinicalgate.com/epidural-anesthesia, table 123-1"
_HIGH = "T4"

_TITLE, _BACK = "Places on the body", "Places on the back"
_PATIENTS_RIGHT, _PATIENTS_LEFT = "patient's right", "patient's left"
_BLOCK = "Height of the block: left {left}, right {right}"
_BLOCK_SAYS = "Dermatomes in their order from C2 to S5; hatched from the level that was found downwards. A scheme, not to scale."
_LEFT, _RIGHT, _LIMIT = "left {level}", "right {level}", "high above T4 (cold)"


@dataclass(frozen=True, slots=True)
class Spot:
    """A place with its number, by its code such as `left-forearm`, and its words."""

    n: int
    code: str
    words: str


def where(code: str) -> tuple[str, int, int] | None:
    """`front` or `back` and the point of a place in the drawing; None for a place that is not drawn."""
    level = code.partition("-")[0].upper()
    if level in _SPINE:
        return "back", MIDDLE, _SPINE[level]
    side = next((side for side in SIDES if code.startswith(f"{side}-") or code.endswith(f"-{side}")), "")
    part = code.removeprefix(f"{side}-").removesuffix(f"-{side}") if side else code
    if not side or part not in _FRONT:
        return None
    off, low = _FRONT[part]
    return "front", MIDDLE + (off if side == "left" else -off), low


def body_picture(spots: Sequence[Spot], translate: Translate = plain, name: str = "places") -> str:
    """The figure with its numbered places, from the back when they are on the spine; empty text where none of them is drawn."""
    drawn = [(spot, at) for spot in spots if (at := where(spot.code)) is not None]
    if not drawn:
        return ""
    is_back = drawn[0][1][0] == "back"
    title = translate(_BACK if is_back else _TITLE)
    said = "; ".join(f"{spot.n}: {spot.words}" for spot, _ in drawn)
    parts = [*_figure(translate, is_back=is_back)]
    taken: list[tuple[int, int]] = []
    for spot, (_, x, y) in drawn:
        while any(abs(x - other) < 2 * _MARK and abs(y - low) < 2 * _MARK for other, low in taken):
            y += 2 * _MARK
        taken.append((x, y))
        parts.append(f'<circle cx="{x}" cy="{y}" r="{_MARK}" fill="#fff" stroke="#000" stroke-width="2.5"/>')
        parts.append(_text(x, y + 5, str(spot.n), "middle", bold=True))
    return _svg(name, title, said, WIDTH, parts)


def block_picture(left: str, right: str, method: str, translate: Translate = plain, name: str = "block") -> str:
    """The height of a block on each side beside the body; empty text where neither level is known."""
    known = {side: level for side, level in zip(SIDES, (left, right), strict=True) if level in LEVELS}
    if not known:
        return ""
    title = translate(_BLOCK).format(left=known.get("left", "–"), right=known.get("right", "–")) + (f" ({method})" if method else "")
    hatches = (
        '<defs><pattern id="hatched" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<path d="M0 0 V6" stroke="#000" stroke-width="1.6"/></pattern></defs>'
    )
    parts = [
        hatches,
        *_figure(translate, is_back=False),
        *_ladder(known, translate),
    ]
    return _svg(name, title, translate(_BLOCK_SAYS), WIDTH + 330, parts)


def height_of(level: str) -> float:
    """The upper edge of a dermatome in the drawing. Those of the trunk lie on the trunk of the figure, at their landmarks."""
    n = LEVELS.index(level)
    anchors = ((0, 62.0), (LEVELS.index("T1"), 92.0), (LEVELS.index("T10"), 184.0), (LEVELS.index("L1"), 222.0), (len(LEVELS), 424.0))
    for (low, above), (high, below) in pairwise(anchors):
        if low <= n < high:
            return above + (below - above) * (n - low) / (high - low)
    return anchors[-1][1]


def _ladder(known: Mapping[str, str], translate: Translate) -> Iterator[str]:
    """Two columns of dermatomes, right and left as one faces the patient, hatched from the level down."""
    columns = {"right": WIDTH + 48, "left": WIDTH + 100}
    for side, x in columns.items():
        yield _text(x + 20, 44, translate(_PATIENTS_RIGHT if side == "right" else _PATIENTS_LEFT).rpartition(" ")[2], "middle", bold=True)
        yield f'<rect x="{x}" y="62" width="40" height="362" fill="none" stroke="#000" stroke-width="1.5"/>'
        level = known.get(side)
        if level is not None:
            top = height_of(level)
            yield f'<rect x="{x}" y="{top:.1f}" width="40" height="{424 - top:.1f}" fill="url(#hatched)" stroke="#000" stroke-width="2"/>'
    for n, level in enumerate(LEVELS):
        y = height_of(level)
        is_named = level in LANDMARKS or level in ("C2", "T1", "L1", "S1") or level in known.values()
        yield f'<path d="M{columns["right"]} {y:.1f} h40 m12 0 h40" stroke="#000" stroke-width="{1.5 if is_named else 0.5}"/>'
        if is_named and n:
            yield _text(WIDTH + 42, y + 5, level, "end", bold=level in known.values())
    for level, said in LANDMARKS.items():
        y = height_of(level)
        yield f'<path d="M{MIDDLE - 34} {y:.1f} h68" stroke="#000" stroke-width="1" stroke-dasharray="2 3"/>'
        yield _text(WIDTH + 148, y + 6, translate(said), "start")
    limit = height_of(_HIGH)
    across = f"M{MIDDLE - 46} {limit:.1f} H{WIDTH + 12} M{columns['right']} {limit:.1f} H{WIDTH + 144}"
    yield f'<path d="{across}" stroke="#000" stroke-width="2" stroke-dasharray="9 5"/>'
    yield _text(WIDTH + 148, limit - 12, translate(_LIMIT), "start", bold=True)
    for side, form in (("right", _RIGHT), ("left", _LEFT)):
        if side in known:
            yield _text(WIDTH + 148, 300 if side == "right" else 324, translate(form).format(level=known[side]), "start", bold=True)


def _figure(translate: Translate, *, is_back: bool) -> Iterator[str]:
    yield f'<path d="{_OUTLINE}" fill="#fff" stroke="#000" stroke-width="2"/>'
    near, far = (_PATIENTS_LEFT, _PATIENTS_RIGHT) if is_back else (_PATIENTS_RIGHT, _PATIENTS_LEFT)
    yield _text(2, 12, translate(near), "start", small=True)
    yield _text(WIDTH - 2, 12, translate(far), "end", small=True)
    if is_back:
        yield f'<path d="M{MIDDLE} 82 V232" stroke="#000" stroke-width="1.5" stroke-dasharray="3 3"/>'
    else:
        yield '<path d="M111 40 h1 M128 40 h1 M114 53 q6 4 12 0" stroke="#000" stroke-width="2" fill="none" stroke-linecap="round"/>'


def _svg(name: str, title: str, said: str, width: int, parts: Sequence[str]) -> str:
    ids = f"{name}-title {name}-description"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="body-picture" viewBox="0 0 {width} {HEIGHT}" width="{width}" height="{HEIGHT}" '
        f'role="img" aria-labelledby="{ids}" font-family="sans-serif" font-size="15" fill="#000">'
    )
    words = f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-description">{escape(said)}</desc>'
    return f"{head}{words}{''.join(parts)}</svg>"


def _text(x: float, y: float, words: str, anchor: str, *, bold: bool = False, small: bool = False) -> str:
    look = (' font-weight="bold"' if bold else "") + (' font-size="13"' if small else "")
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{look}>{escape(words)}</text>'


def message_ids() -> tuple[str, ...]:
    """Every English text of this room, for the translation files."""
    fixed = (_TITLE, _BACK, _PATIENTS_RIGHT, _PATIENTS_LEFT, _BLOCK, _BLOCK_SAYS, _LEFT, _RIGHT, _LIMIT)
    return (*fixed, *LANDMARKS.values())
