// What stands at the top: success and its change, calls, answers, length, cost.

const SUCCESS_NOTE = "A call succeeds where its provider says so, "
  + "or, where the provider gives no verdict, when it was completed.";

function showHeadline(calls, filters, rows) {
  const [week, before] = weeksOf(calls, filters)
    .map((days) => countOutcomes(calls, selectRows(calls, filters, days)));
  const all = countOutcomes(calls, rows);
  byId("headline").replaceChildren(
    cardOf(`Success, ${periodTold(filters).toLowerCase()}`, formatPercent(all.success), [
      changeOfSuccess(week, before),
      element("span", { text: `${formatCount(all.told)} of ${formatCount(all.calls)} calls with a known outcome` }),
    ], "main", SUCCESS_NOTE),
    cardOf("Calls", formatCount(all.calls), [changeOfCalls(week, before)]),
    answerCard(calls, rows),
    lengthCard(calls, rows),
    ...costCards(calls, rows),
  );
}

function cardOf(name, value, notes, kind = "", hint = "") {
  return element("div", { class: `figure card ${kind}`, "data-figure": name.split(",")[0] },
    element("h2", { text: name }),
    element("p", { class: "value", text: value }),
    ...notes.filter(Boolean).map((note) => element("p", { class: "quiet" }, note)),
    hint ? element("p", { class: "quiet hint", text: hint }) : null);
}

function changeOfSuccess(week, before) {
  if (!before.told || !week.told) return "No week before to compare with";
  const points = Math.round(1000 * (week.success - before.success)) / 10;
  const told = `last 7 days ${formatPercent(week.success)}, the week before ${formatPercent(before.success)}`;
  const word = points > 0 ? "better" : points < 0 ? "worse" : "same";
  const sign = { better: "▲", worse: "▼", same: "=" }[word];
  return element("span", {},
    element("strong", { class: `change ${word}`, text: `${sign} ${Math.abs(points).toFixed(1)} points` }),
    ` on the week before: ${told}`);
}

function changeOfCalls(week, before) {
  if (!before.calls) return `${formatCount(week.calls)} in the last 7 days`;
  return `Last 7 days ${formatCount(week.calls)}, the week before ${formatCount(before.calls)}`;
}

function answerCard(calls, rows) {
  const sorted = responsesOf(calls, rows);
  if (!sorted.length) return cardOf("Answer time", NONE, ["No response times in these calls"]);
  return cardOf("Answer time", formatSeconds(percentile(sorted, 0.5)), [
    `Median. 9 of 10 within ${formatSeconds(percentile(sorted, 0.9))}`,
    `${formatCount(sorted.length)} answers measured`,
  ]);
}

function lengthCard(calls, rows) {
  const { sum, count } = sumOf(calls.duration, rows);
  return cardOf("Minutes", formatCount(sum / 60), [
    count ? `${formatLength(sum / count)} a call on average` : "No lengths in these calls",
  ]);
}

// One card for all currencies: no two are added up.
function costCards(calls, rows) {
  const costs = costsOf(calls, rows);
  if (!costs.length) return [cardOf("Cost", NONE, ["No cost in these calls"])];
  const [first, ...others] = costs;
  const told = (cost, amount) => formatMoney(amount, cost.currency) + (cost.currency ? "" : " (currency not told)");
  const perMinute = (cost) => (
    Number.isNaN(cost.perMinute) ? null : `${formatMoney(cost.perMinute, cost.currency)} a minute`);
  return [cardOf("Cost", told(first, first.cost), [
    perMinute(first),
    ...others.map((other) => [`and ${told(other, other.cost)}`, perMinute(other)].filter(Boolean).join(", ")),
  ])];
}
