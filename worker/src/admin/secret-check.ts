import { hmac } from "../config/secrets";

const NONCE = /^[A-Za-z0-9_-]{43}$/;
const NAME = /^[A-Z][A-Z0-9_]{0,127}$/;
const SECRET_NAME = /(KEY|SECRET|TOKEN|PASSWORD|DATABASE_URL)$/;
const MAX_NAMES = 256;
const MAX_BODY = 64 * 1024;

/** Proofs that secrets are what they should be, without saying what they are. */
export interface SecretProofs {
  /** For each asked name that is set: the HMAC of the nonce under its value, in hex. */
  readonly proofs: Readonly<Record<string, string>>;
  /** All names that are secrets by their name, sorted. */
  readonly names: readonly string[];
}

/** Answers {nonce, names}; null when that is malformed. */
export async function proveSecrets(
  body: string,
  bindings: Readonly<Record<string, unknown>>,
): Promise<SecretProofs | null> {
  const asked = read(body);
  if (asked === null) {
    return null;
  }
  const proofs: Record<string, string> = {};
  for (const name of asked.names) {
    const value = bindings[name];
    if (typeof value === "string" && value !== "") {
      proofs[name] = await proof(name, asked.nonce, value);
    }
  }
  const names = Object.keys(bindings)
    .filter((name) => SECRET_NAME.test(name) && typeof bindings[name] === "string")
    .sort();
  return { proofs, names };
}

export async function proof(name: string, nonce: string, value: string): Promise<string> {
  const bytes = await hmac(value, `mcpist secret check v1\n${name}\n${nonce}`);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function read(body: string): { nonce: string; names: string[] } | null {
  if (body.length > MAX_BODY) {
    return null;
  }
  try {
    const { nonce, names } = JSON.parse(body) as { nonce?: unknown; names?: unknown };
    const good =
      typeof nonce === "string" &&
      NONCE.test(nonce) &&
      Array.isArray(names) &&
      names.length <= MAX_NAMES &&
      names.every((name) => typeof name === "string" && NAME.test(name));
    return good ? { nonce, names: names as string[] } : null;
  } catch {
    return null;
  }
}
