// The calls as columns: place `row` of each column is the same call, and row 0 is the newest.

const ARRAYS = { d: Float64Array, f: Float32Array, I: Uint32Array, H: Uint16Array, B: Uint8Array };
const OUTCOMES = ["Not told", "Succeeded", "Not succeeded"];
const SUCCEEDED = 1, FAILED = 2;

async function loadCalls() {
  const [header, buffer] = await Promise.all([inflateJson("header"), inflate("columns")]);
  const calls = { header, rows: header.rows, words: header.dictionaries };
  let offset = 0;
  for (const [name, type, length] of header.layout) {
    calls[name] = new ARRAYS[type](buffer, offset, length);
    offset += calls[name].byteLength;
  }
  calls.places = Object.fromEntries(
    ["provider", "account", "agent"].map((name) => [name, namesOf(calls, name)]),
  );
  return calls;
}

// The names that a reader knows, by their places in a column; place 0 is "none".
function namesOf(calls, column) {
  const provider = (name) => lookUp(calls.header.labels, name) ?? name;
  const several = new Set(calls.words.account.map(([, account]) => account)).size > 1;
  const names = calls.words[column].map((word, place) => {
    if (column === "provider") return provider(word);
    if (column === "account") return `${provider(word[0])}: ${word[1]}`;
    const name = calls.header.agentNames[place];
    return name ?? word[2];
  });
  // Agents of two providers, or accounts, may have one name: each then says whose it is.
  if (column === "agent") {
    const counts = new Map();
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
    calls.words.agent.forEach(([owner, account, id], place) => {
      if (counts.get(names[place]) === 1) return;
      const twin = names.some((name, other) => other !== place && name === names[place]
        && calls.words.agent[other][0] === owner && calls.words.agent[other][1] === account);
      const short = id.length > 8 ? `${id.slice(0, 8)}…` : id;
      const where = [provider(owner), ...(several ? [account] : []), ...(twin ? [short] : [])];
      names[place] = `${names[place]} (${where.join(", ")})`;
    });
  }
  return ["None", ...names];
}

// Ids and numbers of all calls: needed for the list alone, so they are read after the figures.
async function loadTexts(calls) {
  const [ids, callers, called] = await inflateJson("texts");
  Object.assign(calls, { ids, callers, called });
}

const openedBlocks = new Map();
const MOST_OPENED = 8;

// Resolves to what is shown where a call is opened: details, turns, recordings.
async function loadDetails(calls, row) {
  const block = Math.floor(row / calls.header.block);
  if (!openedBlocks.has(block)) {
    if (openedBlocks.size >= MOST_OPENED) openedBlocks.delete(openedBlocks.keys().next().value);
    openedBlocks.set(block, inflateJson(`block-${block}`));
  }
  const [details, turns, recordings] = (await openedBlocks.get(block))[row % calls.header.block];
  return {
    details,
    turns: turns.map(([role, text, offset, interrupted, response, tool, args, result, failed]) => (
      { role, text, offset, interrupted, response, tool, args, result, failed })),
    recordings: recordings.map(([name, status, file, url, duration, size, type]) => (
      { name, status, file, url, duration, size, type })),
  };
}
