// Keys that this browser keeps for a company: sealed in the page's worker under what the person's passkey gives
// (WebAuthn's PRF extension), or under a passphrase, and stored in IndexedDB. Here are the storage, the passkey's
// ceremony, and the choice between the key that is kept and a file, for every form that takes a key. The ceremony
// signs nobody in: its answer is used for its secret and thrown away.

const DATABASE = "tiers-keys";
const TABLE = "kept";
const PATIENCE_MS = 120_000;
/** How long forms wait for the storage before they go on without what is kept. */
const STORAGE_MS = 3000;

/** In place of a key: the one that the worker opened (`KEPT` of tiers.js). */
export const KEPT = "kept";

function database() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(DATABASE, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(TABLE, { keyPath: "party" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

async function table(mode, act) {
  const opened = await database();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = opened.transaction(TABLE, mode);
      const asked = act(transaction.objectStore(TABLE));
      transaction.oncomplete = () => resolve(asked.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    opened.close();
  }
}

/**
 * What is kept for a company (its id; "" before it has one): `sealed` (JSON), `by`, `credential` (of which passkey),
 * `contents` (fingerprint and names, which are no secret).
 */
export const kept = (party) => table("readonly", (rows) => rows.get(party));
/** Stores it in the place of `before`; where something else is kept by now, that stays, and this is refused. */
export async function keep(record, before) {
  // Without it a browser may drop what it stores when room is short.
  await navigator.storage?.persist?.().catch(() => false);
  const found = await table("readwrite", (rows) => {
    const asked = rows.get(record.party);
    asked.onsuccess = () => {
      if (asked.result?.sealed === before?.sealed) rows.put(record);
    };
    return asked;
  });
  if (found?.sealed !== before?.sealed) throw failure("keystore.changed");
}
export const forget = (party) => table("readwrite", (rows) => rows.delete(party));

export function failure(code) {
  return Object.assign(new Error(code), { code });
}

const fromBase64 = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));

/** What a passkey of this person gives for a salt; any passkey, or the one of `credential`. */
export async function passkeySecret(salt, credential) {
  const publicKey = {
    challenge: crypto.getRandomValues(new Uint8Array(32)),
    userVerification: "required",
    timeout: PATIENCE_MS,
    extensions: { prf: { eval: { first: salt } } },
  };
  if (credential) publicKey.allowCredentials = [{ type: "public-key", id: credential }];
  let answer;
  try {
    answer = await navigator.credentials.get({ publicKey });
  } catch {
    throw failure("keystore.passkey");
  }
  const first = answer.getClientExtensionResults().prf?.results?.first;
  if (!first) throw failure("keystore.no_prf");
  return { secret: new Uint8Array(first), credential: answer.rawId };
}

/** Opens what is kept in the worker of `tiers`; `words` is the passphrase, where one protects it. */
export async function open(tiers, record, words) {
  const { sealed, by, credential } = record;
  const secret =
    by === "prf"
      ? (await passkeySecret(fromBase64(JSON.parse(sealed).salt), credential)).secret
      : new TextEncoder().encode(words);
  try {
    return await tiers.openKeys({ sealed, by, secret });
  } finally {
    secret.fill(0);
  }
}

/**
 * Seals what the worker of `tiers` holds (its `contents`), `by` a passkey or the passphrase `words`, and stores it for
 * a company in the place of what was kept `before`; gives what is kept.
 */
export async function store(tiers, contents, { party, by, credential, words, before }) {
  const salt = await tiers.keysSalt();
  const given =
    by === "prf" ? await passkeySecret(salt, credential) : { secret: new TextEncoder().encode(words) };
  const sealed = await tiers.sealKeys({ by, salt, secret: given.secret });
  given.secret.fill(0);
  const { party: print, rights, programmes } = contents;
  const record = { party, sealed, by, credential: given.credential, contents: { party: print, rights, programmes } };
  await keep(record, before);
  return record;
}

/**
 * The key of a form: the one that is kept, where `has` finds it in the contents, or the file that is chosen. Gives a
 * function that brings it: to be called with the `tiers` that is to use it.
 */
export async function keyOf(form, has) {
  const box = form.querySelector(".kept");
  const file = () => form.querySelector("input.key").files[0];
  const late = new Promise((resolve) => setTimeout(resolve, STORAGE_MS));
  const found = box?.dataset.party ? kept(box.dataset.party).catch(() => undefined) : undefined;
  const record = await Promise.race([found, late]);
  if (!record || !has(record.contents)) return async () => file();
  const words = box.querySelector(".phrase");
  const use = (yes) => {
    box.hidden = !yes;
    words.required = yes && record.by === "passphrase";
    for (const label of form.querySelectorAll("label.key-file, .key-help")) {
      label.hidden = yes;
      for (const input of label.querySelectorAll("input")) input.required = !yes;
    }
  };
  box.querySelector(".print").textContent = record.contents.party ?? "";
  box.querySelector(".by-passphrase").hidden = record.by !== "passphrase";
  box.querySelector(".by-passkey").hidden = record.by !== "prf";
  box.querySelector(".other").addEventListener("click", () => {
    use(false);
    form.querySelector("input.key").focus();
  });
  // Who was quicker than the storage has chosen.
  if (form.querySelector("input.key").files.length === 0) use(true);
  return async (tiers) => {
    if (box.hidden) return file();
    const typed = words.value;
    words.value = "";
    await open(tiers, record, typed);
    return KEPT;
  };
}
