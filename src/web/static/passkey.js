// Talks to the authenticator: asks the server for its options, the device for an answer, and hands that
// back. Nothing is stored; who is let in is the server's decision.

const box = document.getElementById("passkey");
const button = box?.querySelector("button");
const status = box?.querySelector("[role=status]");

const post = async (path, body) => {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: body === undefined ? "{}" : JSON.stringify(body),
  });
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).code ?? String(answer.status));
  return answer.json();
};

const fromBase64 = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const toBase64 = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

/** Bytes stand in JSON as base64url. */
function understood(options, how) {
  const out = { ...options, challenge: fromBase64(options.challenge) };
  if (how === "create") {
    out.user = { ...options.user, id: fromBase64(options.user.id) };
  }
  return out;
}

function told(credential) {
  const { response } = credential;
  const parts = { clientDataJSON: toBase64(response.clientDataJSON) };
  if (response.getAuthenticatorData) {
    parts.authenticatorData = toBase64(response.getAuthenticatorData());
  } else {
    parts.authenticatorData = toBase64(response.authenticatorData);
    parts.signature = toBase64(response.signature);
    parts.userHandle = toBase64(response.userHandle);
  }
  return { rawId: toBase64(credential.rawId), response: parts };
}

async function run() {
  const { begin, finish, how, working } = box.dataset;
  status.textContent = working;
  button.setAttribute("aria-busy", "true");
  const options = await post(begin);
  const publicKey = understood(options, how);
  const credential = await navigator.credentials[how]({ publicKey });
  const { to } = await post(finish, told(credential));
  location.assign(to);
}

if (box && !window.PublicKeyCredential) {
  status.textContent = box.dataset.unsupported;
  button.disabled = true;
} else {
  button?.addEventListener("click", () => {
    button.disabled = true;
    run().catch(() => {
      status.textContent = box.dataset.failed;
      button.removeAttribute("aria-busy");
      button.disabled = false;
    });
  });
}
