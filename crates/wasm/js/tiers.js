// The page's side: starts the worker, hands it files, gives back what it made. No framework, no
// network beyond loading its own three files, nothing stored.
//
//   const tiers = await Tiers.load();
//   const { understood, files } = await tiers.prepare(file, {
//     programme, key, partyKey, kind: "sales", onProgress: ({ stage, done, total }) => ..., signal,
//   });
//
// `programme`, `key` and `partyKey` are Blobs or byte arrays of the files of those names; without `key`
// the file is read and accounted for only. Where a key is asked for, `KEPT` stands for the one that
// `openKeys` opened out of what this browser keeps: it stays in the worker. A refusal is thrown as `Refusal`, with the stable code that
// the command line gives for the same thing.

/** Bytes of a file above which nothing is tried: what it becomes would not fit into 4 GiB. */
export const FILE_BYTES_MAX = 512 * 2 ** 20;

/** In place of a key: the one that is kept. */
export const KEPT = "kept";

/** Milliseconds that a worker has to stop by itself before it is ended from outside. */
const PATIENCE_MS = 1000;

/** Why something was not done: a stable code and a sentence. It never holds a value of a file. */
export class Refusal extends Error {
  constructor({ code, message }) {
    super(message);
    this.name = "Refusal";
    this.code = code;
  }
}

export class Tiers {
  #module;
  #url;
  #worker = null;
  #task = null;
  /** Workers that were replaced after a trap. */
  restarts = 0;

  constructor(module, url) {
    this.#module = module;
    this.#url = url;
  }

  /** Compiles the build once; every worker gets the compiled module. */
  static async load(folder = "./") {
    const base = new URL(folder, import.meta.url);
    const wasm = await fetch(new URL("./tiers_wasm_bg.wasm", base));
    if (!wasm.ok) throw new Refusal({ code: "browser.load", message: "the program did not load" });
    const module = await WebAssembly.compile(await wasm.arrayBuffer());
    return new Tiers(module, new URL("./worker.js", base));
  }

