// JSON as text: what JSON.parse does not tell. An id must come back digit by digit as it was sent, and a name that occurs twice
// makes a message unreadable, since an origin might see the other one.

/** One value of a JSON text: where it is, and what is in it. */
export interface JsonValue {
  readonly kind: "object" | "array" | "string" | "number" | "word";
  readonly begin: number;
  readonly end: number;
  /** Of an object, by name. */
  readonly fields: ReadonlyMap<string, JsonValue>;
  /** Of an array. */
  readonly items: readonly JsonValue[];
}

const NO_FIELDS: ReadonlyMap<string, JsonValue> = new Map();
const MAX_DEPTH = 500;
// An isolate has 128 MiB for all its calls, and each value takes a hundred bytes or two.
const MAX_VALUES = 100_000;

/** Null when it is no JSON, has a name twice in one object, or is deeper or has more values than are read. */
export function scan(text: string): JsonValue | null {
  try {
    JSON.parse(text); // From here on it is known to be well-formed.
    return new Scanner(text).value(0);
  } catch {
    return null;
  }
}

class Scanner {
  readonly #text: string;
  #at = 0;
  #values = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): JsonValue {
    if (depth > MAX_DEPTH || ++this.#values > MAX_VALUES) {
      throw new RangeError("nested too deep, or too many values");
    }
    this.#skipSpace();
    switch (this.#text[this.#at]) {
      case "{":
        return this.#object(depth);
      case "[":
        return this.#array(depth);
      case '"':
        return this.#string();
      default:
        return this.#scalar();
    }
  }

  #object(depth: number): JsonValue {
    const begin = this.#at++;
    const fields = new Map<string, JsonValue>();
    this.#skipSpace();
    while (this.#text[this.#at] !== "}") {
      const name = JSON.parse(textOf(this.#text, this.#string())) as string;
      if (fields.has(name)) {
        throw new SyntaxError("a name occurs twice");
      }
      this.#skipSpace();
      this.#at++; // The colon.
      fields.set(name, this.value(depth + 1));
      this.#skipComma();
    }
    return { kind: "object", begin, end: ++this.#at, fields, items: [] };
  }

  #array(depth: number): JsonValue {
    const begin = this.#at++;
    const items: JsonValue[] = [];
    this.#skipSpace();
    while (this.#text[this.#at] !== "]") {
      items.push(this.value(depth + 1));
      this.#skipComma();
    }
    return { kind: "array", begin, end: ++this.#at, fields: NO_FIELDS, items };
  }

  #string(): JsonValue {
    const begin = this.#at++;
    while (this.#text[this.#at] !== '"') {
      this.#at += this.#text[this.#at] === "\\" ? 2 : 1;
    }
    return { kind: "string", begin, end: ++this.#at, fields: NO_FIELDS, items: [] };
  }

  #scalar(): JsonValue {
    const begin = this.#at;
    while (this.#at < this.#text.length && !/[\s,\]}]/.test(this.#text.charAt(this.#at))) {
      this.#at++;
    }
    const kind = /[-0-9]/.test(this.#text.charAt(begin)) ? "number" : "word";
    return { kind, begin, end: this.#at, fields: NO_FIELDS, items: [] };
  }

  #skipComma(): void {
    this.#skipSpace();
    if (this.#text[this.#at] === ",") {
      this.#at++;
      this.#skipSpace();
    }
  }

  #skipSpace(): void {
    while (/\s/.test(this.#text.charAt(this.#at))) {
      this.#at++;
    }
  }
}

/** The value as it stands in the text. */
export function textOf(text: string, value: JsonValue): string {
  return text.slice(value.begin, value.end);
}

/** On one line: outside of its strings, JSON has line breaks only as space. */
export function lineOf(text: string, value: JsonValue): string {
  return textOf(text, value).replace(/[\r\n]+/g, " ");
}
