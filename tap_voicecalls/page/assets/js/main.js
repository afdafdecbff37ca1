// The start, and what happens when a filter changes.

const NARROW = 700;

async function start() {
  const calls = await loadCalls();
  byId("made-up").hidden = !calls.header.madeUp;
  let zone = calls.header.zone ?? zoneOfReader();
  placeInZone(calls, zone);
  calls.clock = clockOf(zone);
  let filters = startingFilters(calls);
  tellAbout(calls);
  if (!calls.rows) {
    showProblem("No calls: the source that this page was made from holds none.");
    return;
  }

  const setFilters = (changes) => {
    filters = fitted(calls, { ...filters, ...changes });
    show();
  };
  const setZone = (chosen) => {
    zone = chosen;
    placeInZone(calls, zone);
    calls.clock = clockOf(zone);
    tellAbout(calls);
    show();
  };
  const list = () => showList(calls, filters, selectRows(calls, filters), calls.clock);
  function show() {
    const rows = selectRows(calls, filters);
    const focused = document.activeElement?.name;
    showControls(calls, filters, zone, { setFilters, setZone });
    if (focused) byId("controls").elements[focused]?.focus();
    showHeadline(calls, filters, rows);
    showCharts(calls, rows, setFilters);
    showReasons(calls, rows, setFilters);
    showAgents(calls, rows, setFilters);
    showList(calls, filters, rows, calls.clock);
  }

  byId("filters").open = window.innerWidth >= NARROW;
  byId("main").hidden = false;
  addFind((find) => {
    filters.find = find;
    list();
  });
  show();
  document.body.dataset.state = "shown";
  calls.textsLoaded = loadTexts(calls);
  await calls.textsLoaded;
  list();
  const dialog = byId("call");
  dialog.addEventListener("close", () => {
    if (location.hash) history.pushState(null, "", "#");
  });
  const follow = () => {
    const row = location.hash.startsWith("#call=") ? rowOf(calls, location.hash) : -1;
    if (row >= 0) openCall(calls, row);
    else if (dialog.open) dialog.close();
  };
  window.addEventListener("popstate", follow);
  follow();
  document.body.dataset.state = "ready";
}

function tellAbout(calls) {
  const { known, made } = calls.header;
  const count = known > calls.rows
    ? `The newest ${formatCount(calls.rows)} of ${formatCount(known)} calls` : `${formatCount(calls.rows)} calls`;
  const days = calls.lastDay >= calls.firstDay
    ? `, ${formatDay(calls.firstDay)} to ${formatDay(calls.lastDay)}` : "";
  byId("about").textContent = `${count}${days}. Page made ${calls.clock.exact(made)}.`;
}

function addFind(onfind) {
  const input = element("input", {
    type: "search", placeholder: "Find a number, id or agent", "aria-label": "Find in the list of calls",
    oninput: () => onfind(input.value),
  });
  byId("calls").replaceChildren(element("div", { class: "find" }, input), element("div", { id: "call-rows" }));
}

function showProblem(text) {
  byId("problem").textContent = text;
  byId("problem").hidden = false;
  document.body.dataset.state = "ready";
}

start().catch((error) => {
  showProblem("This browser cannot open the page: it needs Chrome 103, Firefox 113, Safari 16.4 or newer.");
  throw error;
});
