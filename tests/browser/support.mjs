// What the tests of the browser's build share: where things lie, an instance under Node, and what the
// native program makes of the same file.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { webcrypto } from "node:crypto";

// Node 18 has it, under this name only.
globalThis.crypto ??= webcrypto;

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const environment = (name) => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run tests/wasm`);
  return resolve(ROOT, value);
};
/** Folder with the built module, and the native program. */
export const WEB = environment("TIERS_WEB");
export const NATIVE = environment("TIERS_NATIVE");
export const SAMPLES = join(ROOT, "samples/network");
export const FULL = process.env.TIERS_FULL === "1";

/** A fresh instance of the build; `memory` is its memory. */
export async function instance() {
  const glue = pathToFileURL(join(WEB, "tiers_wasm.js"));
  glue.search = `fresh=${(instance.count = (instance.count ?? 0) + 1)}`;
  const module = await import(glue.href);
  instance.compiled ??= await WebAssembly.compile(readFileSync(join(WEB, "tiers_wasm_bg.wasm")));
  module.initSync({ module: instance.compiled });
  return module;
}

export function check(condition, message) {
  if (!condition) throw new Error(message);
}

export function same(found, expected, what) {
  if (typeof found === "object" && found !== null && "byteLength" in found) {
    check(Buffer.compare(Buffer.from(found), Buffer.from(expected)) === 0, `${what} differ`);
  } else {
    const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
    check(a === b, `${what}: ${a}, not ${b}`);
  }
}

export function tiers(...words) {
  return execFileSync(NATIVE, words, { stdio: ["ignore", "pipe", "pipe"] }).toString();
}

/** A directory that goes away, with a programme, its key, a party's keys and a certifier's. */
export function workshop() {
  const dir = mkdtempSync(join(tmpdir(), "tiers-browser-"));
  process.on("exit", () => rmSync(dir, { recursive: true, force: true }));
  const at = (name) => join(dir, name);
  tiers("programme", "new", "--sample", "--out", at("programme.json"));
  tiers("programme", "key", "new", "--out", at("programme.key"));
  for (const who of ["party", "certifier"]) tiers("party", "key", "new", "--out", at(who));
  const read = (name) => readFileSync(at(name));
  const programme = JSON.parse(read("programme.json"));
  // The campaigns of the sample network, so that its leads are read too.
  const campaigns = readFileSync(join(SAMPLES, "campaigns.csv"), "utf8").trim().split("\n").slice(1);
  programme.campaigns = campaigns.map((line) => ({ name: line.split(",")[0], cost_cents: 0 }));
  programme.key_id = JSON.parse(tiers("programme", "key", "show", at("programme.key"), "--json")).key_id;
  // Registered at a certifier whose keys this test holds: a party's sealing key is one like any other.
  const certifier = JSON.parse(read("certifier/party.pub"));
  const { signing, sealing } = certifier;
  programme.certifier = { format: "tiers-trust/1", origin: "test", ledger: "test", signing, sealing };
  writeFileSync(at("programme.json"), JSON.stringify(programme));
  // The same without bridges: four key kinds, which is what the speed of preparing is told for.
  const keys = structuredClone(programme);
  keys.policy.kinds.bridges = [];
  writeFileSync(at("keys.json"), JSON.stringify(keys));
  return { dir, at, read, programme, file: "programme.json" };
}

/** What the native program makes of a file: the files of its deposit directory, or its refusal. */
export function native(shop, file, kind, ...more) {
  const out = join(shop.dir, "native");
  const words = ["prepare", file, "--programme", shop.at(shop.file), "--key"];
  words.push(shop.at("programme.key"), "--kind", kind, "--out", out, "--force", "--json", ...more);
  rmSync(out, { recursive: true, force: true });
  try {
    const understood = JSON.parse(tiers(...words)).deposits[0];
    const read = (name) => readFileSync(join(out, name));
    return { understood, read };
  } catch (error) {
    if (!error.stdout?.length) throw error;
    return { refusal: JSON.parse(error.stdout).error };
  }
}

/** What this build makes of the same, in steps of so many rows. */
export function browser(module, shop, { name, bytes, kind, rows = 1000, ...more }) {
  const asked = { kind, today: new Date().toISOString().slice(0, 10), source: name, ...more };
  const [programme, key] = [shop.read(shop.file), shop.read("programme.key")];
  let deposit;
  try {
    deposit = new module.Deposit(bytes, programme, key, JSON.stringify(asked));
    while (!deposit.step(rows));
    deposit.tokenise();
    while (!deposit.step(rows));
  } catch (thrown) {
    if (typeof thrown !== "string") throw thrown;
    return { refusal: JSON.parse(thrown) };
  }
  return { deposit, understood: JSON.parse(deposit.understood()), read: (name) => deposit.file(name) };
}

export function scratch(shop, name, bytes) {
  mkdirSync(join(shop.dir, "files"), { recursive: true });
  const path = join(shop.dir, "files", name);
  writeFileSync(path, bytes);
  return path;
}
