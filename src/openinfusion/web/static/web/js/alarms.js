// What a screen does with alarms besides showing them: it tells the record which it has shown, it sounds, and it says when nobody can hear it.
// Which alarms there are, and which of them sound, the server says; nothing clinical is decided here.

const bar = document.getElementById("sound");
const clockRoot = document.querySelector("[data-now]");
const ahead = clockRoot ? new Date(clockRoot.dataset.now).getTime() - Date.now() : 0;
const present = () => Date.now() + ahead;
const HZ = { high: [880, 880, 988, 880, 988], medium: [660, 660, 784], low: [520] };
const EVERY_MS = { high: 6000, medium: 12000, low: 30000 };
const ORDER = ["high", "medium", "low"];
const PULSE_S = 0.16, GAP_S = 0.12, SHOWN_WITHIN_MS = 1500, LOOK_MS = 500;

const kept = (name) => { try { return JSON.parse(localStorage.getItem(name)); } catch { return null; } };
const keep = (name, value) => { try { localStorage.setItem(name, JSON.stringify(value)); } catch { /* the screen forgets */ } };
if (!kept("screen")) keep("screen", `screen-${Math.random().toString(36).slice(2, 8)}`);
const screenName = () => kept("screen") ?? "screen";
const token = () => bar.querySelector("[name=csrfmiddlewaretoken]").value;
const identity = () => crypto.randomUUID?.() ?? "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (c) => (c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (c / 4)))).toString(16));

// Shown: an alarm that no screen has told of yet, on a page that somebody can see.
const told = new Set();
function tellShown() {
  if (document.hidden) return;
  for (const alarm of document.querySelectorAll("[data-alarm]:not([data-shown])")) {
    const name = `${alarm.dataset.session} ${alarm.dataset.alarm} ${alarm.dataset.raised}`;
    if (told.has(name) || !isInView(alarm)) continue;
    told.add(name);
    // Of many screens one is enough: each waits a little, and who sees that another was faster says nothing.
    setTimeout(() => {
      const now = [...document.querySelectorAll("[data-alarm]")].find((one) => `${one.dataset.session} ${one.dataset.alarm} ${one.dataset.raised}` === name);
      if (now && !("shown" in now.dataset)) send(now.dataset.session, { type: "ShowAlarm", key: now.dataset.alarm, screen: screenName() }, name);
    }, Math.random() * SHOWN_WITHIN_MS);
  }
}

function isInView(element) {
  const box = element.getBoundingClientRect();
  return box.width > 0 && box.bottom > 0 && box.top < innerHeight;
}

async function send(session, command, name) {
  const body = JSON.stringify({ command_id: identity(), occurred_at: new Date(present()).toISOString(), command });
  const to = bar.dataset.commands.replace("00000000-0000-0000-0000-000000000000", session);
  try {
    const answer = await fetch(to, { method: "POST", body, headers: { "Content-Type": "application/json", "X-CSRFToken": token() } });
    if (!answer.ok) setTimeout(() => told.delete(name), 5000);
  } catch {
    setTimeout(() => told.delete(name), 5000);
  }
}

// Sound.
let audio = null, isLost = false, next = 0, sounded = "";
function play(priority, from = 0) {
  HZ[priority].forEach((hz, n) => {
    const tone = audio.createOscillator(), loud = audio.createGain(), at = audio.currentTime + from + n * (PULSE_S + GAP_S);
    tone.frequency.value = hz;
    tone.type = "triangle";
    loud.gain.setValueAtTime(0, at);
    loud.gain.linearRampToValueAtTime(0.6, at + 0.02);
    loud.gain.setValueAtTime(0.6, at + PULSE_S - 0.03);
    loud.gain.linearRampToValueAtTime(0, at + PULSE_S);
    tone.connect(loud).connect(audio.destination);
    tone.start(at);
    tone.stop(at + PULSE_S);
  });
}

function wake() {
  const Audio = window.AudioContext;
  if (!Audio) return Promise.resolve(false);
  audio ??= new Audio();
  return audio.state === "running" ? Promise.resolve(true) : Promise.race([audio.resume().then(() => audio.state === "running"), new Promise((done) => setTimeout(() => done(false), 400))]);
}

// The gravest of what sounds now. A pause that has run out is over here too, before the server says so; without the server it is over at once.
function sounding() {
  const found = [...document.querySelectorAll("[data-sounding]")].map((one) => {
    const isPaused = one.dataset.pausedUntil && present() < new Date(one.dataset.pausedUntil).getTime() && !isLost;
    return isPaused ? one.dataset.sounding : one.dataset.then;
  });
  if (isLost) found.push("medium");
  return ORDER.find((one) => found.includes(one)) ?? "";
}

function sound() {
  const now = sounding();
  if (now !== sounded) next = 0;
  sounded = now;
  if (!now || !audio || audio.state !== "running" || Date.now() < next) return;
  next = Date.now() + EVERY_MS[now];
  play(now);
}

function tested() {
  const last = kept("sound-test");
  return last && last.login === bar.dataset.login && Date.now() - last.at < Number(bar.dataset.every) * 1000 ? last : null;
}

function say() {
  const last = tested(), runs = audio?.state === "running";
  const isOn = Boolean(last?.heard) && runs;
  bar.querySelector("[data-sound-on]").hidden = !isOn;
  bar.querySelector("[data-sound-off]").hidden = isOn;
  bar.querySelector("[data-untested]").hidden = Boolean(last);
  bar.querySelector("[data-unheard]").hidden = !last || last.heard;
  bar.querySelector("[data-blocked]").hidden = !last?.heard || runs;
  bar.querySelector("[data-screen-name]").textContent = screenName();
}

const asked = bar.querySelector("[data-sound-asked]");
for (const button of bar.querySelectorAll("[data-sound-test]")) {
  button.addEventListener("click", async () => {
    const runs = await wake();
    if (!runs) return report(false, window.AudioContext ? "blocked" : "no-audio");
    let from = 0;
    for (const priority of ORDER) {
      play(priority, from);
      from += HZ[priority].length * (PULSE_S + GAP_S) + 0.5;
    }
    asked.screen.value = screenName();
    asked.hidden = false;
    asked.querySelector("button").focus();
  });
}
asked.addEventListener("submit", (event) => {
  event.preventDefault();
  event.stopPropagation();
  const name = asked.screen.value.trim();
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) keep("screen", name);
  asked.hidden = true;
  report(event.submitter?.value === "yes", "");
}, true);

async function report(heard, why) {
  keep("sound-test", { at: Date.now(), login: bar.dataset.login, heard: heard && !why });
  say();
  const body = new URLSearchParams({ csrfmiddlewaretoken: token(), command_id: identity(), screen: screenName(), heard: heard ? "yes" : "no", why });
  try { await fetch(bar.dataset.report, { method: "POST", body }); } catch { /* the bar says it; the record learns of it at the next test */ }
}

// A silence that a person asks for names the screen it was asked at.
document.addEventListener("submit", (event) => {
  const field = event.target.querySelector?.("[data-own-screen]");
  if (field) field.value = screenName();
}, true);

document.body.addEventListener("htmx:sseOpen", () => { isLost = false; });
document.body.addEventListener("htmx:sseError", () => { isLost = true; });
for (const gesture of ["pointerdown", "keydown"]) document.addEventListener(gesture, () => wake().then(say), { passive: true });
wake().then(say);
setInterval(() => { tellShown(); sound(); say(); }, LOOK_MS);
