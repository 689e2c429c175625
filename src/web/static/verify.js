// Checks the two files of a certificate in the page, by the program that the browser runs and under the keys
// that this certifier gives; without that program the certifier checks them. The files hold no personal
// data; a check that owes nothing to anybody is made on the command line.

const form = document.getElementById("verify");
const status = form.querySelector("[role=status]");
const words = form.dataset;

const element = (name, text, parent) => {
  const made = document.createElement(name);
  made.textContent = text;
  parent.append(made);
  return made;
};

/** Dates as the page's reader writes them, in the certifier's time. */
function dated(text, options) {
  const format = new Intl.DateTimeFormat(document.documentElement.lang, { timeZone: "UTC", ...options });
  return format.format(new Date(text));
}

async function here(certificate, report) {
  const { Tiers } = await import("/browser/tiers.js");
  const tiers = await Tiers.load("/browser/");
  try {
    const trust = await (await fetch("/v1/trust")).blob();
    const said = await tiers.checkCertificate({ certificate, report, trust });
    const month = { year: "numeric", month: "long" };
    const moment = { dateStyle: "long", timeStyle: "short" };
    const facts = [
      [words.programme, said.programme],
      [words.principal, said.principal],
      [words.period, dated(`${said.period}-01`, month)],
      [words.at, `${dated(said.released_at, moment)} UTC`],
    ];
    if (said.unprotected) facts.push([words.exact, words.exactSaid]);
    return { good: true, said: said.report ? words.goodReport : words.good, facts, where: words.here };
  } catch (error) {
    const bad = { "browser.certificate": words.failed, "browser.report": words.badReport }[error.code];
    if (!bad) throw error;
    return { good: false, said: bad, where: words.here };
  } finally {
    tiers.close();
  }
}

async function there(certificate, report) {
  const body = JSON.stringify({ certificate: await certificate.text(), report: await report?.text() });
  const headers = { "content-type": "application/json" };
  const answer = await fetch("/verify", { method: "POST", headers, body });
  const verdict = answer.ok ? await answer.json() : { said: words.failed };
  return { ...verdict, where: words.there };
}

async function check() {
  const [certificate] = form.elements.certificate.files;
  const [report] = form.elements.report.files;
  const checked = here(certificate, report).catch(() => there(certificate, report));
  const { good, said, facts = [], where } = await checked;
  status.replaceChildren();
  status.className = good ? "note good" : "note bad";
  element("strong", said, element("p", "", status));
  const list = element("dl", "", status);
  list.className = "facts";
  for (const [label, value] of facts) {
    const row = element("div", "", list);
    element("dt", label, row);
    element("dd", value, row);
  }
  if (facts.length === 0) list.remove();
  element("small", where, element("p", "", status));
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  check();
});
