// The page of the browser's test: uses `tiers.js` as any page would and hands what comes of it to the
// server that opened it (tests/browser/page.mjs), which compares. What only the page can see is
// checked here.

import { FILE_BYTES_MAX, Refusal, Tiers } from "/web/tiers.js";

const get = async (path) => {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer;
};
const bytes = async (path) => new Uint8Array(await (await get(path)).arrayBuffer());
const post = (path, body) => fetch(path, { method: "POST", body });
const check = (condition, message) => {
  if (!condition) throw new Error(message);
};

async function refused(promise) {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error("not refused");
}

async function run() {
  const plan = await (await get("/plan.json")).json();
  const given = { programme: await bytes("/programme.json"), key: await bytes("/programme.key") };
  const file = async (name) => new File([await (await get(`/file/${name}`)).blob()], name);
  const tiers = await Tiers.load("/web/");
  for (const { name, kind } of plan.samples) {
    const result = await tiers.prepare(await file(name), { ...given, kind });
    for (const part of plan.compared) await post(`/result/${name}/${part}`, result.files[part]);
    check(result.understood.rows > 0, `${name}: rows`);
  }
  check(given.key.some((byte) => byte !== 0), "the page's own key was taken");
  await sealing(tiers, given, file);
  await refusals(tiers, given, file);
  await cancelling(tiers, given, file, plan.many);
  await damaged(tiers, given, file);
  await speed(tiers, given, file, plan.many);
  tiers.close();
  const again = await tiers.prepare(await file("dealer_14.csv"), { ...given, kind: "sales" });
  check(again.understood.rows > 0 && tiers.restarts === 1, "nothing after the end");
  tiers.close();
}

async function sealing(tiers, given, file) {
  const partyKey = await bytes("/party.key");
  const read = await tiers.prepare(await file("dealer_02.xlsx"), { ...given, key: undefined, kind: "sales" });
  check(Object.keys(read.files).length === 0 && read.understood.columns.length > 3, "only read");
  const made = await tiers.prepare(await file("dealer_02.xlsx"), { ...given, kind: "sales" });
  check(!made.understood.sealed && !("body.sealed" in made.files), "sealed too early");
  const sealed = await tiers.seal(partyKey);
  check(sealed.understood.sealed && sealed.understood.signed, "not sealed and signed");
  for (const part of Object.keys(sealed.files)) await post(`/sealed/${part}`, sealed.files[part]);
  await post("/fingerprint", await tiers.fingerprint(partyKey));
}

async function refusals(tiers, given, file) {
  const html = new File(["<html><body><table></table></body></html>"], "export.xls");
  check((await refused(tiers.prepare(html, { ...given, kind: "sales" }))).code === "file.markup", "html");
  const wrong = { ...given, key: new TextEncoder().encode("no key") };
  const key = await refused(tiers.prepare(await file("dealer_02.xlsx"), { ...wrong, kind: "sales" }));
  check(key.code === "programme_key.damaged", key.code);
  const large = { size: FILE_BYTES_MAX + 1, name: "large.csv" };
  check((await refused(tiers.prepare(large, { ...given, kind: "sales" }))).code === "browser.too_large", "large");
  const two = [1, 2].map(async () => tiers.prepare(await file("dealer_02.xlsx"), { ...given, kind: "sales" }));
  const codes = (await Promise.allSettled(two)).map((one) => one.reason?.code ?? "made").sort();
  check(codes.join() === "browser.busy,made", codes.join());
  check(tiers.restarts === 0, "a refusal restarted the worker");
}

async function cancelling(tiers, given, file, name) {
  const many = await file(name);
  for (const at of ["reading", "tokens"]) {
    const stop = new AbortController();
    let since;
    const onProgress = ({ stage, done }) => {
      if (stage !== at || done === 0 || stop.signal.aborted) return;
      since = performance.now();
      stop.abort();
    };
    const options = { ...given, kind: "sales", onProgress, signal: stop.signal };
    const refusal = await refused(tiers.prepare(many, options));
    check(refusal.code === "browser.cancelled", refusal.code);
    await post("/measured", `cancelled while ${at}: ${Math.round(performance.now() - since)} ms`);
  }
  check(tiers.restarts === 0, "the worker did not stop by itself");
  const aborted = AbortSignal.abort();
  const early = await refused(tiers.prepare(many, { ...given, kind: "sales", signal: aborted }));
  check(early.code === "browser.cancelled", early.code);
  const after = await tiers.prepare(await file("dealer_14.csv"), { ...given, kind: "sales" });
  check(after.understood.rows > 0, "nothing after a cancellation");
}

async function damaged(tiers, given, file) {
  const trap = await refused(tiers.prepare(await file("traps.xls"), { ...given, kind: "sales" }));
  check(trap.code === "file.workbook", `${trap.code}: ${trap.message}`);
  check(tiers.restarts === 1, "the worker was not replaced");
  const after = await tiers.prepare(await file("dealer_06.xls"), { ...given, kind: "sales" });
  check(after.understood.rows > 0, "nothing after a damaged workbook");
  check((await refused(Tiers.load("/nowhere/"))).code === "browser.load", "no build");
}

async function speed(tiers, standard, file, name) {
  const many = await file(name);
  const bridged = performance.now();
  await tiers.prepare(many, { ...standard, kind: "sales" });
  await post("/measured", `with bridges: ${Math.round(performance.now() - bridged)} ms`);
  const given = { ...standard, programme: await bytes("/keys.json") };
  const times = [];
  for (let turn = 0; turn < 3; turn += 1) {
    let last = -1;
    let told = 0;
    const onProgress = ({ stage, done, total }) => {
      check(done <= total || total === 0, "more done than there is");
      if (stage === "tokens") {
        check(done >= last, "progress goes back");
        [last, told] = [done, told + 1];
      }
    };
    const begun = performance.now();
    const { files, understood } = await tiers.prepare(many, { ...given, kind: "sales", onProgress });
    times.push(performance.now() - begun);
    check(told >= 3 && last > 0, "no progress was told");
    if (turn === 0) await post(`/result/${name}/preview.csv`, files["preview.csv"]);
    if (turn === 0) await post("/measured", `${understood.rows} rows read`);
  }
  await post("/time", String(Math.min(...times)));
}

try {
  await run();
  await post("/done", "");
} catch (error) {
  await post("/failed", `${error.code ?? ""} ${error.stack ?? error}`);
}
