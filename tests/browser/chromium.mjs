// Headless Chromium over its debugging pipe (the DevTools protocol as NUL-ended JSON): no driver and no
// package. Every byte that it sends passes a proxy here, which keeps it.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request as ask } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PATIENCE_MS = 30_000;
const CLOSING_MS = 5_000;
const CLEARING_MS = 20_000;

/** Ends a browser, first by asking; `ask` is how. Its profile is removed when none of its helpers writes there any more. */
export async function ended(child, profile, ask) {
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
    const gone = new Promise((resolve) => child.once("exit", resolve));
    // Asked to end, it ends its helpers too; killed, they would go on writing into the profile for a while.
    ask();
    const late = setTimeout(() => child.kill("SIGKILL"), CLOSING_MS);
    await gone;
    clearTimeout(late);
  }
  const until = Date.now() + CLEARING_MS;
  for (;;) {
    try {
      return rmSync(profile, { recursive: true, force: true });
    } catch (error) {
      // What appears in a folder while it is removed is not seen by the retries of `rmSync` itself.
      if (Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

/**
 * A proxy that keeps what is sent through it: `sent` holds a Buffer a request, head and body. It breaks connections
 * off (`breakPuts`), loses the next answer of a path (`lose`), and changes answers as who controls the way could (`alter`: a path gives a function
 * of bytes).
 */
export async function recorder() {
  const sent = [];
  const proxy = createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      const head = `${request.method} ${request.url}\n${request.rawHeaders.join("\n")}\n\n`;
      sent.push(Buffer.concat([Buffer.from(head), body]));
      if (proxy.broken > 0 && request.method === "PUT") {
        proxy.broken -= 1;
        request.socket.destroy();
        return;
      }
      const { hostname, port, pathname, search } = new URL(request.url);
      const options = { hostname: "127.0.0.1", port, path: pathname + search, method: request.method, headers: request.headers };
      if (!["localhost", "127.0.0.1"].includes(hostname)) {
        response.writeHead(502).end();
        return;
      }
      const onward = ask(options, (answer) => {
        if (proxy.lost === pathname) {
          proxy.lost = null;
          answer.resume();
          request.socket.destroy();
          return;
        }
        const change = proxy.altered?.(pathname);
        if (!change) {
          response.writeHead(answer.statusCode, answer.rawHeaders);
          answer.pipe(response);
          return;
        }
        const parts = [];
        answer.on("data", (part) => parts.push(part));
        answer.on("end", () => {
          const changed = change(Buffer.concat(parts));
          const { "transfer-encoding": _chunked, ...headers } = answer.headers;
          response.writeHead(answer.statusCode, { ...headers, "content-length": changed.length }).end(changed);
        });
      });
      onward.on("error", () => response.writeHead(502).end());
      onward.end(body);
    });
  });
  proxy.broken = 0;
  await new Promise((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  return { sent, breakPuts: (times) => (proxy.broken = times), alter: (by) => (proxy.altered = by), lose: (path) => (proxy.lost = path), port: proxy.address().port, close: () => proxy.close() };
}

/** A browser; `page()` gives a page of a profile of its own, as another person's computer would. */
export async function chromium(proxyPort) {
  const profile = mkdtempSync(join(tmpdir(), "tiers-chromium-"));
  const root = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const words = ["--headless=new", ...root, "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"];
  words.push("--disable-background-networking", "--disable-extensions", "--disable-component-update");
  words.push("--hide-scrollbars", "--remote-debugging-pipe", `--user-data-dir=${profile}`);
  words.push(`--proxy-server=http://127.0.0.1:${proxyPort}`, "--proxy-bypass-list=<-loopback>");
  const stdio = ["ignore", "ignore", "ignore", "pipe", "pipe"];
  const child = spawn(process.env.TIERS_CHROMIUM ?? "chromium", words, { stdio });
  const [input, output] = [child.stdio[3], child.stdio[4]];
  const waiting = new Map();
  const listeners = new Map();
  let last = 0;
  let rest = Buffer.alloc(0);
  output.on("data", (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
      take(JSON.parse(rest.subarray(0, end).toString()));
      rest = rest.subarray(end + 1);
    }
  });
  function take({ id, sessionId, method, params, result, error }) {
    if (id) {
      const { resolve, reject } = waiting.get(id);
      waiting.delete(id);
      if (error) reject(new Error(error.message));
      else resolve(result);
    } else {
      listeners.get(sessionId)?.(method, params);
    }
  }
  const call = (method, params = {}, sessionId) =>
    new Promise((resolve, reject) => {
      last += 1;
      waiting.set(last, { resolve, reject });
      input.write(`${JSON.stringify({ id: last, method, params, sessionId })}\0`);
    });
  async function page(language) {
    const { browserContextId } = await call("Target.createBrowserContext");
    const { targetId } = await call("Target.createTarget", { url: "about:blank", browserContextId });
    const { sessionId } = await call("Target.attachToTarget", { targetId, flatten: true });
    const made = new Page((method, params) => call(method, params, sessionId));
    made.downloads = (downloadPath) =>
      call("Browser.setDownloadBehavior", { behavior: "allow", downloadPath, browserContextId });
    listeners.set(sessionId, (method, params) => made.event(method, params));
    await made.begin(language);
    return made;
  }
  const close = () => ended(child, profile, () => call("Browser.close").catch(() => {}));
  return { page, close };
}

