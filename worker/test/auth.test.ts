import type { JSONWebKeySet } from "jose";
import { describe, expect, inject, it } from "vitest";
import { readConfig } from "../src/config/config";
import { digest, isKey } from "../src/gate/auth/api-keys";
import { callerOfKey } from "../src/gate/auth/caller";
import { parseKeySet } from "../src/gate/auth/key-set";
import { checkToken } from "../src/gate/auth/token-check";
import { clientNetwork } from "../src/gate/client-network";

interface Vector {
  readonly description: string;
  readonly token: string;
  readonly verdict: string;
  readonly subject?: string;
  readonly scopes?: readonly string[];
  readonly keys?: JSONWebKeySet;
}

interface Tokens {
  readonly nowSeconds: number;
  readonly issuer: string;
  readonly audience: string;
  readonly keys: JSONWebKeySet;
  readonly cases: readonly Vector[];
}

interface Keys {
  readonly wellFormed: readonly string[];
  readonly malformed: readonly string[];
  readonly digests: Readonly<Record<string, string>>;
}

const tokens = inject("auth")["tokens.json"] as Tokens;
const keys = inject("auth")["keys.json"] as Keys;

describe("a token", () => {
  it.each(tokens.cases.map((c) => [c.description, c] as const))("%s", async (_, vector) => {
    const { issuer, audience } = tokens;
    const settings = { issuer, audience, jwks: "", scopes: vector.scopes ?? [] };
    const set = parseKeySet(JSON.stringify(vector.keys ?? tokens.keys)) as JSONWebKeySet;
    const now = new Date(tokens.nowSeconds * 1000);
    const verdict = await checkToken(vector.token, set, settings, now);
    const userId = vector.subject ?? "alice";
    expect(verdict).toEqual(
      vector.verdict === "admitted"
        ? { kind: "admitted", caller: { userId, passesAuthorization: false, key: null } }
        : { kind: "refused", reason: vector.verdict },
    );
  });
});

describe("an API key", () => {
  it.each(keys.wellFormed)("is known by its form: %s", (key) => expect(isKey(key)).toBe(true));
  it.each(keys.malformed)("is none when mistyped: %s", (key) => expect(isKey(key)).toBe(false));

  it("is told by its digest, and its holder by the beginning of that", async () => {
    for (const [key, expected] of Object.entries(keys.digests)) {
      expect(await digest(key)).toBe(expected);
      expect(callerOfKey(expected)).toEqual({
        userId: `key:${expected.slice(0, 16)}`,
        passesAuthorization: true,
        key: expected,
      });
    }
  });
});

describe("a client's network", () => {
  it.each([
    ["203.0.113.9", "203.0.113.9"],
    ["2001:db8:1:2::7", "2001:db8:1:2"],
    ["2001:0DB8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["2001:db8::1", "2001:db8:0:0"],
    ["::1", "0:0:0:0"],
    ["::ffff:203.0.113.9", "::ffff:203.0.113.9"],
    [null, "unknown"],
  ])("of %s is %s", (address, network) => {
    expect(clientNetwork(address)).toBe(network);
  });
});

describe("what the configuration says of callers", () => {
  const origins = '"origins":[{"name":"a","url":"https://a.example.com"}]';
  const resource = "https://mcp.example.com/mcp";
  const read = (auth: unknown, more = "", limits: unknown = "none") =>
    readConfig(
      `{${origins},"auth":${JSON.stringify(auth)},"limits":${JSON.stringify(limits)}${more}}`,
    );

  it("is read as the other edge reads it", () => {
    expect(read("none").auth).toBeNull();
    expect(read({ resource, keys: true }).auth).toEqual({ resource, keys: true, jwt: null });
    const jwt = { issuer: "i", jwks: "https://b.example/keys", scopes: ["b", "a"] };
    expect(read({ resource, jwt }).auth).toEqual({
      resource,
      keys: false,
      jwt: { ...jwt, audience: resource, scopes: ["a", "b"] },
    });
    expect(read("none", "", { userPerSecond: 0 }).limits).toMatchObject({
      address: true,
      user: false,
      addressPerMinute: 1_000,
    });
    expect(read("none").limits).toMatchObject({ address: false, user: false });
  });

  it("names the host by which clients ask, where they are asked and nothing else is said", () => {
    const names = (auth: unknown, more = "") => [...read(auth, more).forwarding.allowedHosts];
    expect(names({ resource, keys: true })).toEqual(["mcp.example.com"]);
    expect(names({ resource, keys: true }, ',"allowedHosts":["a.example"]')).toEqual(["a.example"]);
    expect(names("none")).toEqual([]);
  });

  it.each(["10.0.0.0/8", "192.0.2.1", "fd00::/8", "::1"])(
    "takes %s for a trusted proxy, and does not use it",
    (block) => {
      expect(() => read("none", "", { trustedProxies: [block] })).not.toThrow();
    },
  );

  it.each([
    "all",
    "0.0.0.0/0",
    "::/0",
    "10.0.0.0/33",
    "::/129",
    "10.0.0/8",
    "256.0.0.0/8",
    "1::2::3/9",
  ])("does not take %s for trusted proxies", (block) => {
    expect(() => read("none", "", { trustedProxies: [block] })).toThrow(
      "limits.trustedProxies must be as 10.0.0.0/8",
    );
  });

  it.each([
    [null, "limits is missing"],
    ["few", 'limits must be "none", or an object'],
    [{ userPerMinute: 1 }, "limits.userPerMinute is an unknown field"],
  ])("is refused where its limits are %j", (limits, problem) => {
    expect(() => read("none", "", limits)).toThrow(problem);
  });

  it.each([
    [null, "auth is missing"],
    [true, 'auth must be "none", or an object'],
    [{}, "auth.resource must begin with https://"],
    [{ resource }, "auth must have keys: true, or jwt"],
    [{ resource: "http://a.example/mcp", keys: true }, "auth.resource must begin with https://"],
    [{ resource: "https://a.example/", keys: true }, "auth.resource must be as https://mcp"],
    [{ resource, key: true }, "auth.key is an unknown field"],
    [{ resource, jwt: {} }, "auth.jwt.issuer must be"],
    [{ resource, jwt: { issuer: "i", jwks: "http://b.example/" } }, "auth.jwt.jwks must begin"],
    [
      { resource, jwt: { issuer: "i", jwks: "https://b.example/", scopes: ["a b"] } },
      "auth.jwt.scopes must be",
    ],
  ])("is refused where it is %j", (auth, problem) => {
    expect(() => read(auth)).toThrow(problem);
  });
});
