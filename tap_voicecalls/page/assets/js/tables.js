// A table that says how many of its rows it shows, and shows more when asked.

// A column: its label, what stands in a row's cell, whether it is a number, what it is sorted by.
// A column that `descends` is sorted the greatest first, as numbers are. `minor` columns are left out where the window is narrow.
function tableOf({ title, note, columns, rows, step, noun, sorting, onsort, onopen, kind }) {
  const body = element("tbody");
  const told = element("p", { class: "quiet shown", role: "status" });
  const more = element("button", { type: "button", class: "more", onclick: () => show(step) });
  let shown = 0;

  function show(count) {
    const next = rows.slice(shown, shown + count);
    for (const row of next) body.append(lineOf(row, columns, onopen));
    shown += next.length;
    told.textContent = `${formatCount(shown)} of ${formatCount(rows.length)} ${noun}`;
    const left = Math.min(step, rows.length - shown);
    more.textContent = `Show ${formatCount(left)} more`;
    more.hidden = left === 0;
  }

  const head = element("tr", {}, ...columns.map((column) => headOf(column, sorting, onsort)));
  show(step);
  const table = element("table", { class: kind },
    element("caption", { text: title }), element("thead", {}, head), body);
  return [
    element("h2", { text: title }),
    note ? element("p", { class: "quiet", text: note }) : null,
    element("div", { class: "scroll" }, table),
    element("div", { class: "foot" }, told, more),
  ].filter(Boolean);
}

function classOf({ number, minor, name }) {
  return [name, number && "number", minor && "minor"].filter(Boolean).join(" ");
}

function headOf(column, sorting, onsort) {
  if (!onsort || !column.sort) {
    return element("th", { scope: "col", class: classOf(column), text: column.label });
  }
  const sorted = sorting.by === column.name ? sorting.order : "none";
  const arrow = { ascending: " ▲", descending: " ▼", none: "" }[sorted];
  return element("th", { scope: "col", class: classOf(column), "aria-sort": sorted },
    element("button", { type: "button", text: column.label + arrow, onclick: () => onsort(column) }));
}

function lineOf(row, columns, onopen) {
  const cells = columns.map((column) => {
    const content = column.cell(row);
    const cell = element("td", { class: classOf(column) });
    if (content instanceof Node) cell.append(content);
    else cell.textContent = content;
    return cell;
  });
  return element("tr", onopen ? { class: "opens", onclick: () => onopen(row) } : {}, ...cells);
}

// Sorts by a column; what has no value comes last, whatever the order.
function sortRows(rows, columns, { by, order }) {
  const key = columns.find((column) => column.name === by).sort;
  const sign = order === "ascending" ? 1 : -1;
  const none = (value) => value === null || Number.isNaN(value);
  return [...rows].map((row) => [key(row), row]).sort(([one], [other]) => {
    if (none(one) || none(other)) return Number(none(one)) - Number(none(other));
    return sign * (typeof one === "string" ? one.localeCompare(other) : one - other);
  }).map(([, row]) => row);
}

function nextSorting({ by, order }, column) {
  if (by !== column.name) return { by: column.name, order: column.number || column.descends ? "descending" : "ascending" };
  return { by, order: order === "descending" ? "ascending" : "descending" };
}
