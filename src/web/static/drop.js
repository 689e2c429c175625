// The page on which a file becomes a deposit. The file and the keys go to the worker of the browser's
// program and nowhere else; what is sent is what the worker sealed. A lost connection is waited for, and the
// upload goes on from the last byte that the certifier has. Nothing is stored.

import { KEPT, keyOf } from "/static/keys.js";

const form = document.getElementById("drop");
const by = (id) => document.getElementById(id);
const words = form?.dataset ?? {};
const csrf = document.querySelector("meta[name=csrf]")?.content ?? "";

/** Bytes of one piece of an upload, and milliseconds between two attempts after a lost connection. */
const PIECE = 4 * 2 ** 20;
const AGAIN_MS = 2000;
const ATTEMPTS = 150;
const PREVIEW_LINES = 8;

let tiers = null;
let keyToUse = null;
let sealedBy = null;

const show = (id, yes = true) => (by(id).hidden = !yes);

function progress(text, done = 0, total = 0) {
  show("progress");
  const bar = by("progress").querySelector("progress");
  by("progress").querySelector("p").textContent = text;
  if (total > 0) bar.value = done / total;
  else bar.removeAttribute("value");
}

async function api(path, options = {}) {
  const headers = { "x-tiers-csrf": csrf, ...options.headers };
  const answer = await fetch(path, { ...options, headers });
  if (answer.ok) return answer;
  const problem = await answer.json().catch(() => ({}));
  const error = new Error(problem.detail ?? problem.title ?? String(answer.status));
  error.code = problem.code ?? String(answer.status);
  throw error;
}

/** What to say of a refusal: by what its code begins with, in the page's language. */
const WHY = {
  "file.headings_missing": "whyColumns", "file.no_headings": "whyColumns", "file.heading_twice": "whyColumns",
  "file.no_identifier_column": "whyColumns", "file.only_rejects": "whyColumns", "file.too_many_rejects": "whyColumns",
  file: "whyFile", party_key: "whyParty", programme_key: "whyKey", browser: "whyBrowser",
  keystore: "whyKeystore", "browser.not_kept": "whyKept",
};

function refused(error) {
  show("progress", false);
  show("refused");
  const group = (error.code ?? "").split(".")[0];
  by("refused").querySelector(".message").textContent = words[WHY[error.code] ?? WHY[group] ?? "whyOther"];
  by("refused").querySelector(".code").textContent = error.code ?? "";
}

const cell = (row, text, name = "td", number = false) => {
  const made = document.createElement(name);
  made.textContent = text;
  if (name === "th") made.scope = "row";
  if (number) made.className = "number";
  row.append(made);
};

/** A field in the page's language: `first_name` stands in the form as `data-field-first-name`. */
function fieldName(field) {
  const word = field.replace(/(^|_)(.)/g, (_, _mark, letter) => letter.toUpperCase());
  return words[`field${word}`] ?? field;
}

function understoodIs(understood, preview) {
  const number = new Intl.NumberFormat(document.documentElement.lang);
  const section = by("understood");
  section.querySelector(".rows").textContent = number.format(understood.rows);
  section.querySelector(".rejects").textContent = number.format(understood.rejects);
  const separator = understood.separator === "\t" ? "TAB" : understood.separator;
  const shape = [understood.encoding, separator, understood.sheet].filter(Boolean);
  section.querySelector(".encoding").textContent = shape.join(", ");
  const body = section.querySelector(".columns tbody");
  body.replaceChildren();
  for (const column of understood.columns) {
    const row = document.createElement("tr");
    cell(row, column.heading, "th");
    cell(row, column.field ? fieldName(column.field) : "–");
    const { good = 0, repaired = 0, missing = 0, refused = 0 } = column.account ?? {};
    cell(row, column.account ? number.format(good + repaired) : "–", "td", true);
    cell(row, column.account ? number.format(missing + refused) : "–", "td", true);
    body.append(row);
  }
  const text = new TextDecoder().decode(preview.subarray(0, 64 * 1024));
  section.querySelector(".preview pre").textContent = text.split("\n").slice(0, PREVIEW_LINES).join("\n");
  const whole = section.querySelector(".whole");
  URL.revokeObjectURL(whole.href);
  whole.href = URL.createObjectURL(new Blob([preview], { type: "text/csv" }));
  show("understood");
  section.querySelector("h2").focus();
}

