// The worker in which a party's file becomes a deposit: it holds one instance of the WebAssembly build
// and one file at a time. It has no network code and stores nothing; the page talks to it through
// `tiers.js` only. What is guaranteed here, and what is not, is said in docs/browser.md.
//
// Refusals of the build are thrown as JSON text. Anything else that is thrown is a trap: the instance
// is in no known state, so its memory is wiped, the refusal is reported as fatal, and the worker ends.
// `tiers.js` makes a new one.

import init, {
  Deposit,
  Founding,
  Keys,
  LedgerCheck,
  OpenedPackage,
  SealedSubmission,
  SendingBatch,
  begin_agreement,
  check_agreement,
  check_certificate,
  check_dossier,
  fingerprint,
  key_fingerprint,
  person_tokens,
  read_campaigns,
  say_of_exchange,
  show_sample,
  sign_agreement,
  sign_verdict,
  tool,
  unwrap_key,
  wrap_key,
} from "./tiers_wasm.js";

/** Rows between two looks at the clock, and milliseconds between two looks at messages. */
const ROWS_A_STEP = 1000;
const SLICE_MS = 40;
/** Parts of the token stage at most: they are merged at the end, line by line. */
const PARTS_MAX = 32;
/** An instance that has grown this far and then fails has run out of its 4 GiB. */
const MEMORY_FULL = 3 * 2 ** 30;

/** What stands in a message in place of a key: the one that is kept, which `keysOpen` opened. */
const KEPT = "kept";

let wasm = null;
let deposit = null;
let keys = null;
let ledger = null;
let founding = null;
let damaged = null;
let cancelled = false;
/** Keys that were taken out of those that are kept, for the act under way. */
let taken = [];

const channel = new MessageChannel();
/** Lets messages in (a timer would cost 4 ms each time). */
const breathe = () =>
  new Promise((resolve) => {
    channel.port1.onmessage = resolve;
    channel.port2.postMessage(null);
  });

class Cancelled extends Error {}

onmessage = async ({ data }) => {
  if (data.act === "cancel") {
    cancelled = true;
    return;
  }
  if (data.act === "end") {
    end();
    return;
  }
  cancelled = false;
  const place = { act: data.act, stage: "starting", workbook: false };
  try {
    if (!wasm) {
      wasm = await init({ module_or_path: data.module });
      damaged = tool(true);
    }
    const [result, transfer] = await acts[data.act](data, place);
    postMessage({ answer: result }, transfer);
  } catch (thrown) {
    answerRefusal(thrown, place);
  } finally {
    for (const secret of [data.key, data.partyKey, data.file, data.secret, data.suppress, ...taken]) wipe(secret);
    taken = [];
  }
};

