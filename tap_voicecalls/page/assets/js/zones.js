// Days and hours in a time zone. Asking for a zone's offset is slow, so each UTC day is asked twice:
// where both ends agree, so does the day; the day of a change is asked for every quarter of an hour.

const DAY = 86_400, QUARTER = 900;

function offsetsOf(zone) {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric",
    hour: "numeric", minute: "numeric", second: "numeric",
  });
  const ask = (seconds) => {
    const parts = Object.fromEntries(
      format.formatToParts(seconds * 1000).map((part) => [part.type, Number(part.value)]));
    return Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second)
      / 1000 - seconds;
  };
  const known = new Map();
  const once = (seconds) => {
    if (!known.has(seconds)) known.set(seconds, ask(seconds));
    return known.get(seconds);
  };
  return (seconds) => {
    const start = Math.floor(seconds / DAY) * DAY;
    const first = once(start);
    if (first === once(start + DAY)) return first;
    return once(Math.floor(seconds / QUARTER) * QUARTER);
  };
}

// Adds the columns `day` (days since the epoch) and `hour`; calls without a start have no day.
const NO_DAY = -0x80000000;

function placeInZone(calls, zone) {
  const offset = zone === "UTC" ? () => 0 : offsetsOf(zone);
  calls.day = new Int32Array(calls.rows);
  calls.hour = new Uint8Array(calls.rows);
  calls.firstDay = Infinity;
  calls.lastDay = -Infinity;
  for (let row = 0; row < calls.rows; row++) {
    const seconds = calls.started[row];
    if (Number.isNaN(seconds)) {
      calls.day[row] = NO_DAY;
      continue;
    }
    const local = seconds + offset(seconds), day = Math.floor(local / DAY);
    calls.day[row] = day;
    calls.hour[row] = Math.floor((local - day * DAY) / 3600);
    if (day < calls.firstDay) calls.firstDay = day;
    if (day > calls.lastDay) calls.lastDay = day;
  }
}

function clockOf(zone) {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone, day: "numeric", month: "short", hour: "2-digit", minute: "2-digit",
  });
  const exact = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone, dateStyle: "medium", timeStyle: "long",
  });
  const write = (seconds, by) => (Number.isNaN(seconds) ? "No time told" : by.format(seconds * 1000));
  return {
    short: (seconds) => write(seconds, format), exact: (seconds) => write(seconds, exact),
  };
}

function zoneOfReader() {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}
