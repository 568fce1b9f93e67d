import type { JSONWebKeySet } from "jose";
import { describe, expect, inject, it } from "vitest";
import { IssuerKeys } from "../src/gate/auth/issuer-keys";

interface Sets {
  readonly unreadable: readonly string[];
  readonly withoutKeys: readonly string[];
}

const tokens = inject("auth")["tokens.json"] as { readonly keys: JSONWebKeySet };
const sets = inject("auth")["key-sets.json"] as Sets;

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

  it("stay known while the issuer is away", async () => {
    const rig = new Rig();
    const issuer = rig.keys();
    rig.answers = [set("one")];
    await issuer.lookAgain();
    for (let i = 0; i < 10; i++) {
      rig.now += 3_600_000;
      expect(issuer.mustLook("one")).toBe(true);
      await issuer.lookAgain();
    }
    expect([rig.asked, issuer.has("one"), rig.written]).toEqual([11, true, 1]);
  });

  it.each(sets.unreadable)("stay known where the issuer answers what is none: %s", async (text) => {
    const rig = new Rig();
    const issuer = rig.keys();
    rig.answers = [set("one"), text];
    await issuer.lookAgain();
    rig.now += 60_000;
    await issuer.lookAgain();
    expect([rig.asked, issuer.has("one"), rig.written]).toEqual([2, true, 1]);
  });

  it.each(sets.withoutKeys)("may all be taken back: %s", async (nothing) => {
    const rig = new Rig();
    const issuer = rig.keys();
    rig.answers = [set("one"), nothing];
    await issuer.lookAgain();
    rig.now += 600_000;
    await issuer.refresh();
    expect([issuer.has("one"), issuer.known]).toEqual([false, { keys: [] }]);
  });

  it("are waited for once while the issuer hangs, and asked for beside the calls", async () => {
    const rig = new Rig();
    const issuer = rig.keys();
    rig.answers = [set("one")];
    await issuer.lookAgain();
    rig.now += 1_200_000;
    expect(issuer.mustLook("one")).toBe(true);
    await issuer.lookAgain();
    for (let minute = 1; minute <= 60; minute++) {
      rig.now += 60_000;
      expect(issuer.mustLook("one")).toBe(false);
      const { promise, reject } = Promise.withResolvers<string>();
      rig.answers = [promise];
      const asking = issuer.refresh();
      expect(issuer.mustLook("one"), "while it is asked").toBe(false);
      reject(new Error("timeout"));
      await asking;
    }
    expect([rig.asked, issuer.has("one")]).toEqual([62, true]);
    rig.now += 1_200_000;
    expect(issuer.mustLook("one"), "that it was away is long ago").toBe(true);
  });

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
