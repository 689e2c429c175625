// Sends the two files of a certificate to be checked, and shows what comes back. The files hold no
// personal data; a check that owes nothing to anybody is made on the command line.

const form = document.getElementById("verify");
const status = form.querySelector("[role=status]");

const element = (name, text, parent) => {
  const made = document.createElement(name);
  made.textContent = text;
  parent.append(made);
  return made;
};

async function check() {
  const certificate = await form.elements.certificate.files[0].text();
  const report = await form.elements.report.files[0]?.text();
  const body = JSON.stringify({ certificate, report });
  const headers = { "content-type": "application/json" };
  const answer = await fetch("/verify", { method: "POST", headers, body });
  const { good, said, facts = [] } = answer.ok ? await answer.json() : { said: form.dataset.failed };
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
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  check();
});
