// What the build seals and signs, checked with other means: RFC 9180 and Ed25519 from Node's own
// primitives, by the pages docs/formats/body.md, docs/formats/manifest.md and docs/formats/keys.md.

import { createDecipheriv, createHash, createHmac, createPrivateKey, createPublicKey, diffieHellman, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SAMPLES, browser, check, same } from "./support.mjs";

const CHUNK = 64 * 1024;
const MAGIC = "tiers-sealed/1\n";
const text = (value) => Buffer.from(value);
const hmac = (key, ...parts) => createHmac("sha256", key).update(Buffer.concat(parts)).digest();
const two = (number) => Buffer.from([number >> 8, number & 255]);

function privateKey(seed) {
  const der = Buffer.concat([Buffer.from("302e020100300506032b656e04220420", "hex"), seed]);
  return createPrivateKey({ key: der, format: "der", type: "pkcs8" });
}

function publicKey(prefix, raw) {
  const der = Buffer.concat([Buffer.from(prefix, "hex"), raw]);
  return createPublicKey({ key: der, format: "der", type: "spki" });
}

const X25519 = "302a300506032b656e032100";
const ED25519 = "302a300506032b6570032100";

/** RFC 9180 section 4: labelled extract and expand under a suite. */
function labelled(suite) {
  const extract = (salt, label, ikm) => hmac(salt, text("HPKE-v1"), suite, text(label), ikm);
  const expand = (prk, label, info, length) => {
    const full = Buffer.concat([two(length), text("HPKE-v1"), suite, text(label), info]);
    let [block, out] = [Buffer.alloc(0), Buffer.alloc(0)];
    for (let turn = 1; out.length < length; turn += 1) {
      block = hmac(prk, block, full, Buffer.from([turn]));
      out = Buffer.concat([out, block]);
    }
    return out.subarray(0, length);
  };
  return { extract, expand };
}

/** Base mode, X25519 with HKDF-SHA256 and ChaCha20-Poly1305: the key and the base nonce. */
function receive(seed, enc, info) {
  const secret = privateKey(seed);
  const own = createPublicKey(secret).export({ format: "der", type: "spki" }).subarray(-32);
  const dh = diffieHellman({ privateKey: secret, publicKey: publicKey(X25519, enc) });
  const kem = labelled(Buffer.concat([text("KEM"), two(0x20)]));
  const prk = kem.extract(Buffer.alloc(0), "eae_prk", dh);
  const shared = kem.expand(prk, "shared_secret", Buffer.concat([enc, own]), 32);
  const hpke = labelled(Buffer.concat([text("HPKE"), two(0x20), two(1), two(3)]));
  const empty = Buffer.alloc(0);
  const context = [Buffer.from([0]), hpke.extract(empty, "psk_id_hash", empty), hpke.extract(empty, "info_hash", info)];
  const key = hpke.extract(shared, "secret", empty);
  const full = Buffer.concat(context);
  return { key: hpke.expand(key, "key", full, 32), base: hpke.expand(key, "base_nonce", full, 12) };
}

function open(seed, info, sealed) {
  same(sealed.subarray(0, MAGIC.length).toString(), MAGIC, "magic");
  const enc = sealed.subarray(MAGIC.length + 8, MAGIC.length + 40);
  const { key, base } = receive(seed, enc, info);
  const rest = sealed.subarray(MAGIC.length + 40);
  const plain = [];
  for (let at = 0, turn = 0; at < rest.length; at += CHUNK + 16, turn += 1) {
    const chunk = rest.subarray(at, at + CHUNK + 16);
    const nonce = Buffer.from(base);
    nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ turn) >>> 0, 8);
    const cipher = createDecipheriv("chacha20-poly1305", key, nonce, { authTagLength: 16 });
    cipher.setAAD(text(at + chunk.length < rest.length ? "more" : "last"));
    cipher.setAuthTag(chunk.subarray(-16));
    plain.push(cipher.update(chunk.subarray(0, -16)), cipher.final());
  }
  return Buffer.concat(plain);
}

/** The 64 secret bytes of a party.key: signing, then sealing. */
function seedOf(file) {
  return Buffer.from(file.toString().split(" ")[1], "base64url");
}

function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const fields = Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`);
  return `{${fields.join(",")}}`;
}

function refusal(act) {
  try {
    act();
  } catch (thrown) {
    check(typeof thrown === "string", `a trap: ${thrown}`);
    return JSON.parse(thrown).code;
  }
  return "none";
}

/** Seals and signs one deposit and checks it; then everything that must be refused. */
export async function deposits(build, shop) {
  const bytes = readFileSync(join(SAMPLES, "dealer_01.csv"));
  const given = { name: "dealer_01.csv", bytes, kind: "sales" };
  const { deposit, read } = browser(build, shop, given);
  const preview = Buffer.from(read("preview.csv"));
  same(refusal(() => deposit.seal(text("TIERS-PARTY-KEY-1 nonsense"))), "party_key.damaged", "party key");
  deposit.seal(shop.read("party/party.key"));
  const { manifest, signed } = JSON.parse(Buffer.from(read("manifest.json")));
  const sealed = Buffer.from(read("body.sealed"));
  same(manifest.body.sealed.sha256, createHash("sha256").update(sealed).digest("base64url"), "digest");
  const bound = [manifest.programme, manifest.key_id, manifest.party, manifest.kind, manifest.nonce];
  const info = text(`tiers/v1/seal/body\0${canonical(bound)}`);
  const certifier = seedOf(shop.read("certifier/party.key"));
  same(open(certifier.subarray(32), info, sealed), preview, "the sealed body and the preview");
  const { signing } = JSON.parse(shop.read("party/party.pub"));
  const message = text(`tiers/v1/sign/manifest\0${canonical(manifest)}`);
  const [key, signature] = [signing, signed.signature].map((part) => Buffer.from(part, "base64url"));
  check(verify(null, message, publicKey(ED25519, key), signature), "the signature of the manifest");
  same(manifest.party, build.fingerprint(shop.read("party/party.key")), "fingerprint");
  turns(build, shop, given);
}

function turns(build, shop, { bytes, name, kind }) {
  const asked = JSON.stringify({ kind, source: name, today: "2024-06-01" });
  const [programme, key] = [shop.read("programme.json"), shop.read("programme.key")];
  const make = (...words) => refusal(() => new build.Deposit(...words));
  const cut = key.subarray(0, key.length - 5);
  same(make(bytes, programme, cut, asked), "programme_key.damaged", "a cut key");
  const other = JSON.stringify({ ...shop.programme, key_id: "AAAAAAAAAAAAAAAAAAAAAA" });
  // The key is looked at before the file: an empty one would be refused as well.
  same(make(text(""), text(other), key, asked), "programme_key.other", "another programme's key");
  same(make(bytes, programme, key, asked.replace("2024", "2999")), "programme.epoch_over", "a late day");
  same(make(bytes, text("{}"), key, asked), "programme.shape", "no programme");
  same(make(bytes, programme, key, "{}"), "browser.asked", "nothing asked");
  const spaced = Buffer.concat([text("  \r\n"), key, text("\n")]);
  const deposit = new build.Deposit(bytes, programme, spaced, asked);
  same(refusal(() => deposit.tokenise()), "browser.turn", "tokens before rows");
  same(refusal(() => deposit.seal(shop.read("party/party.key"))), "browser.turn", "sealing before tokens");
  same(deposit.files(), [], "files before they are made");
  while (!deposit.step(50));
  same(refusal(() => deposit.step(1)), "browser.turn", "rows after the last");
}
