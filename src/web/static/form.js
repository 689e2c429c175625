// The public form. What is typed goes to the worker of the browser's program, which seals it to the company; the
// sealed bytes are all that is sent. The fields have no name, so that no form sends them. Nothing is stored; the
// receipt is made here.

const form = document.getElementById("collection");
const plain = document.getElementById("plain");
const done = document.getElementById("done");
const status = form.querySelector("[role=status]");
const button = form.querySelector("[type=submit]");
const words = form.dataset;
const address = `/v1/collections/${words.page}`;

const WHY = {
  "submission.choices": "whyChoices", "submission.email": "whyEmail", "submission.phone": "whyPhone",
  "submission.name": "whyName", "collection.closed": "whyClosed", "collection.full": "whyFull",
  "request.too_often": "whyFull", network: "whyNetwork",
};
/** Which field a refusal is about. */
const FIELD = { "submission.email": ".email", "submission.phone": ".phone", "submission.name": ".name" };

class Failure extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

/** What was sealed last and not answered: sent again as it is, it counts once. */
let waiting = null;

const ticked = () => [...form.querySelectorAll("[type=checkbox]:checked")];
const typed = (field) => form.querySelector(field)?.value ?? null;

async function network(path, options) {
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Failure("network");
  }
  if (answer.ok) return answer;
  const problem = await answer.json().catch(() => ({}));
  throw new Failure(problem.code ?? "network");
}

async function seal(tiers, page) {
  const choices = ticked().map((box) => box.value);
  const at = Math.floor(Date.now() / 1000);
  const values = { at, email: typed(".email"), phone: typed(".phone"), name: typed(".name"), choices };
  return tiers.sealSubmission({ page, typed: values });
}

async function send() {
  const boxes = ticked();
  const key = JSON.stringify([boxes.map((box) => box.value), typed(".email"), typed(".phone"), typed(".name")]);
  if (boxes.length === 0) throw new Failure("submission.choices");
  if (waiting?.key !== key) {
    const page = new Uint8Array(await (await network(address)).arrayBuffer());
    const shown = JSON.parse(new TextDecoder().decode(page));
    if (shown.closed_at) throw new Failure("collection.closed");
    const { Tiers } = await import("/browser/tiers.js");
    const tiers = await Tiers.load("/browser/");
    try {
      waiting = { key, shown, ...(await seal(tiers, page)) };
    } finally {
      tiers.close();
    }
  }
  const { id, bytes, shown } = waiting;
  const headers = { "content-type": "application/octet-stream" };
  const answer = await network(`${address}/submissions/${id}`, { method: "PUT", headers, body: bytes });
  const received = await answer.json();
  waiting = null;
  return { shown, received, agreed: boxes.map((box) => [box.value, box.dataset.what]) };
}

/** The receipt: what, to whom, when, how to take it back. No contact stands in it. */
function receiptOf({ shown, received, agreed }) {
  const of = (id) => shown.document.choices.find((choice) => choice.form === id);
  return {
    format: "tiers-submission-receipt/1",
    submission: received.submission,
    received_at: received.received_at,
    collection: shown.collection,
    page: shown.digest,
    address: location.origin + location.pathname,
    choices: agreed.map(([id]) => of(id)),
  };
}

function element(parent, name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  parent.append(made);
  return made;
}

function finished(sent) {
  const receipt = receiptOf(sent);
  const format = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long", timeStyle: "short" });
  done.querySelector(".number-of").textContent = receipt.submission;
  done.querySelector(".when").textContent = format.format(new Date(receipt.received_at));
  done.querySelector(".digest").textContent = receipt.page;
  const list = done.querySelector(".agreed");
  list.replaceChildren();
  for (const [id, what] of sent.agreed) {
    const choice = receipt.choices.find((one) => one.form === id);
    const item = element(list, "li", "");
    element(item, "strong", what);
    const names = [...choice.controllers, ...choice.recipients].map((one) => one.name);
    element(item, "div", [...new Set(names)].join(", "));
    element(item, "div", choice.withdrawal);
  }
  const link = done.querySelector(".download");
  link.download = `${receipt.submission}.json`;
  link.href = URL.createObjectURL(new Blob([JSON.stringify(receipt, null, 2) + "\n"], { type: "application/json" }));
  form.reset();
  form.hidden = true;
  done.hidden = false;
  done.querySelector("h2").focus();
}

function refused(error) {
  status.className = "note bad";
  status.textContent = words[WHY[error.code] ?? "whyOther"];
  const field = FIELD[error.code] && form.querySelector(FIELD[error.code]);
  field?.setAttribute("aria-invalid", "true");
  (field ?? (error.code === "submission.choices" ? form.querySelector("[type=checkbox]") : null))?.focus();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  status.className = "";
  status.textContent = words.working;
  form.querySelectorAll("[aria-invalid]").forEach((field) => field.removeAttribute("aria-invalid"));
  button.disabled = true;
  send()
    .then(finished, refused)
    .finally(() => (button.disabled = false));
});
done.querySelector(".print").addEventListener("click", () => window.print());

// Only where the program can run is there anything to fill in.
if (typeof WebAssembly === "object" && typeof Worker === "function") {
  plain.hidden = true;
  form.querySelectorAll(".script").forEach((part) => (part.hidden = false));
}
