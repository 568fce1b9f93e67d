import {
  createLocalJWKSet,
  decodeProtectedHeader,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  jwtVerify,
} from "jose";
import type { JwtSettings } from "../../config/config";
import { callerOfToken, mayBeUser } from "./caller";
import { admitted, type Reason, refused, type Verdict } from "./verdict";

const ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"];
const LEEWAY_SECONDS = 30;

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
