// Numbers, times and words as a reader of the page sees them.

const NONE = "–";

const wholeNumber = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const dayFormat = new Intl.DateTimeFormat("en-GB", {
  timeZone: "UTC", day: "numeric", month: "short", year: "numeric",
});
const shortDayFormat = new Intl.DateTimeFormat("en-GB", {
  timeZone: "UTC", day: "numeric", month: "short",
});

const LABELS = {
  ivr: "Phone menu (IVR)", no_answer: "No answer", max_duration: "Longest duration reached",
  unknown: "Not told", caller_hangup: "Caller hung up", agent_hangup: "Agent hung up",
  inactivity: "Silence", limit_reached: "Limit reached", agent_error: "Agent error",
  carrier_error: "Carrier error", invalid_number: "Invalid number",
  provider_status: "Provider's status", provider_end_reason: "Provider's end reason",
  stream: "Stream", cost_llm: "Cost of LLM", cost_tts: "Cost of TTS", cost_stt: "Cost of STT",
};

// Words of the data may be named as what every object has, such as "constructor".
function lookUp(table, word) {
  return Object.hasOwn(table, word) ? table[word] : undefined;
}

function formatCount(count) {
  return wholeNumber.format(count);
}

function formatPercent(share, digits = 1) {
  return Number.isFinite(share) ? `${(100 * share).toFixed(digits)} %` : NONE;
}

function formatSeconds(seconds) {
  return Number.isFinite(seconds) ? `${seconds.toFixed(2)} s` : NONE;
}

// A length of a call: 7 s, 2:05, 1:02:05.
function formatLength(seconds) {
  if (!Number.isFinite(seconds)) return NONE;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const pad = (value) => String(value).padStart(2, "0");
  const hours = Math.floor(whole / 3600), minutes = Math.floor(whole / 60) % 60;
  return hours ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${minutes}:${pad(whole % 60)}`;
}

// To the cent; what is less than ten cents keeps four digits.
function formatMoney(amount, currency) {
  if (!Number.isFinite(amount)) return NONE;
  const digits = amount !== 0 && Math.abs(amount) < 0.1 ? 4 : 2;
  const shown = new Intl.NumberFormat("en", {
    minimumFractionDigits: digits, maximumFractionDigits: digits,
  }).format(amount);
  return currency ? `${shown} ${currency}` : shown;
}

// A day is a number of days since the epoch, in the chosen time zone.
function formatDay(day, short = false) {
  return (short ? shortDayFormat : dayFormat).format(day * 86_400_000);
}

function isoDay(day) {
  return new Date(day * 86_400_000).toISOString().slice(0, 10);
}

// A word of the data's vocabularies: caller_hangup is "Caller hung up".
function formatWord(word) {
  const spaced = word.replaceAll("_", " ");
  return lookUp(LABELS, word) ?? spaced.charAt(0).toUpperCase() + spaced.slice(1);
}
