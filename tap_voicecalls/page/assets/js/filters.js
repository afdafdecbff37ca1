// Which calls are shown. A filter's value is a place in its column, 0 for all.

const COLUMNS = ["provider", "account", "agent", "direction", "reason"];
const WEEK = 7;

function startingFilters(calls) {
  const span = calls.lastDay - calls.firstDay + 1;
  return {
    period: span > 31 ? "30" : "all", from: "", to: "", outcome: "", find: "",
    ...Object.fromEntries(COLUMNS.map((column) => [column, 0])),
  };
}

// The first and last day of the period; calls without a start are in the period "all" only.
function daysOf(calls, filters) {
  if (filters.period === "all") return [-Infinity, Infinity];
  if (filters.period === "custom") {
    const day = (text, none) => (text ? Date.parse(`${text}T00:00:00Z`) / 86_400_000 : none);
    return [day(filters.from, NO_DAY + 1), day(filters.to, Infinity)];
  }
  return [calls.lastDay - Number(filters.period) + 1, calls.lastDay];
}

// Returns the rows that fit all filters, in the order of the calls: the newest first.
function selectRows(calls, filters, [first, last] = daysOf(calls, filters)) {
  const conditions = COLUMNS.filter((column) => filters[column])
    .map((column) => [calls[column], filters[column]]);
  if (filters.outcome !== "") conditions.push([calls.outcome, Number(filters.outcome)]);
  const rows = new Uint32Array(calls.rows);
  let count = 0;
  for (let row = 0; row < calls.rows; row++) {
    const day = calls.day[row];
    if (day < first || day > last) continue;
    if (conditions.every(([column, place]) => column[row] === place)) rows[count++] = row;
  }
  return rows.subarray(0, count);
}

// The last seven days of the period, and the seven before them.
function weeksOf(calls, filters) {
  const last = Math.min(daysOf(calls, filters)[1], calls.lastDay);
  return [[last - WEEK + 1, last], [last - 2 * WEEK + 1, last - WEEK]];
}