class Page {
  #call;
  #loads = 0;
  errors = [];

  constructor(call) {
    this.#call = call;
  }

  async begin(language) {
    for (const domain of ["Page", "Runtime", "DOM", "Log"]) await this.#call(`${domain}.enable`);
    await this.#call("Network.enable");
    await this.#call("Network.setExtraHTTPHeaders", { headers: { "accept-language": language } });
    await this.size(1280, 900);
  }

  event(method, params) {
    if (method === "Page.loadEventFired") this.#loads += 1;
    if (method === "Runtime.exceptionThrown") this.errors.push(params.exceptionDetails.exception?.description ?? "?");
    // What the policy of the page forbids is told here; a lost connection and a planned refusal are too.
    if (method === "Log.entryAdded" && params.entry.source === "security") this.errors.push(params.entry.text);
  }

  async size(width, height, dark = false) {
    const metrics = { width, height, deviceScaleFactor: 1, mobile: false };
    await this.#call("Emulation.setDeviceMetricsOverride", metrics);
    // Without motion colours do not fade from one scheme to the other, and nothing has to be waited for.
    const features = [
      { name: "prefers-color-scheme", value: dark ? "dark" : "light" },
      { name: "prefers-reduced-motion", value: "reduce" },
    ];
    await this.#call("Emulation.setEmulatedMedia", { features });
    await this.eval("new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))");
  }

  async eval(expression) {
    const asked = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await this.#call("Runtime.evaluate", asked);
    if (exceptionDetails) throw new Error(`${exceptionDetails.exception?.description ?? exceptionDetails.text} in ${expression.slice(0, 200)}`);
    return result.value;
  }

  async until(what, condition) {
    const end = Date.now() + PATIENCE_MS;
    for (;;) {
      let seen;
      try {
        seen = await condition();
      } catch (error) {
        // Between two pages there is nothing to ask.
        seen = false;
      }
      if (seen) return seen;
      if (Date.now() > end) throw new Error(`${what}: not after ${PATIENCE_MS} ms\n${await this.eval("document.body.innerText").catch(() => "")}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Does something that leads to another page, and waits for it. */
  async leads(what, act) {
    const before = this.#loads;
    await act();
    await this.until(what, async () => this.#loads > before);
  }

  goto(url) {
    return this.leads(url, () => this.#call("Page.navigate", { url }));
  }

  /** Clicks in the page's own way: the middle of the element, by the mouse. */
  async click(selector) {
    const place = `(() => { const e = document.querySelector(${JSON.stringify(selector)}); if (!e) return null;
      e.scrollIntoView({ block: "center" }); const r = e.getBoundingClientRect();
      return { x: r.x + r.width / 2, y: r.y + r.height / 2 }; })()`;
    const at = await this.until(selector, () => this.eval(place));
    for (const type of ["mousePressed", "mouseReleased"]) {
      await this.#call("Input.dispatchMouseEvent", { type, ...at, button: "left", clickCount: 1 });
    }
  }

  async type(selector, text) {
    await this.eval(`(() => { const e = document.querySelector(${JSON.stringify(selector)}); e.focus(); e.value = ""; })()`);
    await this.#call("Input.insertText", { text });
  }

  async key(key, code = key, text = undefined) {
    const virtual = { Tab: 9, Enter: 13, " ": 32 }[key] ?? 0;
    const event = { key, code, windowsVirtualKeyCode: virtual, text };
    await this.#call("Input.dispatchKeyEvent", { type: text ? "keyDown" : "rawKeyDown", ...event });
    await this.#call("Input.dispatchKeyEvent", { type: "keyUp", ...event });
  }

  async choose(selector, files) {
    const { root } = await this.#call("DOM.getDocument");
    const { nodeId } = await this.#call("DOM.querySelector", { nodeId: root.nodeId, selector });
    await this.#call("DOM.setFileInputFiles", { nodeId, files });
  }

  /** A virtual authenticator of this page, with a user who is verified; with `prf`, one that keeps secrets. */
  async authenticator({ prf = false } = {}) {
    await this.#call("WebAuthn.enable");
    const options = {
      protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true,
      ...(prf ? { ctap2Version: "ctap2_1", hasPrf: true } : {}),
      isUserVerified: true, automaticPresenceSimulation: true,
    };
    const { authenticatorId } = await this.#call("WebAuthn.addVirtualAuthenticator", { options });
    return { verified: (isUserVerified) => this.#call("WebAuthn.setUserVerified", { authenticatorId, isUserVerified }) };
  }

  async cookies() {
    return (await this.#call("Network.getCookies")).cookies;
  }

  async screenshot(path) {
    const { contentSize } = await this.#call("Page.getLayoutMetrics").then((m) => ({ contentSize: m.cssContentSize }));
    const clip = { x: 0, y: 0, width: contentSize.width, height: Math.min(contentSize.height, 4000), scale: 1 };
    const { data } = await this.#call("Page.captureScreenshot", { clip, captureBeyondViewport: true });
    writeFileSync(path, Buffer.from(data, "base64"));
  }
}