async function programmeKey(id, programme, partyKey) {
  if (words.own === "true") return partyKey === KEPT ? KEPT : form.elements.programme_key.files[0];
  const { wrapped } = await (await api(`/v1/programmes/${id}/key`)).json();
  return tiers.unwrapKey({ wrapped, partyKey, party: words.party, programme });
}

async function read() {
  show("refused", false);
  show("understood", false);
  const id = form.elements.programme.value;
  progress(words.opening);
  if (!tiers) {
    const { Tiers } = await import("/browser/tiers.js");
    tiers = await Tiers.load("/browser/");
  }
  const programme = new Uint8Array(await (await api(`/v1/programmes/${id}`)).arrayBuffer());
  const partyKey = await keyToUse(tiers);
  const key = await programmeKey(id, programme, partyKey);
  const kind = form.elements.kind.value;
  const onProgress = ({ stage, done, total }) => progress(words[stage] ?? words.reading, done, total);
  const { understood, files } = await tiers.prepare(form.elements.file.files[0], { programme, key, kind, onProgress });
  sealedBy = partyKey;
  show("progress", false);
  understoodIs(understood, files["preview.csv"]);
}

const pause = () => new Promise((resolve) => setTimeout(resolve, AGAIN_MS));

/** Sends the body from where the certifier says it stands, until it has all of it. */
async function upload(deposit, body) {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    try {
      let { offset, state } = await (await api(`/v1/deposits/${deposit}`)).json();
      while (state === "open") {
        const end = Math.min(offset + PIECE, body.length);
        progress(words.sending, offset, body.length);
        const headers = {
          "upload-offset": String(offset),
          "upload-complete": end === body.length ? "?1" : "?0",
          "content-type": "application/octet-stream",
        };
        const path = `/v1/deposits/${deposit}/body`;
        ({ offset, state } = await (await api(path, { method: "PUT", headers, body: body.subarray(offset, end) })).json());
      }
      if (state === "accepted") return;
      throw Object.assign(new Error(state), { code: state });
    } catch (error) {
      // Fetch throws a TypeError when nobody answers; anything else is an answer.
      if (!(error instanceof TypeError) && error.code !== "deposit.waiting") throw error;
      progress(words.waiting);
      await pause();
    }
  }
  throw new Error(words.waiting);
}

async function send() {
  show("understood", false);
  progress(words.sealing);
  const { files } = await tiers.seal(sealedBy);
  progress(words.sending);
  const opened = await api("/v1/deposits", { method: "POST", body: files["manifest.json"] });
  const { deposit } = await opened.json();
  await upload(deposit, files["body.sealed"]);
  await api(`/v1/deposits/${deposit}/receipt`);
  tiers.close();
  show("progress", false);
  form.hidden = true;
  show("done");
  by("done").querySelector(".see").href = `/portal/deposits/${deposit}`;
  by("done").querySelector("h2").focus();
}

if (form) {
  const has = (held) => held.party && (words.own !== "true" || held.programmes.length > 0);
  keyToUse = (tiers) => ready.then((bring) => bring(tiers));
  const ready = keyOf(form, has);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    read().catch(refused);
  });
  by("understood").querySelector(".send").addEventListener("click", () => send().catch(refused));
  const target = form.querySelector(".target");
  for (const name of ["dragover", "dragleave", "drop"]) {
    target.addEventListener(name, (event) => {
      event.preventDefault();
      target.classList.toggle("over", name === "dragover");
    });
  }
  target.addEventListener("drop", (event) => {
    form.elements.file.files = event.dataTransfer.files;
  });
}
