// Fetches the dossier of a search and checks it in the page: its signature and the proof of every act, by
// the program that the browser runs and under the keys that this certifier gives.

const box = document.getElementById("dossier");
const status = box?.querySelector("[role=status]");
const csrf = document.querySelector("meta[name=csrf]")?.content ?? "";

async function bytes(path, options = {}) {
  const answer = await fetch(path, options);
  if (!answer.ok) throw new Error(String(answer.status));
  return new Uint8Array(await answer.arrayBuffer());
}

async function check() {
  const headers = { "x-tiers-csrf": csrf, "content-type": "application/json" };
  const options = { method: "POST", headers, body: box.dataset.search };
  const [dossier, trust] = await Promise.all([bytes("/v1/dossiers", options), bytes("/v1/trust")]);
  const { Tiers } = await import("/browser/tiers.js");
  const tiers = await Tiers.load("/browser/");
  try {
    return await tiers.checkDossier({ dossier, trust });
  } finally {
    tiers.close();
  }
}

box?.querySelector("button[type=button]").addEventListener("click", () => {
  status.className = "";
  status.textContent = box.dataset.working;
  check()
    .then(({ acts }) => {
      status.className = "note good";
      const count = new Intl.NumberFormat(document.documentElement.lang).format(acts);
      status.textContent = box.dataset.good.replace("{count}", count);
    })
    .catch((error) => {
      status.className = "note bad";
      const bad = (error.code ?? "").startsWith("dossier.");
      status.textContent = bad ? `${box.dataset.bad} ${error.code}` : box.dataset.failed;
    });
});
