// The drawing over the clock, drawn again in the browser while values come. The server's own drawing stands until then, on paper, and wherever
// scripts do not run; every number stands in a table beside it. Nothing clinical is decided here.

const INK = "#14202b", SOFT = "#44525f", BLUE = "#0b4f8a", FAINT = "#e6f0f8", LIMIT = "#a3121b";
const AXIS = 52, ROW = 104, ENOUGH_MS = 2000, EACH_MS = 20000, LANES = 3;

for (const figure of document.querySelectorAll("[data-chart]")) begin(figure);

function begin(figure) {
  const place = figure.querySelector(".live-chart");
  if (!place || !window.uPlot) return;
  let plots = [], told = "", asked = 0, waiting = 0;

  async function look() {
    asked = Date.now();
    try {
      const answer = await fetch(figure.dataset.chart, { headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      const text = await answer.text();
      if (text !== told) draw(JSON.parse(text));
      told = text;
      figure.querySelector("[data-chart-old]").hidden = true;
    } catch {
      figure.querySelector("[data-chart-old]").hidden = !told;
    }
  }

  function draw(found) {
    for (const one of plots) one.destroy();
    place.replaceChildren();
    place.hidden = false;
    figure.querySelector(".drawn").classList.add("paper-only");
    const moments = found.strips.flatMap((strip) => [strip.x[0], strip.x.at(-1)]).concat(found.events.map((one) => one.at), found.now ?? []);
    const from = Math.min(...moments), to = Math.max(...moments, from + 600);
    plots = found.strips.map((strip, n) => plot(place, strip, found, { from, to, isFirst: n === 0, isLast: n === found.strips.length - 1, read }));
    width = place.clientWidth;
    const readout = place.appendChild(document.createElement("p"));
    readout.className = "readout";
    // What stands under the pointer, of all strips at once: the newest value until that moment.
    function read(at) {
      const said = at == null ? [] : found.strips.flatMap((strip) => strip.series.map((one) => {
        const i = strip.x.findLastIndex((x, n) => x <= at && one.y[n] != null);
        return i < 0 ? null : `${strip.series.length > 1 || strip.kind === "rate" ? `${strip.label} ${one.label}` : one.label} ${+one.y[i].toFixed(2)} ${strip.unit}`;
      }).filter(Boolean).slice(0, strip.kind === "rate" && (found.now == null || at <= found.now) ? 1 : 2));
      readout.textContent = said.length ? `${clock(at, found.zone)} · ${said.join(" · ")}` : "";
    }
  }

  function soon() {
    clearTimeout(waiting);
    waiting = setTimeout(look, Math.max(0, ENOUGH_MS - (Date.now() - asked)));
  }

  look();
  setInterval(() => { if (!document.hidden) look(); }, EACH_MS);
  document.body.addEventListener("htmx:sseMessage", (event) => { if (event.detail.type === "changed") soon(); });
  let width = 0;
  new ResizeObserver(() => {
    if (place.clientWidth === width || !plots.length) return;
    width = place.clientWidth;
    for (const one of plots) one.setSize({ width, height: one.height });
  }).observe(place);
}

function plot(place, strip, found, span) {
  const look = (n) => strip.kind === "rate"
    ? { stroke: BLUE, width: 3, fill: n ? undefined : FAINT, dash: n ? [6, 5] : undefined, points: { show: false } }
    : { stroke: n ? SOFT : INK, width: 1.5, dash: n ? [5, 3] : undefined, points: { show: true, size: 6, fill: n ? "#fff" : INK, stroke: INK } };
  const options = {
    title: `${strip.label}${strip.series.length > 1 && strip.kind !== "rate" ? `: ${strip.series.map((one, n) => `${"●○"[n] ?? "○"} ${one.label}`).join(", ")}` : ""}${strip.unit ? `, ${strip.unit}` : ""}`,
    width: place.clientWidth,
    height: ROW + (span.isFirst ? 47 : 0) + (span.isLast ? 24 : 0),
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), found.zone),
    cursor: { sync: { key: "session" }, drag: { x: false, y: false } },
    scales: { x: { range: [span.from, span.to] }, y: { range: (self, low, high) => around(strip, low, high) } },
    series: [{}, ...strip.series.map((one, n) => ({ label: one.label, spanGaps: true, ...look(n) }))],
    axes: [
      { stroke: INK, grid: { stroke: "#dde4e9", width: 1 }, size: span.isLast ? 28 : 4, font: "13px system-ui, sans-serif",
        values: (self, at) => (span.isLast ? at.map((one) => clock(one, found.zone)) : at.map(() => "")) },
      { stroke: INK, grid: { stroke: "#dde4e9", width: 1 }, size: AXIS, font: "13px system-ui, sans-serif" },
    ],
    padding: [span.isFirst ? 55 : 8, 14, 4, 0],
    legend: { show: false },
    hooks: {
      draw: [(self) => over(self, strip, found, span)],
      setCursor: [(self) => { if (self.cursor.event) span.read(self.cursor.left >= 0 ? self.posToVal(self.cursor.left, "x") : null); }],
    },
  };
  return new uPlot(options, [strip.x, ...strip.series.map((one) => one.y)], place);
}

