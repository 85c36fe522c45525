// A wall that nobody touches: high alarms stay in front, the other chairs take turns where they do not all fit, and the page loads itself anew only when
// the server is there. Without this file all chairs stand one below the other.

const list = document.querySelector(".wall .chairs");
const more = document.querySelector("[data-more]");
const TURN_MS = 12000, HIGH = 2, CALM = 4;
let from = 0;

function fits() {
  return list.getBoundingClientRect().bottom + 8 + more.offsetHeight <= innerHeight;
}

// As many cards as the screen holds: first every one with a high alarm, then the others from where their turn is. Too many high ones take turns too.
function lay() {
  const cards = [...list.children].filter((one) => one.dataset.rank !== undefined);
  const high = cards.filter((one) => Number(one.dataset.rank) < HIGH), rest = cards.filter((one) => !high.includes(one));
  for (const one of cards) one.hidden = true;
  more.hidden = false;
  let shown = 0;
  const put = (one) => {
    one.hidden = false;
    if (fits() || !shown) return Boolean(shown += 1);
    one.hidden = true;
    return false;
  };
  const all = high.every(put);
  if (!all) {
    for (const one of cards) one.hidden = true;
    shown = 0;
  }
  const turning = all ? rest : high;
  from = turning.length ? from % turning.length : 0;
  let turned = 0;
  for (const one of [...turning.slice(from), ...turning.slice(0, from)]) {
    if (!put(one)) break;
    turned += 1;
  }
  const waiting = cards.filter((one) => one.hidden && Number(one.dataset.rank) < CALM).length;
  more.hidden = shown === cards.length;
  more.querySelector("[data-shown-cards]").textContent = String(shown);
  more.querySelector("[data-all-cards]").textContent = String(cards.length);
  more.querySelector("[data-hidden-alarms]").hidden = waiting === 0;
  more.querySelector("[data-hidden-count]").textContent = String(waiting);
  return { turning: turning.length, turned };
}

if (list && more) {
  let last = lay();
  new MutationObserver((changes) => { if (changes.some((one) => one.type === "childList")) last = lay(); }).observe(list, { childList: true });
  addEventListener("resize", () => { last = lay(); });
  setInterval(() => {
    if (last.turned < last.turning) from += Math.max(last.turned, 1);
    last = lay();
  }, TURN_MS);
}
