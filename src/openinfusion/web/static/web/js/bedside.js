// Board and session while they are open: clocks, the live line, scans, keys. Every page works without this file; nothing clinical is decided here.

const root = document.querySelector("[data-now]");
const offset = root ? new Date(root.dataset.now).getTime() - Date.now() : 0;
const serverNow = () => Date.now() + offset;

function written(ms) {
  const seconds = Math.floor(Math.abs(ms) / 1000);
  const two = (n) => String(n).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const text = `${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
  return (ms < 0 && seconds ? "-" : "") + (hours ? `${hours}:${text}` : text);
}

function tick() {
  for (const clock of document.querySelectorAll("[data-until]")) {
    const left = new Date(clock.dataset.until).getTime() - serverNow();
    clock.textContent = written(left);
    const wasPast = clock.classList.contains("past");
    clock.classList.toggle("past", left <= 0);
    // What was waited for has come: buttons may be pressed now. A form that somebody fills in is never taken away.
    if (left <= 0 && !wasPast) due();
  }
  for (const clock of document.querySelectorAll("[data-since]")) {
    clock.textContent = written(serverNow() - new Date(clock.dataset.since).getTime());
  }
}
setInterval(tick, 1000);

// Forms that a person has touched stay as they are.
let touched = false;
document.addEventListener("input", (event) => { if (event.target.id !== "scan-code") touched = true; });
const changed = document.getElementById("changed");
function due() { show(); }
// Who works with keys has a place on the page; it is not taken away either. The scan field has the focus from the start.
function isAtWork() {
  const here = document.activeElement;
  return touched || (root.contains(here) && here.id !== "scan-code");
}
function show() {
  if (!root) return;
  if (isAtWork() || document.querySelector(".error-summary")) changed.hidden = false;
  else if (document.body.classList.contains("wall")) reloadWhenThere();
  else window.location.replace(window.location.href);
}
// A wall that nobody touches must not end on the browser's own page of errors.
async function reloadWhenThere() {
  try {
    const answer = await fetch(window.location.href);
    if (answer.ok) return window.location.replace(window.location.href);
  } catch { /* tried again */ }
  setTimeout(reloadWhenThere, 5000);
}
let coming = 0;
function showSoon() { clearTimeout(coming); coming = setTimeout(show, 400); }

// The live line.
const connection = document.getElementById("connection");
let heard = Date.now();
document.body.addEventListener("htmx:sseOpen", (event) => {
  heard = Date.now();
  connection.hidden = true;
  const source = event.detail.source;
  source.addEventListener("moved", (message) => { if (Number(message.data) > Number(root.dataset.seq)) showSoon(); });
  source.addEventListener("list", showSoon);
  source.addEventListener("card", (message) => place(message.data));
});
document.body.addEventListener("htmx:sseError", () => {
  connection.textContent = connection.dataset.lost || "No connection to the server since " + new Date(heard).toLocaleTimeString() + ". What you see may be old.";
  connection.hidden = false;
});

// One card of the board is new: put it in place, then keep the order: alarms first, then what is due next.
function place(html) {
  const made = document.createRange().createContextualFragment(html).firstElementChild;
  const old = made && document.getElementById(made.id);
  if (!old) return showSoon();
  const list = old.parentElement;
  old.replaceWith(made);
  const cards = [...list.children].sort((one, two) => {
    const rank = Number(one.dataset.rank) - Number(two.dataset.rank);
    return rank || (one.dataset.due < two.dataset.due ? -1 : one.dataset.due > two.dataset.due ? 1 : 0);
  });
  const focused = document.activeElement;
  list.append(...cards);
  if (focused && focused !== document.body) focused.focus();
}

// A scanner types fast and ends with Enter; what it types anywhere outside a field goes to the scan field.
const scan = document.getElementById("scan-code");
if (scan) {
  // Its focus must not scroll past the patient and the rate on a small screen.
  if (document.activeElement === scan && !window.location.hash) window.scrollTo(0, 0);
  const ready = document.querySelector("[data-scanner]");
  ready.hidden = false;
  const say = () => { ready.classList.toggle("off", document.activeElement !== scan); };
  document.addEventListener("focusin", say);
  document.addEventListener("focusout", say);
  scan.addEventListener("paste", (event) => event.preventDefault());
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const inField = event.target.closest("input, select, textarea, button, summary, a, dialog");
    if (!inField && /^[PCNpcn]$/.test(event.key)) scan.focus();
  });
}

// "?" lists the keys, each with the label of what it presses.
const keys = document.getElementById("keys");
const opener = document.querySelector("[data-keys]");
if (keys && opener) {
  opener.hidden = false;
  const list = () => {
    const rows = [...document.querySelectorAll("[accesskey]")].filter((one) => one.offsetParent !== null).map((one) => {
      const term = document.createElement("dt");
      term.textContent = "Alt + " + one.accessKey.toUpperCase();
      const meaning = document.createElement("dd");
      meaning.textContent = one.labels?.length ? one.labels[0].firstChild.textContent : one.textContent.replace(/Alt\+.$/, "").trim();
      return [term, meaning];
    });
    keys.querySelector("dl").replaceChildren(...rows.flat());
    keys.showModal();
  };
  opener.addEventListener("click", list);
  document.addEventListener("keydown", (event) => {
    if (event.key === "?" && !event.target.closest("input, textarea")) { event.preventDefault(); list(); }
  });
}

// Alt and the letter that stands on a button press it, in every browser alike.
document.addEventListener("keydown", (event) => {
  if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || !/^Key[A-Z]$/.test(event.code)) return;
  const letter = event.code.slice(3).toLowerCase();
  const wanted = [...document.querySelectorAll(`[accesskey="${letter}"]`)].find((one) => one.offsetParent !== null);
  if (!wanted) return;
  event.preventDefault();
  wanted.focus();
  if (!wanted.matches("input, select, textarea")) wanted.click();
});
