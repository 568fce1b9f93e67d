import type { JSONWebKeySet } from "jose";
import { describe, expect, inject, it } from "vitest";
import { isKey, shortDigest } from "../src/auth/api-keys";
import { IssuerKeys } from "../src/auth/issuer-keys";
import { checkToken, parseKeySet } from "../src/auth/token-check";
import { readConfig } from "../src/config/config";
import { clientNetwork } from "../src/proxy/client-network";

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
        ? { kind: "admitted", caller: { userId, passesAuthorization: false } }
        : { kind: "refused", reason: vector.verdict },
    );
  });
});

describe("an API key", () => {
  it.each(keys.wellFormed)("is known by its form: %s", (key) => expect(isKey(key)).toBe(true));
  it.each(keys.malformed)("is none when mistyped: %s", (key) => expect(isKey(key)).toBe(false));

  it("is told by the beginning of its digest", async () => {
    for (const [key, digest] of Object.entries(keys.digests)) {
      expect(await shortDigest(key)).toBe(digest.slice(0, 16));
    }
  });
});

class Rig {
  now = 1_000_000;
  asked = 0;
  answers: (string | Promise<string>)[] = [];
  stored: string | null = null;
  written = 0;
  readonly store = {
    readKeys: async () => this.stored,
    writeKeys: async (text: string) => {
      this.written++;
      this.stored = text;
    },
  };

  keys(): IssuerKeys {
    const fetch = async () => {
      this.asked++;
      const answer = this.answers.shift();
      if (answer === undefined) {
        throw new Error("away");
      }
      return await answer;
    };
    return new IssuerKeys(fetch, this.store, () => this.now);
  }
}

const set = (kid: string) =>
  JSON.stringify({ keys: [{ ...tokens.keys.keys.find((key) => key.kty === "EC"), kid }] });

describe("an issuer's keys", () => {
  it("are asked for because of an unknown one once a minute", async () => {
    const rig = new Rig();
    const issuer = rig.keys();
    rig.answers = [set("one"), set("two")];
    expect(issuer.mustLook("one")).toBe(true);
    await issuer.lookAgain();
    expect([issuer.mustLook("one"), issuer.mustLook("two")]).toEqual([false, true]);
    rig.now += 59_000;
    await issuer.lookAgain();
    expect([rig.asked, issuer.has("one"), issuer.has("two")]).toEqual([1, true, false]);
    rig.now += 1_000;
    await issuer.lookAgain();
    expect([rig.asked, issuer.has("one"), issuer.has("two")]).toEqual([2, false, true]);
  });

  it("stay known while the issuer is away, or answers what are none", async () => {
    const rig = new Rig();
    const issuer = rig.keys();
    rig.answers = [set("one"), "", "[]", "null", "{}", '{"keys":7}', "<html>"];
    await issuer.lookAgain();
    for (let i = 0; i < 10; i++) {
      rig.now += 3_600_000;
      expect(issuer.mustLook("one")).toBe(true);
      await issuer.lookAgain();
    }
    expect([rig.asked, issuer.has("one"), rig.written]).toEqual([11, true, 1]);
  });

  it.each(['{"keys":[]}', '{"keys":[{"kty":"RSA","kid":"one"}]}', '{"keys":[{"kty":"oct"}]}'])(
    "may all be taken back: %s",
    async (nothing) => {
      const rig = new Rig();
      const issuer = rig.keys();
      rig.answers = [set("one"), nothing];
      await issuer.lookAgain();
      rig.now += 600_000;
      await issuer.refresh();
      expect([issuer.has("one"), issuer.known]).toEqual([false, { keys: [] }]);
    },
  );

  it("are asked for every few seconds as long as none is known", async () => {
    const rig = new Rig();
    const issuer = rig.keys();
    await issuer.lookAgain();
    rig.now += 4_000;
    await issuer.lookAgain();
    expect([rig.asked, issuer.known]).toEqual([1, null]);
    rig.now += 1_000;
    rig.answers = [set("one")];
    await issuer.lookAgain();
    expect(issuer.has("one")).toBe(true);
  });

  it("are known to an isolate that begins while the issuer is away", async () => {
    const rig = new Rig();
    rig.stored = set("one");
    const issuer = rig.keys();
    await issuer.lookAgain();
    expect([rig.asked, issuer.has("one"), rig.written]).toEqual([1, true, 0]);
    rig.now += 60_000;
    rig.answers = [set("one"), set("two")];
    await issuer.lookAgain();
    expect([rig.asked, rig.written]).toEqual([2, 0]);
    rig.now += 600_000;
    await issuer.refresh();
    expect([rig.asked, rig.written, rig.stored]).toEqual([3, 1, set("two")]);
  });

  it("are not waited for when the request that asks has been dropped", async () => {
    const rig = new Rig();
    const issuer = rig.keys();
    rig.answers = [new Promise<string>(() => undefined), set("one")];
    issuer.lookAgain(); // The runtime drops it: nothing of it ever goes on.
    const second = issuer.lookAgain();
    rig.now += 3_500;
    await second;
    expect(issuer.known).toBeNull();
    rig.now += 1_500;
    await issuer.lookAgain();
    expect(issuer.has("one")).toBe(true);
  });

  it("are had by all who come while one asks", async () => {
    const rig = new Rig();
    const issuer = rig.keys();
    const { promise, resolve } = Promise.withResolvers<string>();
    rig.answers = [promise];
    const all = Array.from({ length: 10 }, () => issuer.lookAgain());
    resolve(set("one"));
    await Promise.all(all);
    expect([rig.asked, issuer.has("one")]).toEqual([1, true]);
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
  const read = (auth: unknown, more = "") =>
    readConfig(`{${origins},"auth":${JSON.stringify(auth)}${more}}`);

  it("is read as the other edge reads it", () => {
    expect(read("none").auth).toBeNull();
    expect(read({ resource, keys: true }).auth).toEqual({ resource, keys: true, jwt: null });
    const jwt = { issuer: "i", jwks: "https://b.example/keys", scopes: ["b", "a"] };
    expect(read({ resource, jwt }).auth).toEqual({
      resource,
      keys: false,
      jwt: { ...jwt, audience: resource, scopes: ["a", "b"] },
    });
    expect(read("none", ',"limits":{"userPerSecond":0}').limits).toMatchObject({
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
      expect(() => read("none", `,"limits":{"trustedProxies":["${block}"]}`)).not.toThrow();
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
    expect(() => read("none", `,"limits":{"trustedProxies":["${block}"]}`)).toThrow(
      "limits.trustedProxies must be as 10.0.0.0/8",
    );
  });

  it.each([
    [null, "auth is missing"],
    [true, "auth must be an object"],
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
