// What the pages that send something have in common: calls of the API under the session's token, files for the
// browser's program, and an upload that goes on. A lost connection is waited for, and the upload goes on from
// the last byte that the certifier has. Nothing is stored.

const csrf = document.querySelector("meta[name=csrf]")?.content ?? "";

/** The reader's language as days and times are written in: the English of the pages is not that of America. */
export const locale = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;

/** Bytes of one piece of an upload, and milliseconds between two attempts after a lost connection. */
const PIECE = 4 * 2 ** 20;
const AGAIN_MS = 2000;
const ATTEMPTS = 150;

/** A call of the API; what is refused is thrown with its code. */
export async function api(path, options = {}) {
  const headers = { "x-tiers-csrf": csrf, ...options.headers };
  const answer = await fetch(path, { ...options, headers });
  if (answer.ok) return answer;
  const problem = await answer.json().catch(() => ({}));
  const error = new Error(problem.detail ?? problem.title ?? String(answer.status));
  error.code = problem.code ?? String(answer.status);
  throw error;
}

/** What the API gives, as bytes for the browser's program. */
export async function bytes(path) {
  return new Uint8Array(await (await api(path)).arrayBuffer());
}

/** Sends JSON, or text that is JSON already. */
export const post = (path, body) =>
  api(path, { method: "POST", body, headers: { "content-type": "application/json" } });

/** The browser's program, with its build loaded. */
export async function load() {
  const { Tiers } = await import("/browser/tiers.js");
  return Tiers.load("/browser/");
}

/** Runs something with the browser's program, which is wiped and ended afterwards. */
export async function withTiers(act) {
  const tiers = await load();
  try {
    return await act(tiers);
  } finally {
    tiers.close();
  }
}

const pause = () => new Promise((resolve) => setTimeout(resolve, AGAIN_MS));

/**
 * Sends `body` (a Blob or bytes) to what was opened at `path`, from where the certifier says it stands, until
 * it has all of it; gives the state in which that ended.
 */
export async function upload(path, body, { sending, waiting }) {
  const total = body.size ?? body.length;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    try {
      let { offset, state } = await (await api(path)).json();
      while (state === "open") {
        const end = Math.min(offset + PIECE, total);
        sending(offset, total);
        const headers = {
          "upload-offset": String(offset),
          "upload-complete": end === total ? "?1" : "?0",
          "content-type": "application/octet-stream",
        };
        const piece = body.slice(offset, end);
        ({ offset, state } = await (await api(`${path}/body`, { method: "PUT", headers, body: piece })).json());
      }
      return state;
    } catch (error) {
      // Fetch throws a TypeError when nobody answers; anything else is an answer.
      if (!(error instanceof TypeError) && error.code !== "deposit.waiting") throw error;
      waiting();
      await pause();
    }
  }
  throw Object.assign(new Error("nobody answers"), { code: "network" });
}

/** The pieces that pages on which a file is dropped have in common. */
export const show = (element, yes = true) => (element.hidden = !yes);

/** Shows how far something is; without a total, only that it goes on. */
export function progress(element, text, done = 0, total = 0) {
  show(element);
  const bar = element.querySelector("progress");
  element.querySelector("p").textContent = text;
  if (total > 0) bar.value = done / total;
  else bar.removeAttribute("value");
}

/** A cell of a row. */
export function cell(row, text, name = "td", number = false) {
  const made = document.createElement(name);
  made.textContent = text;
  if (name === "th") made.scope = "row";
  if (number) made.className = "number";
  row.append(made);
  return made;
}

/** Pairs of a label and a value as the groups of a list of facts. */
export function facts(list, pairs) {
  const group = ([label, value]) => {
    const made = document.createElement("div");
    for (const [name, text] of [["dt", label], ["dd", value]]) {
      const part = document.createElement(name);
      part.textContent = text;
      made.append(part);
    }
    return made;
  };
  list.replaceChildren(...pairs.map(group));
}

/** Why something was refused: the words for its code, or for the family of its code, or else the code alone. */
export function reason(reasons, words, code) {
  const why = reasons[code] ?? reasons[code.split(".")[0]];
  return why ? `${words[why]} (${code})` : `${words.whyOther} ${code}`;
}

/** A word of a form by a name with underscores: `first_name` stands in it as `data-field-first-name`. */
export function word(words, prefix, name) {
  const key = name.replace(/(^|_)(.)/g, (_, _mark, letter) => letter.toUpperCase());
  return words[`${prefix}${key}`] ?? name;
}

/** A link under which something is saved; what it was before is let go. */
export function offer(link, content, type) {
  URL.revokeObjectURL(link.href);
  link.href = URL.createObjectURL(new Blob([content], { type }));
}

/** Lets a file be dropped on the label around a field. */
export function droppable(target, field) {
  for (const name of ["dragover", "dragleave", "drop"]) {
    target.addEventListener(name, (event) => {
      event.preventDefault();
      target.classList.toggle("over", name === "dragover");
    });
  }
  target.addEventListener("drop", (event) => {
    field.files = event.dataTransfer.files;
  });
}

/** The first lines of a text, of which the whole may be long. */
export function beginning(content, lines) {
  return new TextDecoder().decode(content.subarray(0, 64 * 1024)).split("\n").slice(0, lines).join("\n");
}
