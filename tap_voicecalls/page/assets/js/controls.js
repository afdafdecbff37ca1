// The filters' controls, and the time zone.

const PERIODS = [
  ["all", "All time"], ["1", "Last day"], ["7", "Last 7 days"], ["30", "Last 30 days"],
  ["90", "Last 90 days"], ["custom", "From … to …"],
];
const LABELS_OF_FILTERS = {
  period: "Time", provider: "Provider", account: "Account", agent: "Agent",
  direction: "Direction", outcome: "Outcome", reason: "End", zone: "Time zone",
};

function controlOf(name, control) {
  return element("label", { class: `control ${name}` }, element("span", { text: LABELS_OF_FILTERS[name] ?? name }), control);
}

function selectOf(name, options, value, onchange) {
  const select = element("select", { name, onchange: () => onchange(select.value) },
    ...options.map(([key, text]) => element("option", { value: key, text })));
  select.value = value;
  return controlOf(name, select);
}

// Options of a column: all of its names, as far as the filters before it leave them.
function optionsOf(calls, filters, column) {
  const words = calls.words[column];
  const provider = filters.provider ? calls.words.provider[filters.provider - 1] : null;
  const account = filters.account ? calls.words.account[filters.account - 1] : null;
  const left = words.map((word, at) => [at + 1, word]).filter(([, word]) => {
    if (column !== "account" && column !== "agent") return true;
    if (provider && word[0] !== provider) return false;
    return column === "account" || !account || (word[0] === account[0] && word[1] === account[1]);
  });
  const named = left.map(([place, word]) => [
    String(place), calls.places[column]?.[place] ?? formatWord(word)]);
  return [["0", "All"], ...named.sort(([, one], [, other]) => one.localeCompare(other))];
}

// What a choice of a provider or an account leaves out is chosen no longer.
function fitted(calls, filters) {
  const found = { ...filters };
  for (const column of ["account", "agent"]) {
    const left = new Set(optionsOf(calls, found, column).map(([place]) => Number(place)));
    if (!left.has(found[column])) found[column] = 0;
  }
  return found;
}

function zonesToChoose(calls, chosen) {
  const first = [chosen, zoneOfReader(), "UTC"];
  const all = Intl.supportedValuesOf ? Intl.supportedValuesOf("timeZone") : [];
  return [...new Set([...first, ...all])].map((zone) => [zone, zone.replaceAll("_", " ")]);
}

function showControls(calls, filters, zone, { setFilters, setZone }) {
  const choose = (column) => selectOf(column, optionsOf(calls, filters, column),
    String(filters[column]), (value) => setFilters({ [column]: Number(value) }));
  const day = (name) => {
    const input = element("input", { type: "date", name, "aria-label": name === "from" ? "From" : "To",
      onchange: () => setFilters({ [name]: input.value }) });
    input.value = filters[name];
    return input;
  };
  const outcomes = [["", "All"], ...[SUCCEEDED, FAILED, 0].map((place) => [String(place), OUTCOMES[place]])];
  byId("controls").replaceChildren(
    selectOf("period", PERIODS, filters.period, (period) => setFilters({ period })),
    ...(filters.period === "custom" ? [element("div", { class: "control days" }, day("from"), day("to"))] : []),
    ...["provider", "account", "agent", "direction"].map(choose),
    selectOf("outcome", outcomes, filters.outcome, (outcome) => setFilters({ outcome })),
    choose("reason"),
    selectOf("zone", zonesToChoose(calls, zone), zone, setZone),
    element("button", { type: "button", class: "reset", text: "Reset", onclick: () => setFilters(startingFilters(calls)) }),
  );
  byId("filters-told").textContent = filtersTold(calls, filters);
}

function periodTold({ period, from, to }) {
  if (period !== "custom") return PERIODS.find(([key]) => key === period)[1];
  return from === to ? from || "All time" : `${from || "…"} to ${to || "…"}`;
}

function filtersTold(calls, filters) {
  const chosen = COLUMNS.filter((column) => filters[column])
    .map((column) => calls.places[column]?.[filters[column]] ?? formatWord(calls.words[column][filters[column] - 1]));
  const outcome = filters.outcome === "" ? [] : [OUTCOMES[Number(filters.outcome)]];
  return [periodTold(filters), ...chosen, ...outcome].join(" · ");
}
