import { describe, expect, it } from "vitest";
import { answerTo, noAnswer } from "../src/call/call-error";
import { lineOf } from "../src/wire/json-text";
import { hasMethod, readBody, requestsOf } from "../src/wire/payload";

const payload = (json: string) => readBody(new TextEncoder().encode(json));

describe("a payload", () => {
  it("keeps ids as they were written, and what a call names", () => {
    const call = payload(
      '{"jsonrpc":"2.0","id":12345678901234567890,"method":"tools/call","params":{"name":"s\\u0061ve","x":[1,{"name":"no"}]}}',
    );
    expect(call.readable).toBe(true);
    expect(call.messages[0]).toMatchObject({
      id: "12345678901234567890",
      method: "tools/call",
      name: "save",
    });
    expect(payload('{"id":"a\\u0022b","method":"ping"}').messages[0]?.id).toBe('"a\\"b"');
    expect(payload('{"id":null,"method":"ping"}').messages[0]?.id).toBeNull();
  });

  it("tells requests, responses and progress apart in a batch", () => {
    const batch = payload(
      ' [ {"id":1,"method":"a"} , {"id":2,"result":{}},\n{"method":"notifications/progress","params":{"progressToken":"t","progress":1.5e1}} ] ',
    );
    expect(batch.batch).toBe(true);
    expect(requestsOf(batch).map((m) => m.id)).toEqual(["1"]);
    expect(hasMethod(batch, "a")).toBe(true);
    expect(batch.messages[2]).toMatchObject({ progressToken: '"t"', progress: 15 });
  });

  it("is not read where it has more in it than an isolate has room for", () => {
    const message = '{"id":1,"method":"a"}';
    const batch = (size: number) => `[${Array(size).fill(message).join(",")}]`;
    expect(payload(batch(1_000)).messages).toHaveLength(1_000);
    expect(payload(batch(1_001)).readable).toBe(false);
    const names = (size: number) =>
      `{"id":1,"method":"a","params":{${Array.from({ length: size }, (_, i) => `"${i}":0`)}}}`;
    expect(payload(names(40_000)).readable).toBe(true);
    expect(payload(names(50_000)).readable).toBe(false);
    const id = (text: string) => payload(`{"id":"${text}","method":"a"}`);
    expect(id("\\u00e9".repeat(1_024)).messages[0]?.id).toBe(`"${"é".repeat(1_024)}"`);
    expect(id("x".repeat(6_145)).readable).toBe(false);
  });

  it("is read where a name in it is longer than any that there is", () => {
    const long = "x".repeat(1_025);
    const call = payload(`{"id":1,"method":"tools/call","params":{"name":"${long}"}}`);
    expect(call.messages).toMatchObject([{ id: "1", method: "tools/call", name: "" }]);
    expect(requestsOf(payload(`{"id":1,"method":"${long}"}`))).toMatchObject([{ method: "" }]);
  });

  it.each([
    "",
    "7",
    '"text"',
    "{",
    "[]",
    "[1]",
    '[{"id":1},2]',
    '{"id":1} {"id":2}',
    '{"id":1,"id":2}',
    '{"id":1,"params":{"name":"a","n\\u0061me":"b"}}',
    `${"[".repeat(2_000)}${"]".repeat(2_000)}`,
  ])("is unreadable where an origin might see another one: %s", (text) => {
    expect(payload(text)).toMatchObject({ readable: false, messages: [] });
  });

  it.each([
    "01",
    "1.",
    "-",
    "+1",
    "1e",
    "tru",
    'nul"l',
    '"a',
    '"\n"',
    '"\\x"',
    '"\\u12"',
    "[1,]",
    "[1 2]",
    '{"a":1,}',
    '{"a" 1}',
    "{a:1}",
    "{1:1}",
    "[}",
    "\u00a01",
    "",
  ])("is unreadable where there is no JSON in it: %j", (value) => {
    expect(() => JSON.parse(value)).toThrow();
    expect(payload(`{"id":1,"method":"a","params":[${value}]}`).readable).toBe(value === "");
    expect(payload(`{"id":1,"method":"a","x":${value}}`).readable).toBe(false);
  });

  it("is read whatever there is in it", () => {
    const value = {
      a: [1.5e-3, -0, true, false, null, '\u2028é"\\', {}, []],
      b: { "": { c: "\n" } },
    };
    const json = JSON.stringify(
      { id: "x", method: "m", params: { ...value, name: "n" } },
      null,
      "\t",
    );
    expect(payload(json).messages).toMatchObject([{ id: '"x"', method: "m", name: "n" }]);
  });

  it("is not kept as a tree, which would be many times as large", () => {
    const pad = `[${Array(1_000_000).fill("[]")}]`;
    const read = payload(`{"id":1,"method":"a","params":{"_meta":{"pad":${pad}},"name":"n"}}`);
    expect(read.messages).toMatchObject([{ id: "1", name: "n", progressToken: null }]);
  });

  it.each([[0xc0, 0xaf], [0xed, 0xa0, 0x80], [0x80], [0xe2, 0x82]])(
    "is unreadable where a body is no UTF-8: %s %s",
    (...bytes) => {
      const [before, after] = ['{"id":1,"method":"a', '"}'].map((s) => new TextEncoder().encode(s));
      const body = (middle: readonly number[]) =>
        new Uint8Array([...(before ?? []), ...middle, ...(after ?? [])]);
      expect(readBody(body([0xe2, 0x82, 0xac])).messages[0]?.method).toBe("a€");
      expect(readBody(body(bytes))).toMatchObject({ readable: false, messages: [] });
    },
  );

  it("is put on one line without a change to its strings", () => {
    const text = '{\r\n "id": 1,\n "result": "a\\nb" }';
    const { json } = payload(text).messages[0] ?? expect.fail("unreadable");
    const line = new TextDecoder().decode(lineOf(json));
    expect(JSON.parse(line)).toEqual(JSON.parse(text));
    expect(line).not.toMatch(/[\r\n]/);
  });
});

describe("an error", () => {
  it("answers each request of a batch by its id", () => {
    const batch = payload('[{"id":"x","method":"a"},{"method":"n"},{"id":2,"method":"b"}]');
    const error = noAnswer(
      { callId: "call", key: "key", keepsCalls: true, told: false, held: false },
      true,
    );
    const answer = JSON.parse(answerTo(error, batch)) as { id: unknown }[];
    expect(answer.map((e) => e.id)).toEqual(["x", 2]);
  });
});