const acts = {
  prepare,
  seal: async ({ partyKey }) => {
    deposit.seal(own(partyKey));
    return directory();
  },
  unwrap: async ({ wrapped, partyKey, party, programme }) => {
    const key = unwrap_key(wrapped, own(partyKey), party, bytes(programme));
    return [{ key }, [key.buffer]];
  },
  wrap: async ({ key, programme, partner, confirmed }) => {
    const of = () => keys.programme(bytes(programme));
    return [{ wrapped: wrap_key(own(key, of), bytes(programme), bytes(partner), confirmed) }, []];
  },
  person: async ({ key, file }) => {
    return [{ tokens: person_tokens(own(key, () => keys.rights()), bytes(file)) }, []];
  },
  certificate: async ({ certificate, report, trust }) => {
    const checked = check_certificate(bytes(certificate), report && bytes(report), bytes(trust));
    return [JSON.parse(checked), []];
  },
  dossier: async ({ dossier, trust }) => [JSON.parse(check_dossier(bytes(dossier), bytes(trust))), []],
  say: async ({ view, party, partyKey, says, words }) => {
    return [{ act: say_of_exchange(bytes(view), party, own(partyKey), says, words) }, []];
  },
  open: async ({ view, party, partyKey, batch, file }) => {
    const opened = new OpenedPackage(bytes(view), party, own(partyKey), batch, bytes(file));
    const csv = opened.csv();
    const counts = JSON.parse(opened.counts());
    opened.free();
    return [{ csv, ...counts }, [csv.buffer]];
  },
  draft: async ({ own, other }) => [JSON.parse(begin_agreement(bytes(own), bytes(other))), []],
  keys: async ({ own }) => [{ fingerprint: key_fingerprint(bytes(own)) }, []],
  terms: async ({ document }) => [JSON.parse(check_agreement(bytes(document))), []],
  propose: async ({ document, partyKey }) => {
    return [{ signed: sign_agreement(bytes(document), own(partyKey)) }, []];
  },
  batch,
  sample: async ({ view, party, company, batch: id, file, partyKey }) => {
    const shown = show_sample(bytes(view), party, bytes(company), id, bytes(file), bytes(partyKey));
    return [JSON.parse(shown), []];
  },
  verdict: async ({ view, party, company, batch: id, file, partyKey, said }) => {
    const args = [bytes(view), party, bytes(company), id, bytes(file), bytes(partyKey), said];
    return [{ signed: sign_verdict(...args) }, []];
  },
  ledger: async ({ trust, checkpoint, witnessed, held, acts: shown }) => {
    ledger?.free();
    ledger = new LedgerCheck(bytes(trust), bytes(checkpoint), bytes(witnessed), bytes(held), shown);
    return [JSON.parse(ledger.needs()), []];
  },
  acts: async ({ files }) => {
    for (const [name, file] of files) ledger.add(name, bytes(file));
    const checked = JSON.parse(ledger.check());
    ledger.free();
    ledger = null;
    return [checked, []];
  },
  submit: async ({ page, file }) => {
    const sealed = new SealedSubmission(bytes(page), bytes(file));
    const made = { id: sealed.id(), bytes: sealed.bytes() };
    sealed.free();
    return [made, [made.bytes.buffer]];
  },
  campaigns: async ({ file }) => [JSON.parse(read_campaigns(bytes(file))), []],
  draftProgramme: async ({ document }) => {
    if (founding) founding.change(bytes(document));
    else founding = new Founding(bytes(document));
    return [JSON.parse(founding.programme()), []];
  },
  /** For a copy in a safe place: the one way on which a programme's key that was made here leaves the worker. */
  programmeKey: async () => {
    const file = founded().key();
    return [{ file }, [file.buffer]];
  },
  registration: async () => [{ request: founded().request() }, []],
  registered: async ({ document }) => [JSON.parse(founded().registered(bytes(document))), []],
  keysFounded: async () => {
    const file = founded().key();
    taken.push(file);
    open().add(file);
    return kept();
  },
  fingerprint: async ({ partyKey }) => [{ fingerprint: fingerprint(own(partyKey)) }, []],
  keysOpen: async ({ sealed, by, secret }) => {
    const opened = Keys.open(sealed, by, bytes(secret));
    keys?.free();
    keys = opened;
    return kept();
  },
  keysMake: async () => {
    keys ??= new Keys();
    keys.make_party();
    return kept();
  },
  keysAdd: async ({ file }) => {
    keys ??= new Keys();
    keys.add(bytes(file));
    return kept();
  },
  keysSeal: async ({ by, secret, salt }) => [{ sealed: open().seal(by, bytes(secret), bytes(salt)) }, []],
  keysSalt: async () => [{ salt: Keys.salt() }, []],
  /** For a copy in a safe place: the one way on which the company's own key leaves the worker. */
  keysCopy: async () => {
    const file = open().party();
    if (!file) throw JSON.stringify(NOT_KEPT);
    return [{ file }, [file.buffer]];
  },
};

function founded() {
  if (!founding) throw JSON.stringify(TURN);
  return founding;
}

const TURN = { code: "browser.turn", message: "no programme was made" };

function open() {
  if (!keys) throw JSON.stringify(NOT_KEPT);
  return keys;
}

const kept = () => [{ ...JSON.parse(keys.contents()), public: keys.public() }, []];

const NOT_KEPT = { code: "browser.not_kept", message: "this browser keeps no such key" };

/** The bytes of a key: those of the message, or of the one that is kept. */
function own(given, of = () => keys.party()) {
  if (given !== KEPT) return bytes(given);
  open();
  const key = of();
  if (!key) throw JSON.stringify(NOT_KEPT);
  taken.push(key);
  return key;
}

async function prepare(data, place) {
  deposit?.free();
  deposit = null;
  const file = bytes(data.file);
  place.workbook = isWorkbook(file);
  stage(place, "opening");
  await breathe();
  stop();
  const key = data.key && own(data.key, () => keys.programme(bytes(data.programme)));
  deposit = new Deposit(file, bytes(data.programme), key, data.asked);
  stage(place, "reading");
  await drive(place, ROWS_A_STEP);
  if (!data.key) return [{ understood: JSON.parse(deposit.understood()), files: {} }, []];
  stage(place, "tokens");
  deposit.tokenise();
  await drive(place, Math.max(ROWS_A_STEP, Math.ceil(deposit.total() / PARTS_MAX)));
  if (data.partyKey) {
    stage(place, "sealing");
    deposit.seal(own(data.partyKey));
  }
  return directory();
}

