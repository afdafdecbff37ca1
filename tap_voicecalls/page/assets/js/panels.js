// Charts, why calls end, and how fast agents answer.

const FEW = 8, MANY = 12;

function showCharts(calls, rows, setFilters) {
  const perDayCard = perDay(calls, rows, setFilters);
  byId("per-day").replaceChildren(...(perDayCard ? [perDayCard] : []));
  byId("charts").replaceChildren(...[perHour(calls, rows), ...costPerDay(calls, rows)].filter(Boolean));
}

// The days of some calls in as many pieces as can be seen: days, weeks, or longer.
function piecesOf(calls, rows) {
  let first = Infinity, last = -Infinity;
  for (const row of rows) {
    const day = calls.day[row];
    if (day === NO_DAY) continue;
    if (day < first) first = day;
    if (day > last) last = day;
  }
  if (first > last) return null;
  const size = [1, 7, 28, 91, 364].find((days) => (last - first + 1) / days <= MOST_BARS) ?? 3640;
  const count = Math.floor((last - first) / size) + 1;
  const name = { 1: "day", 7: "week" }[size] ?? `${size} days`;
  const pieces = Array.from({ length: count }, (_, at) => {
    const start = first + at * size, end = Math.min(last, start + size - 1);
    const days = size === 1 ? formatDay(start) : `${formatDay(start)} to ${formatDay(end)}`;
    return { start, end, label: formatDay(start, true), days };
  });
  return { pieces, name, at: (day) => Math.floor((day - first) / size) };
}

function perDay(calls, rows, setFilters) {
  const days = piecesOf(calls, rows);
  if (!days) return null;
  const counts = days.pieces.map(() => [0, 0, 0]);
  for (const row of rows) {
    if (calls.day[row] !== NO_DAY) counts[days.at(calls.day[row])][calls.outcome[row]]++;
  }
  const bars = days.pieces.map((piece, at) => {
    const [unknown, succeeded, failed] = counts[at];
    const share = formatPercent(succeeded / (succeeded + failed));
    return {
      ...piece,
      title: `${piece.days}: ${formatCount(unknown + succeeded + failed)} calls, success ${share}`,
      parts: [{ amount: succeeded, colour: "good" }, { amount: failed, colour: "bad" },
        { amount: unknown, colour: "dim" }],
    };
  });
  const title = `Calls per ${days.name}`;
  const onopen = ({ start, end }) => setFilters({ period: "custom", from: isoDay(start), to: isoDay(end) });
  return chartCard({
    title, legend: [["good", OUTCOMES[1]], ["bad", OUTCOMES[2]],
      ...(counts.some(([unknown]) => unknown) ? [["dim", OUTCOMES[0]]] : [])],
    draw: (place) => drawBars(place, { bars, whole: true, onopen, label: title, height: 280 }),
  });
}

function perHour(calls, rows) {
  const counts = Array(24).fill(0);
  for (const row of rows) if (calls.day[row] !== NO_DAY) counts[calls.hour[row]]++;
  if (!counts.some(Boolean)) return null;
  const bars = counts.map((amount, hour) => ({
    label: String(hour), title: `${hour}:00 to ${hour + 1}:00: ${formatCount(amount)} calls`,
    parts: [{ amount, colour: "plain" }],
  }));
  return chartCard({
    title: "Hours of the day",
    draw: (place) => drawBars(place, { bars, whole: true, label: "Calls per hour of the day" }),
  });
}

const MOST_CURRENCIES = 2;

function costPerDay(calls, rows) {
  const days = piecesOf(calls, rows);
  if (!days) return [];
  return costsOf(calls, rows).slice(0, MOST_CURRENCIES).map(({ currency }) => {
    const place = calls.words.currency.indexOf(currency) + 1;
    const sums = days.pieces.map(() => 0);
    for (const row of rows) {
      if (calls.currency[row] === place && calls.day[row] !== NO_DAY) {
        sums[days.at(calls.day[row])] += calls.cost[row];
      }
    }
    const title = `Cost per ${days.name}, ${currency || "no currency told"}`;
    const bars = days.pieces.map((piece, at) => ({
      ...piece, title: `${piece.days}: ${formatMoney(sums[at], currency)}`,
      parts: [{ amount: sums[at], colour: "plain" }],
    }));
    return chartCard({ title, draw: (space) => drawBars(space, { bars, label: title }) });
  });
}

function showReasons(calls, rows, setFilters) {
  const groups = [...groupBy(calls.reason, rows)].sort(([, one], [, other]) => other.length - one.length);
  const most = groups.length ? groups[0][1].length : 1;
  const columns = [
    { name: "reason", label: "Reason", cell: ([place]) => chooseButton(
      formatWord(calls.words.reason[place - 1]), () => setFilters({ reason: place })) },
    { name: "share", label: "Share", number: true, cell: ([, group]) => formatPercent(group.length / rows.length) },
    { name: "count", label: "Calls", number: true, cell: ([, group]) => formatCount(group.length) },
    { name: "bar", label: "", cell: ([, group]) => barOf(group.length / most), minor: true },
    { name: "length", label: "Average length", number: true, minor: true, cell: ([, group]) => {
      const { sum, count } = sumOf(calls.duration, group);
      return formatLength(sum / count);
    } },
  ];
  byId("reasons").replaceChildren(...tableOf({
    title: "Why calls end", columns, rows: groups, step: FEW, noun: "reasons",
  }));
}

function chooseButton(text, onclick) {
  return element("button", { type: "button", class: "choose", dir: "auto", text, onclick });
}

function barOf(share) {
  const bar = element("span", { class: "bar" });
  bar.style.width = `${100 * share}%`;
  return bar;
}

let agentSorting = { by: "nine", order: "descending" };

function showAgents(calls, rows, setFilters) {
  const agents = [...groupBy(calls.agent, rows)].filter(([place]) => place).map(([place, group]) => {
    const sorted = responsesOf(calls, group);
    return {
      place, name: calls.places.agent[place], calls: group.length,
      success: countOutcomes(calls, group).success,
      half: percentile(sorted, 0.5), nine: percentile(sorted, 0.9), most: percentile(sorted, 0.99),
    };
  });
  const seconds = (name, label, minor = false) => ({
    name, label, number: true, minor, cell: (agent) => formatSeconds(agent[name]), sort: (agent) => agent[name],
  });
  const columns = [
    { name: "agent", label: "Agent", sort: (agent) => agent.name,
      cell: (agent) => chooseButton(agent.name, () => setFilters({ agent: agent.place })) },
    seconds("half", "Median"), seconds("nine", "90 %"), seconds("most", "99 %", true),
    { name: "success", label: "Success", number: true, sort: (agent) => agent.success,
      cell: (agent) => formatPercent(agent.success, 0) },
    { name: "calls", label: "Calls", number: true, minor: true, sort: (agent) => agent.calls,
      cell: (agent) => formatCount(agent.calls) },
  ];
  byId("agents").replaceChildren(...tableOf({
    title: "Answer time by agent", noun: "agents", columns,
    note: "Seconds from the end of the caller's speech until the agent speaks: half, 90 % and 99 % of the answers are faster.",
    step: MANY, rows: sortRows(agents, columns, agentSorting), sorting: agentSorting,
    onsort: (column) => {
      agentSorting = nextSorting(agentSorting, column);
      showAgents(calls, rows, setFilters);
    },
  }));
}
