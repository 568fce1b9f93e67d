import {
  createLocalJWKSet,
  decodeProtectedHeader,
  errors,
  type JSONWebKeySet,
  type JWK,
  type JWTPayload,
  jwtVerify,
} from "jose";
import type { JwtSettings } from "../config/auth";
import { callerOfToken, mayBeUser } from "./caller";
import { admitted, type Reason, refused, type Verdict } from "./verdict";

const ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"];
const LEEWAY_SECONDS = 30;

/**
 * The keys of a JSON Web Key Set (RFC 7517) with which a token can be verified; others are passed over, and that may leave none:
 * an issuer may take all of them back. Null where it is no such set.
 */
export function parseKeySet(text: string): JSONWebKeySet | null {
  let set: unknown;
  try {
    set = JSON.parse(text);
  } catch {
    return null;
  }
  const keys = (set as Partial<JSONWebKeySet> | null)?.keys;
  if (!Array.isArray(keys)) {
    return null;
  }
  return { keys: keys.filter(signs) };
}

function signs(key: Partial<JWK> | null): boolean {
  const forSignatures = key?.use === undefined || key.use === "sig";
  const verifies = key?.key_ops === undefined || key.key_ops.includes("verify");
  return forSignatures && verifies && isWhole(key);
}

function isWhole(key: Partial<JWK> | null): boolean {
  switch (key?.kty) {
    case "RSA":
      return typeof key.n === "string" && typeof key.e === "string";
    case "EC":
      return key.crv === "P-256" && typeof key.x === "string" && typeof key.y === "string";
    case "OKP":
      return key.crv === "Ed25519" && typeof key.x === "string";
    default:
      return false;
  }
}

/** The id of the key that signed a token; null where it names none, or is no token at all. */
export function keyIdOf(token: string): string | null {
  try {
    const { kid } = decodeProtectedHeader(token);
    return typeof kid === "string" ? kid : null;
  } catch {
    return null;
  }
}

/** Whether a token is the issuer's, for this server, and of now. */
export async function checkToken(
  token: string,
  keys: JSONWebKeySet,
  settings: JwtSettings,
  now: Date,
): Promise<Verdict> {
  try {
    const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(keys), {
      algorithms: ALGORITHMS,
      issuer: settings.issuer,
      audience: settings.audience,
      requiredClaims: ["exp", "sub"],
      clockTolerance: LEEWAY_SECONDS,
      currentDate: now,
    });
    return protectedHeader.crit === undefined
      ? verdict(payload, settings, now)
      : refused("invalid");
  } catch (error) {
    return refused(reasonOf(error));
  }
}

function verdict(claims: JWTPayload, settings: JwtSettings, now: Date): Verdict {
  const { sub, iat } = claims;
  const issuedLater = iat !== undefined && iat > now.getTime() / 1000 + LEEWAY_SECONDS;
  if (typeof sub !== "string" || !mayBeUser(sub) || issuedLater) {
    return refused("invalid");
  }
  const scopes = scopesOf(claims);
  return settings.scopes.every((scope) => scopes.has(scope))
    ? admitted(callerOfToken(sub))
    : refused("insufficientScope");
}

/** `scope` is a text with blanks (RFC 8693), `scp` one too or a list. */
function scopesOf(claims: JWTPayload): ReadonlySet<unknown> {
  return new Set(
    [claims.scope, claims.scp].flatMap((claim) =>
      typeof claim === "string" ? claim.split(" ") : Array.isArray(claim) ? claim : [],
    ),
  );
}

function reasonOf(error: unknown): Reason {
  if (error instanceof errors.JWTExpired) {
    return "expired";
  }
  const elsewhere = error instanceof errors.JWTClaimValidationFailed && error.claim === "aud";
  return elsewhere ? "wrongAudience" : "invalid";
}
