// The first sign-in for a company: its credentials file, shown once by the certifier, invites the person who has it.
// The key in it goes to the certifier as it does from the command line, and is not kept here.

const form = document.getElementById("first");
const status = form?.querySelector("[role=status]");

async function invited() {
  let credentials;
  try {
    credentials = JSON.parse(await form.querySelector(".file").files[0].text());
  } catch {
    throw Object.assign(new Error(), { code: "file" });
  }
  const headers = { authorization: `Bearer ${credentials.api_key}`, "content-type": "application/json" };
  const body = JSON.stringify({ name: form.querySelector(".name").value.trim() });
  const answer = await fetch("/v1/invitations", { method: "POST", headers, body });
  if (!answer.ok) throw Object.assign(new Error(), { code: (await answer.json().catch(() => ({}))).code });
  location.assign((await answer.json()).path);
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  status.className = "";
  status.textContent = form.dataset.working;
  invited().catch(({ code = "" }) => {
    const why = { file: "whyFile", "auth.unauthenticated": "whyKey" }[code];
    status.className = "note bad";
    status.textContent = why ? form.dataset[why] : `${form.dataset.whyOther} ${code}`;
  });
});
