// The acts that this page shows, checked against the ledger: signatures of the checkpoint, the way of each act to
// the signed root, what each commits to, and whether the ledger continues the one that this browser saw last. What
// was proven is what the reader sees: each cell is held against the proven act. The checkpoint that was seen last
// and the ledger's key are kept in this browser; neither is a secret.

import { locale, withTiers } from "./upload.js";

const box = document.getElementById("timeline");
const words = box.dataset;
const rows = [...document.querySelectorAll("table.timeline tbody tr")];
const status = box.querySelector("[role=status]");

const number = new Intl.NumberFormat(locale);
const moments = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeStyle: "short", timeZone: "UTC" });
const moment = (at) => `${moments.format(new Date(at))} UTC`;
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

/** The last checkpoint that this browser saw, kept by the address of the certifier. */
const store = {
  open: () =>
    new Promise((resolve, reject) => {
      const asked = indexedDB.open("tiers-ledger", 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore("seen");
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    }),
  async ask(mode, act) {
    const db = await this.open();
    try {
      return await new Promise((resolve, reject) => {
        const asked = act(db.transaction("seen", mode).objectStore("seen"));
        asked.onsuccess = () => resolve(asked.result);
        asked.onerror = () => reject(asked.error);
      });
    } finally {
      db.close();
    }
  },
  /** Where a browser keeps nothing (a private window), nothing was seen. */
  seen: () => store.ask("readonly", (seen) => seen.get(location.origin)).catch(() => undefined),
  keep: (what) => store.ask("readwrite", (seen) => seen.put(what, location.origin)).catch(() => undefined),
};

async function file(path) {
  const answer = await fetch(path, { cache: path.includes("/tile/") ? "default" : "no-store" });
  if (answer.status === 404) return null;
  if (!answer.ok) throw Object.assign(new Error(path), { code: String(answer.status) });
  return new Uint8Array(await answer.arrayBuffer());
}

const kept = (row) => JSON.parse(row.dataset.check);

/** The parts of a row that are shown, and those that were proven. */
function differs(row, act) {
  const text = (selector) => row.querySelector(selector)?.textContent ?? null;
  const shown = [text("th"), text(".type"), text(".object"), text(".actor"), text("pre")];
  const proven = [String(act.index), act.type, act.object, act.actor, act.detail];
  const same = shown.every((part, place) => part === proven[place]);
  return !same || row.querySelector("time").dateTime !== act.at;
}

function sign(row, good, why = "") {
  const cell = row.querySelector(".proof");
  cell.className = `proof ${good ? "good" : "bad"}`;
  const mark = document.createElement("strong");
  mark.textContent = `${good ? "✓" : "✗"} ${good ? words.proven : words.bad}`;
  cell.replaceChildren(mark);
  if (why) {
    const code = document.createElement("small");
    code.textContent = why;
    cell.append(document.createElement("br"), code);
  }
}

function say(text, bad = false) {
  const line = document.createElement("li");
  line.textContent = text;
  if (bad) line.className = "bad";
  box.querySelector(".said").append(line);
}

/** What is said of the tree: by whom it is signed, and how it stands to what was seen before. */
async function sayOfTree(found, seen, checkpoint) {
  say(fill(words.tree, { size: number.format(found.size), moment: moment(Date.now()) }));
  if (found.witnesses.length === 0) say(words.unwitnessed);
  else {
    const names = found.witnesses.map(({ witness }) => witness).join(", ");
    const last = found.witnesses.map(({ at }) => at).sort().at(-1);
    const values = { count: number.format(found.witnesses.length), size: number.format(found.witnessed), names, moment: moment(last) };
    say(fill(words.witnesses, values));
  }
  box.querySelector("details").hidden = false;
  box.querySelector(".key").textContent = found.key;
  box.querySelector(".root").textContent = found.root;
  const otherKey = seen && seen.key !== found.key;
  const forked = found.continues === false;
  if (otherKey) say(words.otherKey, true);
  else if (!seen) say(words.first);
  else say(fill(forked ? words.fork : words.goesOn, { size: number.format(found.held) }), forked);
  // What was seen stays what it was, where the ledger does not continue it.
  if (!otherKey && !forked) await store.keep({ key: found.key, checkpoint });
  return !otherKey && !forked;
}

async function check() {
  status.className = "";
  status.textContent = words.working;
  box.className = "note";
  box.querySelector(".said").replaceChildren();
  const checked = rows.filter((row) => row.dataset.check);
  // Acts that enter with a tick have no place of their own yet; a place without what proves it is bad.
  const unproven = rows.filter((row) => !row.dataset.check && /^\d/.test(row.querySelector("th").textContent.trim()));
  for (const row of rows) if (!row.dataset.check) row.querySelector(".proof").textContent = words.tick;
  try {
    const seen = await store.seen();
    // The witnessed one first: the newest may move on meanwhile.
    const witnessed = await file("/ledger/witnessed");
    const [trust, checkpoint] = [await file("/v1/trust"), await file("/ledger/checkpoint")];
    const { ledger } = JSON.parse(new TextDecoder().decode(trust));
    const held = seen?.key === ledger ? seen.checkpoint : null;
    const acts = checked.map(kept);
    const fetchFile = async (name) => (await file(`/ledger/${name}`)) ?? new Uint8Array();
    const asked = { trust, checkpoint, witnessed, held, acts, fetchFile };
    const found = await withTiers((tiers) => tiers.checkActs(asked));
    let bad = unproven.length;
    unproven.forEach((row) => sign(row, false));
    found.acts.forEach((act, place) => {
      const row = checked[place];
      const other = act.proven && differs(row, act);
      if (act.proven && !other) row.querySelector("time").textContent = moment(act.at);
      else bad += 1;
      sign(row, act.proven && !other, other ? words.different : act.why);
    });
    const whole = await sayOfTree(found, seen, checkpoint);
    const values = { count: number.format(checked.length), bad: number.format(bad) };
    status.textContent = fill(bad > 0 ? words.some : words.all, values);
    box.className = bad > 0 || !whole ? "note bad" : "note good";
  } catch (error) {
    checked.forEach((row) => sign(row, false));
    status.textContent = `${words.failed} ${error.code ?? "network"}`;
    box.className = "note bad";
  }
}

box.querySelector("button").addEventListener("click", check);
if (rows.some((row) => row.dataset.check)) check();
else status.textContent = words.tick;
