// One call: its facts, where its recordings are, and what was said.

const MOST_TURNS = 300;
const ROLES = { caller: "Caller", agent: "Agent", system: "System", tool: "Tool", unknown: "Unknown" };
const RECORDING_STATUSES = {
  archived: "Archived", off: "Not archived", missing: "Missing at the provider", refused: "Refused",
  too_large: "Too large to archive", expired: "Link expired",
};

function addressOf(calls, row) {
  const [provider, account] = calls.words.account[calls.account[row] - 1];
  return `#call=${[provider, account, calls.ids[row]].map(encodeURIComponent).join("/")}`;
}

function rowOf(calls, address) {
  return calls.ids.findIndex((id, row) => (
    address.endsWith(encodeURIComponent(id)) && addressOf(calls, row) === address));
}

async function openCall(calls, row) {
  await calls.textsLoaded;
  const { details, turns, recordings } = await loadDetails(calls, row);
  const dialog = byId("call");
  const title = calls.agent[row] ? calls.places.agent[calls.agent[row]] : "A call without an agent";
  dialog.replaceChildren(
    element("header", {},
      element("h2", { id: "call-title", dir: "auto", text: title }),
      element("button", { type: "button", class: "close", text: "Close", onclick: () => dialog.close() })),
    element("p", { class: "quiet", text: `${calls.clock.exact(calls.started[row])}, `
      + `${calls.places.account[calls.account[row]]}` }),
    factsOf(factRows(calls, row, details)),
    ...recordingsOf(recordings),
    ...turnsOf(turns),
    element("h3", { text: "All that is known of it" }),
    factsOf(otherFacts(calls, row, details)),
  );
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
  if (location.hash !== addressOf(calls, row)) history.pushState(null, "", addressOf(calls, row));
}

function factRows(calls, row, details) {
  const status = formatWord(calls.words.status[calls.status[row] - 1]);
  const direction = calls.words.direction[calls.direction[row] - 1];
  return [
    ["End", [endOf(calls, row), OUTCOMES[calls.outcome[row]].toLowerCase()].join(", ")],
    ["Status", status],
    ["From", calls.callers[row] ?? "Not told"],
    ["To", calls.called[row] ?? "Not told"],
    ["Direction", formatWord(direction)],
    ["Length", formatLength(calls.duration[row])],
    ["Cost", Number.isNaN(calls.cost[row]) ? null : formatMoney(calls.cost[row], currencyOf(calls, row))],
    ["Transferred to", details.transferred_to],
    ["Summary", details.summary],
  ];
}

function otherFacts(calls, row, details) {
  const agent = calls.agent[row] ? calls.words.agent[calls.agent[row] - 1][2] : null;
  const { summary, transferred_to: _, ...others } = details;
  return [
    ...Object.entries(others).map(([name, value]) => [formatWord(name), factOf(calls, row, name, value)]),
    ["Agent's id", agent],
    ["Call id", calls.ids[row]],
  ];
}

function factOf(calls, row, name, value) {
  if (name.endsWith("_at")) return calls.clock.exact(Date.parse(value) / 1000);
  return name.startsWith("cost_") ? formatMoney(Number(value), currencyOf(calls, row)) : value;
}

function factsOf(facts) {
  return element("dl", { class: "facts" }, ...facts
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => element("div", {},
      element("dt", { text: name }), element("dd", { dir: "auto", text: String(value) }))));
}

function recordingsOf(recordings) {
  const told = recordings.length
    ? recordings.map(recordingOf)
    : [element("p", { class: "quiet", text: "None was loaded for this call." })];
  return [element("h3", { text: recordings.length > 1 ? "Recordings" : "Recording" }), ...told];
}

function recordingOf({ status, file, url, duration, size, type }) {
  const facts = [
    lookUp(RECORDING_STATUSES, status) ?? formatWord(status),
    duration === null ? null : formatLength(duration),
    size === null ? null : `${(size / 1e6).toFixed(1)} MB`,
    type,
  ].filter(Boolean).join(", ");
  return element("div", { class: "recording" },
    element("p", { text: facts }),
    file ? element("p", {}, element("code", { class: "place", text: file })) : null,
    url ? element("p", {}, linkOf(url)) : null);
}

// Only an address of the web is a link; whatever else stands there is text.
function linkOf(url) {
  const safe = /^https?:\/\//i.test(url);
  if (!safe) return element("code", { class: "place", text: url });
  return element("a", { class: "place", href: url, target: "_blank", rel: "noopener noreferrer", text: url });
}

function turnsOf(turns) {
  const list = element("ol", { class: "said" });
  const told = element("p", { class: "quiet shown" });
  let shown = 0;
  const more = element("button", { type: "button", class: "more", onclick: () => show() });
  function show() {
    for (const turn of turns.slice(shown, shown + MOST_TURNS)) list.append(turnOf(turn));
    shown = Math.min(turns.length, shown + MOST_TURNS);
    told.textContent = turns.length
      ? `${formatCount(shown)} of ${formatCount(turns.length)} turns` : "No turns were loaded for this call.";
    more.textContent = `Show ${formatCount(Math.min(MOST_TURNS, turns.length - shown))} more`;
    more.hidden = shown === turns.length;
  }
  show();
  return [element("h3", { text: "What was said" }), told, list, more];
}

function turnOf({ role, text, offset, interrupted, response, tool, args, result, failed }) {
  const known = lookUp(ROLES, role);
  const facts = [
    offset === null ? null : formatLength(offset),
    response === null ? null : `answered in ${formatSeconds(response)}`,
    interrupted ? "interrupted" : null,
    failed ? "failed" : null,
  ].filter(Boolean).join(", ");
  return element("li", { class: `turn ${known ? role : "unknown"}` },
    element("p", { class: "who" },
      element("strong", { text: known ?? role }), tool ? ` ${tool}` : null,
      facts ? element("span", { class: "quiet", text: ` ${facts}` }) : null),
    text === null ? null : element("p", { class: "text", dir: "auto", text }),
    args === null ? null : element("pre", { dir: "auto", text: args }),
    result === null ? null : element("pre", { dir: "auto", text: result }));
}
