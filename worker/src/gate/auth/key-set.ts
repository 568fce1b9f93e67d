import type { JSONWebKeySet, JWK } from "jose";

/** What a public key is made of, and what tells it from others: no certificate, no address. */
const MEMBERS = ["kty", "kid", "alg", "n", "e", "crv", "x", "y"] as const;
/** 32 bytes: a coordinate. */
const COORDINATE = /^[A-Za-z0-9_-]{43}$/;
/** From 2048 bits: with less no signature is taken. */
const MODULUS = /^[A-Za-z0-9_-]{342,}$/;
const NUMBER = /^[A-Za-z0-9_-]+$/;

/**
 * The keys of a JSON Web Key Set (RFC 7517) with which a token can be verified; others are passed over, whatever they are, and that
 * may leave none: an issuer may take all of them back. Null where it is no such set.
 */
export function parseKeySet(text: string): JSONWebKeySet | null {
  let set: { readonly keys?: unknown } | null;
  try {
    set = JSON.parse(text);
  } catch {
    return null;
  }
  const keys = set?.keys;
  return Array.isArray(keys) ? { keys: keys.map(publicKey).filter((key) => key !== null) } : null;
}

/** Null where no token can be verified with it. A member that is null is as one that is not there. */
function publicKey(key: unknown): JWK | null {
  if (typeof key !== "object" || key === null) {
    return null;
  }
  const given = key as Readonly<Record<string, unknown>>;
  const members: Record<string, string> = {};
  for (const name of MEMBERS) {
    const member = given[name] ?? null;
    if (typeof member === "string") {
      members[name] = member;
    } else if (member !== null) {
      return null;
    }
  }
  return verifies(given) && isWhole(members) ? (members as unknown as JWK) : null;
}

function verifies(key: Readonly<Record<string, unknown>>): boolean {
  const use = key.use ?? "sig";
  const operations = key.key_ops ?? ["verify"];
  return use === "sig" && Array.isArray(operations) && operations.includes("verify");
}

function isWhole({ kty, crv, n = "", e = "", x = "", y = "" }: Record<string, string>): boolean {
  switch (kty) {
    case "RSA":
      return MODULUS.test(n) && NUMBER.test(e);
    case "EC":
      return crv === "P-256" && COORDINATE.test(x) && COORDINATE.test(y);
    case "OKP":
      return crv === "Ed25519" && COORDINATE.test(x);
    default:
      return false;
  }
}