/** A file becomes a batch of an exchange; its sealed bytes go to the page piece by piece. */
async function batch(data, place) {
  const file = bytes(data.file);
  place.workbook = isWorkbook(file);
  stage(place, "opening");
  await breathe();
  const suppress = data.suppress && bytes(data.suppress);
  const secrets = [own(data.key, () => keys.rights()), own(data.partyKey)];
  const made = new SendingBatch(bytes(data.view), data.party, file, suppress, ...secrets, data.wanted);
  try {
    stage(place, "reading");
    await steps(place, made, () => made.sort(ROWS_A_STEP));
    const understood = JSON.parse(made.understood());
    const leftOut = new TextEncoder().encode(made.left_out());
    if (!understood.enough) return [{ understood, leftOut }, [leftOut.buffer]];
    stage(place, "sealing");
    part(made.begin(bytes(data.trust)));
    let statement;
    await steps(place, made, () => {
      part(made.seal(ROWS_A_STEP));
      statement = made.statement();
      return statement !== undefined;
    });
    const preview = made.preview();
    return [{ understood, leftOut, statement, preview }, [leftOut.buffer, statement.buffer, preview.buffer]];
  } finally {
    made.free();
  }
}

function part(sealed) {
  if (sealed.length > 0) postMessage({ part: sealed }, [sealed.buffer]);
}

/** Takes steps until one is the last, telling how far it is and letting messages in. */
async function steps(place, made, step) {
  for (let done = false; !done; ) {
    const until = performance.now() + SLICE_MS;
    do done = step();
    while (!done && performance.now() < until);
    postMessage({ progress: { stage: place.stage, done: made.done(), total: made.total() } });
    await breathe();
    stop();
  }
}

/** Steps through the present stage, telling how far it is and stopping when asked. */
async function drive(place, rows) {
  const total = deposit.total();
  for (let done = false; !done; ) {
    const until = performance.now() + SLICE_MS;
    do done = deposit.step(rows);
    while (!done && performance.now() < until);
    if (!done) postMessage({ progress: { stage: place.stage, done: deposit.done(), total } });
    await breathe();
    stop();
  }
  postMessage({ progress: { stage: place.stage, done: total, total } });
}

function stage(place, name) {
  place.stage = name;
  postMessage({ progress: { stage: name, done: 0, total: deposit?.total() ?? 0 } });
}

function stop() {
  if (cancelled) throw new Cancelled();
}

function directory() {
  const files = {};
  const transfer = [];
  for (const name of deposit.files()) {
    files[name] = deposit.file(name);
    transfer.push(files[name].buffer);
  }
  return [{ understood: JSON.parse(deposit.understood()), files }, transfer];
}

function answerRefusal(thrown, place) {
  if (thrown instanceof Cancelled) {
    deposit?.free();
    deposit = null;
    postMessage({ refusal: { code: "browser.cancelled", message: "stopped on request" } });
  } else if (typeof thrown === "string") {
    postMessage({ refusal: JSON.parse(thrown) });
  } else {
    postMessage({ refusal: trapped(place), fatal: true });
    end();
  }
}

/** Ends the worker; nothing of the file, its rows or the keys stays in the instance's memory. */
function end() {
  if (wasm) wipe(wasm.memory.buffer);
  wasm = deposit = keys = ledger = founding = null;
  close();
}

/** What a trap means, as far as it can be told from outside. */
function trapped(place) {
  if (!wasm) {
    return { code: "browser.unsupported", message: "this browser cannot run the program" };
  }
  if (wasm.memory.buffer.byteLength >= MEMORY_FULL) {
    return {
      code: "browser.memory",
      message: "the file needs more memory than a browser gives: use the command line, or split it",
    };
  }
  if (place.stage === "opening" && place.workbook) return JSON.parse(damaged);
  return { code: "browser.trap", message: "the program met a fault of its own and was restarted" };
}

/** ZIP containers and compound files: what the spreadsheet library is given. */
function isWorkbook(file) {
  return (file[0] === 0x50 && file[1] === 0x4b) || (file[0] === 0xd0 && file[1] === 0xcf);
}

function bytes(buffer) {
  return buffer instanceof Uint8Array ? buffer : new Uint8Array(buffer);
}

function wipe(buffer) {
  if (buffer?.byteLength) new Uint8Array(buffer.buffer ?? buffer).fill(0);
}
