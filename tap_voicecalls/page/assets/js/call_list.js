// The list of calls; each opens.

const PAGE = 20;
let listSorting = { by: "when", order: "descending" };

function showList(calls, filters, rows, clock) {
  const wanted = filters.find.trim().toLowerCase();
  const found = wanted && calls.ids ? findIn(calls, rows, wanted) : rows;
  const columns = listColumns(calls, clock);
  const sorted = listSorting.by === "when" && listSorting.order === "descending"
    ? found : sortRows(found, columns, listSorting);
  byId("call-rows").replaceChildren(...tableOf({
    title: "Calls", columns, rows: sorted, step: PAGE, noun: "calls", kind: "calls",
    sorting: listSorting, onopen: (row) => openCall(calls, row),
    onsort: (column) => {
      listSorting = nextSorting(listSorting, column);
      showList(calls, filters, rows, clock);
    },
  }));
}

function listColumns(calls, clock) {
  const people = (row) => [calls.callers?.[row], calls.called?.[row]].map((who) => who ?? NONE).join(" → ");
  return [
    { name: "when", label: "Started", sort: (row) => calls.started[row], descends: true,
      cell: (row) => element("button", { type: "button", class: "choose", text: clock.short(calls.started[row]) }) },
    { name: "end", label: "End", sort: (row) => endOf(calls, row),
      cell: (row) => element("span", {},
        element("span", { class: `dot ${["dim", "good", "bad"][calls.outcome[row]]}`, title: OUTCOMES[calls.outcome[row]] }),
        endOf(calls, row)) },
    { name: "agent", label: "Agent", sort: (row) => agentOf(calls, row),
      cell: (row) => element("span", { dir: "auto", text: agentOf(calls, row) }) },
    { name: "people", label: "From → to", cell: (row) => element("span", { dir: "auto", text: people(row) }) },
    { name: "direction", label: "Direction", minor: true,
      cell: (row) => formatWord(calls.words.direction[calls.direction[row] - 1]) },
    { name: "length", label: "Length", number: true, sort: (row) => calls.duration[row],
      cell: (row) => formatLength(calls.duration[row]) },
    { name: "turns", label: "Turns", number: true, minor: true, sort: (row) => calls.turns[row],
      cell: (row) => formatCount(calls.turns[row]) },
    { name: "cost", label: "Cost", number: true, minor: true, sort: (row) => calls.cost[row],
      cell: (row) => formatMoney(calls.cost[row], currencyOf(calls, row)) },
  ];
}

function agentOf(calls, row) {
  return calls.agent[row] ? calls.places.agent[calls.agent[row]] : calls.places.provider[calls.provider[row]];
}

function currencyOf(calls, row) {
  return calls.currency[row] ? calls.words.currency[calls.currency[row] - 1] : "";
}

// The reason, or the status where no reason is told.
function endOf(calls, row) {
  const reason = calls.words.reason[calls.reason[row] - 1];
  const status = calls.words.status[calls.status[row] - 1];
  return formatWord(reason === "unknown" ? status : reason);
}

function findIn(calls, rows, wanted) {
  return rows.filter((row) => [calls.ids[row], calls.callers[row], calls.called[row], agentOf(calls, row)]
    .some((text) => text?.toLowerCase().includes(wanted)));
}
