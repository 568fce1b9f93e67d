import { base64url } from "jose";
import { type Env, hmac, isOneOf, values } from "../config/secrets";

const SECONDS = 12 * 3_600;
const COOKIE = /(?:^|;\s*)mcpist-status=(\d{1,12})\.([\w-]{43})(?:;|$)/;
const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

/** The Set-Cookie that lets a browser see the page until it expires, or the admin token is another. */
export async function sessionCookie(request: Request, env: Env): Promise<string> {
  const expiry = String(Math.floor(Date.now() / 1_000) + SECONDS);
  const [token = ""] = values(env.ADMIN_TOKEN);
  return cookie(request, `${expiry}.${await macOf(token, expiry)}`, SECONDS);
}

/** The Set-Cookie that ends that. */
export function noCookie(request: Request): string {
  return cookie(request, "", 0);
}

export async function hasSession(request: Request, env: Env): Promise<boolean> {
  const [, expiry = "", mac = ""] = COOKIE.exec(request.headers.get("Cookie") ?? "") ?? [];
  if (Number(expiry) * 1_000 <= Date.now()) {
    return false;
  }
  const macs = values(env.ADMIN_TOKEN).map((token) => macOf(token, expiry));
  return await isOneOf(mac, (await Promise.all(macs)).join());
}

async function macOf(token: string, expiry: string): Promise<string> {
  return base64url.encode(await hmac(token, `mcpist status page, until ${expiry}`));
}

function cookie({ url }: Request, value: string, seconds: number): string {
  const secure = LOOPBACK.includes(new URL(url).hostname) ? "" : "; Secure";
  return `mcpist-status=${value}; Path=/status; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`;
}
