// Bars, drawn for the width that there is. Each bar says what it is when it is pointed at.

const LEFT = 46, BOTTOM = 24, TOP = 8;
const MOST_BARS = 92;

// Steps of an axis: 1, 2 or 5 times a power of ten, about four of them.
function stepsTo(most, whole) {
  const rough = (most || 1) / 4, power = 10 ** Math.floor(Math.log10(rough));
  let step = [1, 2, 5, 10].map((times) => times * power).find((size) => size >= rough);
  if (whole) step = Math.max(1, Math.round(step));
  const steps = [];
  for (let place = 0; place * step < most + step; place++) steps.push(place * step);
  return steps;
}

// Draws stacked bars: `bars` have a label, a title, and parts (amount and the name of its colour).
function drawBars(place, { bars, whole, onopen, label, height = 150 }) {
  const width = Math.max(280, place.clientWidth);
  const total = (bar) => bar.parts.reduce((sum, part) => sum + part.amount, 0);
  const steps = stepsTo(Math.max(0, ...bars.map(total)), whole);
  const top = steps.at(-1);
  const y = (amount) => TOP + (height - TOP - BOTTOM) * (1 - amount / top);
  const wide = (width - LEFT) / bars.length, gap = Math.min(4, wide * 0.2);
  const drawing = shape("svg", {
    width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label,
  });
  const digits = new Intl.NumberFormat("en", { maximumSignificantDigits: 3, notation: "compact" });
  for (const step of steps) {
    drawing.append(
      shape("line", { class: "grid", x1: LEFT, x2: width, y1: y(step), y2: y(step) }),
      shape("text", { x: LEFT - 6, y: y(step) + 4, "text-anchor": "end", text: digits.format(step) }),
    );
  }
  const every = Math.ceil(bars.length / Math.max(1, Math.floor((width - LEFT) / 62)));
  bars.forEach((bar, at) => {
    const left = LEFT + at * wide;
    let below = 0;
    for (const { amount, colour } of bar.parts) {
      if (!(amount > 0)) continue;
      drawing.append(shape("rect", {
        class: `part ${colour}`, x: left + gap / 2, width: Math.max(0.5, wide - gap),
        y: y(below + amount), height: Math.max(0, y(below) - y(below + amount)),
      }));
      below += amount;
    }
    if (at % every === 0) {
      drawing.append(shape("text", {
        x: left + wide / 2, y: height - 6, "text-anchor": "middle", text: bar.label,
      }));
    }
    drawing.append(shape("rect", {
      class: onopen ? "area opens" : "area", x: left, width: wide, y: TOP, height: height - TOP - BOTTOM,
      onclick: onopen ? () => onopen(bar) : null,
    }, shape("title", { text: bar.title })));
  });
  place.replaceChildren(drawing);
}

// A card with a chart; it is drawn again when the window changes its width.
function chartCard({ title, note, legend, draw }) {
  const place = element("div", { class: "chart" });
  let width = 0;
  new ResizeObserver(() => {
    if (place.clientWidth === width) return;
    width = place.clientWidth;
    draw(place);
  }).observe(place);
  return element("div", { class: "card" },
    element("h2", { text: title }),
    note ? element("p", { class: "quiet", text: note }) : null,
    legend ? element("ul", { class: "legend" }, ...legend.map(([colour, text]) => (
      element("li", {}, element("span", { class: `swatch ${colour}` }), text)))) : null,
    place);
}
