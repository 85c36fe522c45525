"""A person at the keyboard: Tab, Shift+Tab, arrows, Space, Enter, letters, and Alt with the letter on a button. It never touches a mouse.

Every field is reached by pressing Tab until the browser's own focus is there, so a field that the keyboard cannot reach fails the test.
"""

from collections.abc import Mapping

from playwright.sync_api import Error, Locator, Page

from tests.e2e.steps import CHANGED

_MOST_PRESSES = 200
_COUNT_POINTERS = """
(() => {
  const seen = Number(sessionStorage.getItem('pointers') || 0);
  sessionStorage.setItem('pointers', seen);
  for (const kind of ['pointerdown', 'mousedown', 'touchstart'])
    addEventListener(kind, () => sessionStorage.setItem('pointers', Number(sessionStorage.getItem('pointers')) + 1), true);
})()
"""
_WAY = """(target) => {
  const here = document.activeElement;
  if (here === target) return ['', 0];
  const group = (e) => e && e.type === 'radio' ? e.name : null;
  if (group(here) && group(here) === group(target) && here.form === target.form) return ['ArrowDown', 1];
  const stops = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')]
    .filter(e => !e.disabled && e.tabIndex >= 0 && e.checkVisibility({visibilityProperty: true}))
    .filter((e, at, all) => e === here || e === target || !group(e) || at === 0 || group(all[at - 1]) !== group(e));
  const away = stops.indexOf(target) - stops.indexOf(here), back = stops.length - stops.indexOf(target);
  if (here === document.body) return away <= back ? ['Tab', away] : ['Shift+Tab', back];
  return away > 0 ? ['Tab', away] : ['Shift+Tab', -away];
}"""
_FOCUS_IS_SEEN = """(e) => {
  const box = e.getBoundingClientRect(), at = getComputedStyle(e);
  const inside = box.bottom > 0 && box.top < innerHeight;
  return inside && (at.outlineStyle !== 'none' || at.boxShadow !== 'none');
}"""


class Keyboard:
    """One page in the hands of somebody who uses keys only."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.context.add_init_script(_COUNT_POINTERS)

    def pointers_used(self) -> int:
        """How often a mouse or a finger touched a page of this tab."""
        return int(self.page.evaluate("Number(sessionStorage.getItem('pointers') || 0)"))

    def to(self, target: Locator) -> None:
        """Move the focus to it, as far as the keys lead."""
        self._open_around(target)
        pressed = 0
        while pressed < _MOST_PRESSES:
            key, times = self._way(target)
            if not key:
                assert target.evaluate(_FOCUS_IS_SEEN), f"the focus on {target} cannot be seen"
                return
            for _ in range(max(1, times - 1)):  # the last step alone: what counts is where the browser's own focus is
                self.page.keyboard.press(key)
                pressed += 1
        raise AssertionError(f"no number of Tabs leads to {target}")

    def _way(self, target: Locator) -> tuple[str, int]:
        """The key that leads to it and about how often, empty when the focus is there; once more when the page was just loaded anew by a
        live event."""
        try:
            key, times = target.evaluate(_WAY)
        except Error as error:
            if "Execution context was destroyed" not in error.message:
                raise
            key, times = target.evaluate(_WAY)
        return str(key), int(times)

    def _open_around(self, target: Locator) -> None:
        """Open the folded parts in which it stands, the outermost first."""
        folded = target.locator("xpath=ancestor::details[not(@open)]")
        while folded.count():
            self.to(folded.first.locator("xpath=./summary"))
            self.page.keyboard.press("Enter")

    def enter(self, field: Locator, text: str) -> None:
        """Answer one field: type into it, choose from it, or tick it."""
        kind = field.first.evaluate("e => e.tagName === 'SELECT' ? 'select' : e.type")
        match kind:
            case "radio":
                wanted = field.and_(self.page.locator(f'[value="{text}"]'))
                self.to(wanted)
                self.page.keyboard.press("Space")
                assert wanted.is_checked()
            case "checkbox":
                wanted = field.and_(self.page.locator(f'[value="{text}"]'))
                self.to(wanted)
                self.page.keyboard.press("Space")
            case "select":
                self._choose(field, text)
            case _:
                self.to(field)
                self.page.keyboard.press("Control+A")
                self.page.keyboard.type(text)

    def _choose(self, field: Locator, text: str) -> None:
        self.to(field)
        self.page.keyboard.press("Home")
        for _ in range(field.locator("option").count()):
            if field.input_value() == text:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{text} is not offered")

    def press(self, key: str) -> None:
        """Press a key that leads to another page, and wait for it."""
        with self.page.expect_navigation():
            self.page.keyboard.press(key)

    def scan(self, code: str) -> None:
        """What a scanner does: its field has the focus, it types fast and ends with Enter."""
        self.page.keyboard.press("Alt+k")
        self.page.keyboard.type(code)
        self.press("Enter")

    def follow(self, name: str) -> None:
        """Go to a link or button by its words and press Enter."""
        self.to(self.page.get_by_role("link", name=name).first)
        self.press("Enter")

    def form(self, command: str, among: str = "") -> Locator:
        """The first form on the page that gives this command; `among` names something that stands in the right one."""
        return self.page.locator(f'main form[action$="/do/{command}"]{f":has({among})" if among else ""}').first

    def give(self, command: str, values: Mapping[str, str] | None = None, *, key: str = "", among: str = "") -> None:
        """Fill in the form of a command and send it; it must be taken. When something happened after the page was shown, the page says so;
        a person looks at it as it is now and presses once more."""
        self.send(command, values, key=key, among=among)
        refused = self.page.locator(".error-summary")
        if refused.count() and CHANGED in refused.inner_text():
            self.send(command, values, key=key, among=among)
        assert refused.count() == 0, (command, refused.all_inner_texts())

    def refused(self, command: str, values: Mapping[str, str] | None = None, *, key: str = "", among: str = "") -> str:
        """Fill in the form of a command and send it; it must come back, with the focus on what is said about it. Returns that."""
        self.send(command, values, key=key, among=among)
        summary = self.page.locator(".error-summary")
        assert summary.evaluate("e => document.activeElement === e")
        return " ".join(summary.inner_text().split())

    def send(self, command: str, values: Mapping[str, str] | None = None, *, key: str = "", among: str = "") -> None:
        """Fill in the form of a command and send it: by the letter on its button, else by Tab to the button and Enter."""
        form = self.form(command, among)
        for name, text in (values or {}).items():
            for one in text.split(","):
                self.enter(form.locator(f'[name="{name}"]:not([type=hidden])'), one)
        if key:
            self.press(f"Alt+{key}")
            return
        self.to(form.locator("button[type=submit]").last)
        self.press("Enter")
