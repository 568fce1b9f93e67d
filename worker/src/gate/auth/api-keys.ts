// API keys by their form: `mcpist_`, 43 characters of base64url, and a checksum of 6 in base 62. Which of them exist, only an
// origin knows.

export const KEY_PREFIX = "mcpist_";
const FORM = /^mcpist_[A-Za-z0-9_-]{43}[0-9A-Za-z]{6}$/;
const CHECKED = KEY_PREFIX.length + 43;
const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const CHECKSUM_DIGITS = 6;

/** Whether this could be a key: what is mistyped or made up need not trouble a database. */
export function isKey(token: string): boolean {
  return FORM.test(token) && token.slice(CHECKED) === checksum(token.slice(0, CHECKED));
}

function checksum(text: string): string {
  let rest = crc32(text);
  let digits = "";
  for (let i = 0; i < CHECKSUM_DIGITS; i++) {
    digits = (DIGITS[rest % DIGITS.length] ?? "") + digits;
    rest = Math.floor(rest / DIGITS.length);
  }
  return digits;
}

/** As IEEE 802.3 has it. */
function crc32(text: string): number {
  let crc = 0xffffffff;
  for (let i = 0; i < text.length; i++) {
    crc ^= text.charCodeAt(i);
    for (let bit = 0; bit < 8; bit++) {
      crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    }
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** The SHA-256 of a key or token in hexadecimal digits: tells them apart, and is none. */
export async function digest(token: string): Promise<string> {
  const sha256 = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token));
  return [...new Uint8Array(sha256)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
