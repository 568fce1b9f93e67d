import { describe, expect, it } from "vitest";
import { noAnswer } from "../src/call/call-error";
import { Continuation } from "../src/call/continuation";
import { EventReader, EventTooLong, type SseEvent } from "../src/wire/event-reader";
import { UNCOUNTED } from "../src/wire/growing-bytes";
import { readBody } from "../src/wire/payload";

const utf8 = new TextEncoder();
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const payload = (json: string) => readBody(utf8.encode(json));

function read(stream: string, pieceLength: number): SseEvent[] {
  const bytes = utf8.encode(stream);
  const reader = new EventReader(1_000, UNCOUNTED);
  const events: SseEvent[] = [];
  for (let at = 0; at < bytes.length; at += pieceLength) {
    events.push(...reader.read(bytes.subarray(at, at + pieceLength)));
  }
  return events;
}

describe("events", () => {
  it("begin without a mark, however many there are", () => {
    const [event] = read("\uFEFF\uFEFFdata: a\n\n", 2);
    expect(event?.data && text(event.data)).toBe("a");
    expect(event && text(event.bytes)).toBe("data: a\n\n");
  });

  const lines = [
    "id: 7",
    "event: message",
    ": in it",
    "data:é",
    "data: b",
    "",
    ": ping",
    "data",
    "",
  ];

  it.each(["\n", "\r\n", "\r"])(
    "are cut whatever ends a line and wherever pieces end: %j",
    (end) => {
      for (const pieceLength of [1, 2, 3, 7, 1_000]) {
        const events = read(`\uFEFF${lines.join(end)}${end}`, pieceLength);
        expect(events.map((e) => [e.id, e.data && text(e.data)])).toEqual([
          ["7", "é\nb"],
          [null, null],
          [null, ""],
        ]);
        const whole = events.map((e) => text(e.bytes)).join("");
        expect(whole.replace(/\r\n|\r/g, "\n")).toBe(`${lines.join("\n")}\n`);
      }
    },
  );

  it("are whole or not at all", () => {
    expect(read("data: a\n\ndata: b\n", 4)).toHaveLength(1);
    expect(() => read(`data: ${"x".repeat(1_000)}`, 10)).toThrow(EventTooLong);
  });
});

describe("what goes on", () => {
  const request = payload('[{"id":1,"method":"a"},{"id":"2","method":"b"}]');
  const event = (data: string, id: string | null = null) => ({
    bytes: utf8.encode(data),
    data: utf8.encode(data),
    id,
  });
  const progress = (step: number) =>
    event(`{"method":"notifications/progress","params":{"progressToken":"t","progress":${step}}}`);

  it("is what the client does not have yet", () => {
    const told = new Continuation(request);
    expect(told.pass(progress(1), false)).toBe(true);
    expect(told.pass(progress(2), false)).toBe(true);
    expect(told.pass(event('{"id":1,"result":{}}'), false)).toBe(true);
    expect(told.answered).toBe(false);
    expect(told.pass(progress(1), true)).toBe(false);
    expect(told.pass(progress(2), true)).toBe(false);
    expect(told.pass(progress(3), true)).toBe(true);
    expect(told.pass(event('{"id":1,"result":{}}'), true)).toBe(false);
    expect(told.pass(event('{"method":"notifications/message"}'), true)).toBe(true);
    expect(told.pass(event('{"id":"2","error":{}}'), true)).toBe(true);
    expect(told.answered).toBe(true);
    expect(told.resumable).toBe(false);
    expect(told.pass(event("", "9"), true)).toBe(true);
    expect(told.resumable).toBe(true);
  });

  it("is an answer as events, those of its responses that are new", () => {
    const told = new Continuation(request);
    told.pass(event('{"id":1,"result":{}}'), false);
    const answer = '[{"id":1,"result":{}},\n{"id":"2",\n"result":{"n":12345678901234567890}}]';
    const events = told.eventsOfAnswer(payload(answer)).map(text);
    expect(events).toEqual([
      'event: message\ndata: {"id":"2", "result":{"n":12345678901234567890}}\n\n',
    ]);
    expect(told.eventsOfAnswer(payload("no JSON"))).toEqual([]);
  });

  it("is an error for each request without a response", () => {
    const error = noAnswer(
      { callId: "call", key: null, keepsCalls: true, told: false, held: false },
      true,
    );
    const told = new Continuation(request);
    told.pass(event('{"id":1,"result":{}}'), false);
    const events = told.eventsOfError(error).map(text);
    expect(events).toHaveLength(1);
    expect(events[0]).toContain('"id":"2"');
    expect(new Continuation(payload("{")).eventsOfError(error)).toHaveLength(1);
  });
});