  /**
   * Reads a file; with a key makes the deposit of it, with a party key seals and signs it.
   * Gives `understood` (what `prepare --json` says) and `files` (name to bytes) of the directory.
   */
  async prepare(file, { programme, key, partyKey, onProgress, signal, ...asked }) {
    checkSize(file);
    const now = new Date();
    const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000);
    const full = { today: local.toISOString().slice(0, 10), source: file.name ?? "file", ...asked };
    const message = {
      act: "prepare",
      file: await file.arrayBuffer(),
      programme: await copyOf(programme),
      key: await copyOf(key),
      partyKey: await copyOf(partyKey),
      asked: JSON.stringify(full),
    };
    return this.#ask(message, onProgress, signal);
  }

  /** Seals and signs what was prepared last, once its preview was read. */
  async seal(partyKey) {
    return this.#ask({ act: "seal", partyKey: await copyOf(partyKey) });
  }

  /** Opens the programme key that was wrapped to a party; the bytes are those of a key file. */
  async unwrapKey({ wrapped, partyKey, party, programme }) {
    const message = { act: "unwrap", wrapped, party };
    message.partyKey = await copyOf(partyKey);
    message.programme = await copyOf(programme);
    return (await this.#ask(message)).key;
  }

  /** The rights tokens of a contact (its lines: an address, numbers), as the text that the API takes. */
  async personTokens({ rightsKey, contact }) {
    const file = new TextEncoder().encode(contact).buffer;
    return (await this.#ask({ act: "person", key: await copyOf(rightsKey), file })).tokens;
  }

  /** What a certificate says, once it holds under a certifier's keys; with a report, that it is the one. */
  async checkCertificate({ certificate, report, trust }) {
    const message = { act: "certificate", certificate: await copyOf(certificate) };
    message.report = await copyOf(report);
    message.trust = await copyOf(trust);
    return this.#ask(message);
  }

  /** How many acts a dossier proves, once its signature and each proof hold under a certifier's keys. */
  async checkDossier({ dossier, trust }) {
    return this.#ask({ act: "dossier", dossier: await copyOf(dossier), trust: await copyOf(trust) });
  }

  /** A word (accept, approve, advise, end) about an exchange as the API shows it, signed with a key. */
  async sayOfExchange({ view, party, partyKey, says, words = "" }) {
    const message = { act: "say", party, says, words, view: await copyOf(view) };
    message.partyKey = await copyOf(partyKey);
    return (await this.#ask(message)).act;
  }

  /** Checks a package and opens it: `csv` (bytes), and how many records were `written` and `held_back`. */
  async openPackage({ view, party, partyKey, batch, package: file }) {
    const message = { act: "open", party, batch, view: await copyOf(view), file: await copyOf(file) };
    message.partyKey = await copyOf(partyKey);
    return this.#ask(message);
  }

  /** The agreement to start from between two companies (`party.pub` of each), as a document. */
  async beginAgreement({ own, other }) {
    return this.#ask({ act: "draft", own: await copyOf(own), other: await copyOf(other) });
  }

  /** The fingerprint of public keys (`party.pub`). */
  async keyFingerprint(keys) {
    return (await this.#ask({ act: "keys", own: await copyOf(keys) })).fingerprint;
  }

  /** Checks an agreement (a document): its `digest`, and the fingerprints of `own` and `other` keys. */
  async checkAgreement(agreement) {
    return this.#ask({ act: "terms", document: encoded(agreement) });
  }

  /** Signs an agreement as its proposer; the text that the API takes. */
  async signAgreement({ agreement, partyKey }) {
    const message = { act: "propose", document: encoded(agreement), partyKey: await copyOf(partyKey) };
    return (await this.#ask(message)).signed;
  }

  /**
   * Reads a file for a batch of an exchange, says what becomes of each row and seals those that go. Gives
   * `understood`, `leftOut` (CSV), and where there are enough records `statement`, `preview` (CSV: exactly what
   * the recipient could open) and `body`, a Blob.
   */
  async sealBatch({ file, view, party, partyKey, rightsKey, trust, suppress, onProgress, ...wanted }) {
    for (const one of [file, suppress]) if (one) checkSize(one);
    const message = { act: "batch", party, wanted: JSON.stringify(wanted) };
    message.file = await file.arrayBuffer();
    message.suppress = await copyOf(suppress);
    message.view = await copyOf(view);
    message.trust = await copyOf(trust);
    message.key = await copyOf(rightsKey);
    message.partyKey = await copyOf(partyKey);
    const parts = [];
    const made = await this.#ask(message, onProgress, undefined, (part) => parts.push(part));
    return made.statement ? { ...made, body: new Blob(parts) } : made;
  }

  /** The proofs of a sample, opened with the officer's key: `position`, `certified`, `evidence` of each. */
  async showSample({ view, party, company, batch, sample, officerKey }) {
    const message = { act: "sample", party, batch, view: await copyOf(view), company: await copyOf(company) };
    message.file = await copyOf(sample);
    message.partyKey = await copyOf(officerKey);
    return this.#ask(message);
  }

  /** The verdict on a sample, signed with the officer's key; the text that the API takes. */
  async signVerdict({ view, party, company, batch, sample, officerKey, unproven, words }) {
    const message = { act: "verdict", party, batch, view: await copyOf(view), company: await copyOf(company) };
    message.said = JSON.stringify({ unproven, words });
    message.file = await copyOf(sample);
    message.partyKey = await copyOf(officerKey);
    return (await this.#ask(message)).signed;
  }

  /**
   * Checks acts (`index`, `entry`, `opened` of each) against the ledger: `fetchFile` brings its files by name.
   * `held` is the checkpoint that was seen last. Gives the tree, its witnesses, and what each act is.
   */
  async checkActs({ trust, checkpoint, witnessed, held, acts, fetchFile }) {
    const message = { act: "ledger", acts: JSON.stringify(acts), trust: await copyOf(trust) };
    message.checkpoint = await copyOf(checkpoint);
    message.witnessed = await copyOf(witnessed ?? []);
    message.held = await copyOf(held ?? []);
    const names = await this.#ask(message);
    const files = await Promise.all(names.map(async (name) => [name, await copyOf(await fetchFile(name))]));
    return this.#ask({ act: "acts", files });
  }

  /** What was typed on a public form (`page`: as the API shows it), sealed: its `id` and its `bytes`. */
  async sealSubmission({ page, typed }) {
    const file = new TextEncoder().encode(JSON.stringify(typed)).buffer;
    return this.#ask({ act: "submit", page: await copyOf(page), file });
  }

  /** Opens what this browser keeps, `by` what a passkey gave ("prf", 32 bytes) or a "passphrase"; says what it is. */
  async openKeys({ sealed, by, secret }) {
    return this.#ask({ act: "keysOpen", sealed, by, secret: await copyOf(secret) });
  }

  /** Makes the company's own keys in the worker: `party` (fingerprint) and `public` (party.pub). */
  async makeKeys() {
    return this.#ask({ act: "keysMake" });
  }

  /** Takes a key file to those that are open. */
  async addKey(file) {
    return this.#ask({ act: "keysAdd", file: await copyOf(file) });
  }

  /** The open keys, sealed for the browser's storage under a secret that belongs to this salt. */
  async sealKeys({ by, secret, salt }) {
    return (await this.#ask({ act: "keysSeal", by, secret: await copyOf(secret), salt })).sealed;
  }

  /** A new salt. */
  async keysSalt() {
    return (await this.#ask({ act: "keysSalt" })).salt;
  }

  /** The text of `party.key`, for a copy in a safe place. */
  async copyOfKey() {
    return (await this.#ask({ act: "keysCopy" })).file;
  }

  /** A programme's key wrapped to a partner (as the API tells of it) whose fingerprint was confirmed. */
  async wrapKey({ key, programme, partner, confirmed }) {
    const message = { act: "wrap", confirmed, key: await copyOf(key) };
    message.programme = await copyOf(programme);
    message.partner = await copyOf(partner);
    return (await this.#ask(message)).wrapped;
  }

  /** Campaigns of a list (a file: name and cost in euros a line): `name` and `cost` of each. */
  async readCampaigns(list) {
    return this.#ask({ act: "campaigns", file: await copyOf(list) });
  }

  /** Makes a programme and its key in the worker, or changes the one that it made; gives its document. Nothing is sent. */
  async draftProgramme(asked) {
    return this.#ask({ act: "draftProgramme", document: encoded(asked) });
  }

  /** The key's file of the programme that was made, for a safe place. */
  async programmeKey() {
    return (await this.#ask({ act: "programmeKey" })).file;
  }

  /** What the API takes to register it (text). */
  async registration() {
    return (await this.#ask({ act: "registration" })).request;
  }

  /** What the API answered, once it is what was sent: `id`, `file` (programme.json), `fingerprints`. */
  async registered(answer) {
    return this.#ask({ act: "registered", document: await copyOf(answer) });
  }

  /** Takes the key that was made to those that are open. */
  async addProgrammeKey() {
    return this.#ask({ act: "keysFounded" });
  }

  /** The fingerprint of a party's keys. */
  async fingerprint(partyKey) {
    const message = { act: "fingerprint", partyKey: await copyOf(partyKey) };
    return (await this.#ask(message)).fingerprint;
  }

  /** Lets the worker wipe everything it holds and end; the next call starts another one. */
  close() {
    const worker = this.#worker;
    this.#worker = null;
    worker?.postMessage({ act: "end" });
    setTimeout(() => worker?.terminate(), PATIENCE_MS);
  }

  async #ask(message, onProgress, signal, onPart) {
    if (this.#task) throw new Refusal({ code: "browser.busy", message: "one file at a time" });
    if (signal?.aborted) throw new Refusal(CANCELLED);
    this.#worker ??= new Worker(this.#url, { type: "module" });
    const worker = this.#worker;
    const { file, key, partyKey, secret, suppress } = message;
    const secrets = [file, key, partyKey, secret, suppress].filter((one) => one instanceof ArrayBuffer);
    this.#task = {};
    let patience;
    let abort;
    try {
      return await new Promise((resolve, reject) => {
        const fail = (refusal, fatal) => {
          if (fatal) this.#replace();
          reject(new Refusal(refusal));
        };
        worker.onmessage = ({ data }) => {
          if (data.progress) onProgress?.(data.progress);
          else if (data.part) onPart?.(data.part);
          else if (data.answer) resolve(data.answer);
          else fail(data.refusal, data.fatal);
        };
        worker.onerror = () => fail({ code: "browser.trap", message: "the worker ended" }, true);
        abort = () => {
          worker.postMessage({ act: "cancel" });
          patience = setTimeout(() => fail(CANCELLED, true), PATIENCE_MS);
        };
        signal?.addEventListener("abort", abort, { once: true });
        // Handed over, not copied: the page keeps nothing of them.
        worker.postMessage({ ...message, module: this.#module }, secrets);
      });
    } finally {
      clearTimeout(patience);
      if (abort) signal?.removeEventListener("abort", abort);
      this.#task = null;
    }
  }

  #replace() {
    this.#worker?.terminate();
    this.#worker = null;
    this.restarts += 1;
  }
}

function checkSize(file) {
  if (file.size <= FILE_BYTES_MAX) return;
  const message = "the file is larger than a browser can take: use the command line, or split it";
  throw new Refusal({ code: "browser.too_large", message });
}

const encoded = (document) => new TextEncoder().encode(JSON.stringify(document)).buffer;

const CANCELLED = { code: "browser.cancelled", message: "stopped on request" };

/** A copy of its own of a Blob's or an array's bytes, so that it can be handed over. */
async function copyOf(source) {
  if (source === undefined || source === null) return undefined;
  if (source === KEPT) return KEPT;
  if (source instanceof Blob) return source.arrayBuffer();
  return new Uint8Array(source).slice().buffer;
}
