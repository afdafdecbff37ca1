// Counts and sums of some rows.

function countOutcomes(calls, rows) {
  const counts = [0, 0, 0];
  for (const row of rows) counts[calls.outcome[row]]++;
  const told = counts[SUCCEEDED] + counts[FAILED];
  return { calls: rows.length, told, success: told ? counts[SUCCEEDED] / told : NaN };
}

// Groups rows by a column: calls, successes, seconds, and the rows themselves.
function groupBy(column, rows) {
  const groups = new Map();
  for (const row of rows) {
    const place = column[row];
    if (!groups.has(place)) groups.set(place, []);
    groups.get(place).push(row);
  }
  return groups;
}

function sumOf(column, rows) {
  let sum = 0, count = 0;
  for (const row of rows) {
    if (Number.isNaN(column[row])) continue;
    sum += column[row];
    count++;
  }
  return { sum, count };
}

// All responses of some calls, sorted.
function responsesOf(calls, rows) {
  let count = 0;
  for (const row of rows) count += calls.responseStarts[row + 1] - calls.responseStarts[row];
  const found = new Float32Array(count);
  let place = 0;
  for (const row of rows) {
    for (let at = calls.responseStarts[row]; at < calls.responseStarts[row + 1]; at++) {
      found[place++] = calls.responses[at];
    }
  }
  return found.sort();
}

// The smallest response that at least this share does not exceed, as SQL's percentile_disc.
function percentile(sorted, share) {
  return sorted.length ? sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] : NaN;
}

// What was charged in each currency, and the price of a minute of the calls whose length is known.
function costsOf(calls, rows) {
  return [...groupBy(calls.currency, rows)].filter(([place]) => place).map(([place, charged]) => {
    let cost = 0, timed = 0, seconds = 0;
    for (const row of charged) {
      cost += calls.cost[row];
      if (Number.isNaN(calls.duration[row])) continue;
      timed += calls.cost[row];
      seconds += calls.duration[row];
    }
    return {
      currency: calls.words.currency[place - 1], cost, calls: charged.length,
      perMinute: seconds ? (60 * timed) / seconds : NaN,
    };
  }).sort((one, other) => other.calls - one.calls);
}