function around(strip, low, high) {
  if (low == null || high == null) return [0, 1];
  if (strip.kind === "rate") return [0, high * 1.1 || 1];
  const room = (high - low) * 0.15 || Math.abs(high) * 0.05 || 1;
  return [low - room, high + room];
}

function clock(at, zone) {
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone }).format(at * 1000);
}

// What happened, the present and the alarm limits, over the curves.
function over(self, strip, found, span) {
  const draw = self.ctx, ratio = devicePixelRatio, box = self.bbox;
  draw.save();
  draw.lineWidth = ratio;
  const line = (x, dash, colour) => {
    draw.strokeStyle = colour;
    draw.setLineDash(dash.map((one) => one * ratio));
    draw.beginPath(); draw.moveTo(x, box.top); draw.lineTo(x, box.top + box.height); draw.stroke();
  };
  for (const one of found.events) line(self.valToPos(one.at, "x", true), [2, 3], SOFT);
  if (found.now) line(self.valToPos(found.now, "x", true), [4, 3], LIMIT);
  draw.font = `${12 * ratio}px system-ui, sans-serif`;
  for (const one of strip.limits ?? []) {
    const y = self.valToPos(one.y, "y", true);
    if (y < box.top || y > box.top + box.height) continue;
    draw.strokeStyle = LIMIT; draw.setLineDash([6 * ratio, 4 * ratio]);
    draw.beginPath(); draw.moveTo(box.left, y); draw.lineTo(box.left + box.width, y); draw.stroke();
    draw.fillStyle = LIMIT; draw.textAlign = "right"; draw.fillText(one.text, box.left + box.width - 4 * ratio, y - 4 * ratio);
  }
  if (span.isFirst) numbers(self, found.events, ratio, box);
  draw.restore();
}

function numbers(self, events, ratio, box) {
  const draw = self.ctx;
  draw.setLineDash([]);
  draw.textAlign = "center";
  draw.textBaseline = "middle";
  draw.font = `bold ${11 * ratio}px system-ui, sans-serif`;
  const ends = Array(LANES).fill(-Infinity);
  for (const one of events) {
    const x = self.valToPos(one.at, "x", true);
    const free = ends.findIndex((end) => x >= end);
    const lane = free < 0 ? LANES - 1 : free;
    ends[lane] = x + 20 * ratio;
    const y = box.top - (9 + lane * 17) * ratio;
    draw.beginPath(); draw.arc(x, y, 8.5 * ratio, 0, 7);
    draw.fillStyle = one.grave ? LIMIT : "#fff"; draw.fill();
    draw.strokeStyle = one.grave ? LIMIT : INK; draw.stroke();
    draw.fillStyle = one.grave ? "#fff" : INK; draw.fillText(String(one.n), x, y + ratio);
  }
}
