// JSON read from its bytes, front to back: of a hostile text a tree takes 25 times as much as the text, and nothing of it is needed
// here but a few short values. It also tells what JSON.parse does not: an id must come back digit by digit as it was sent, and a
// name that occurs twice makes a message unreadable, since an origin might see the other one.

const MAX_DEPTH = 500;
/** Of the objects that are open at once: only their names are remembered. */
const MAX_NAMES = 50_000;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const CR = 0x0d;
const LF = 0x0a;
const SPACE = 0x20;
const NUMBER = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$/;
const WORDS: readonly string[] = ["true", "false", "null"];
/** A number or a word is not longer; a longer one is not read. */
const MAX_SCALAR_BYTES = 1_024;

const LETTER_U = 0x75;
const ESCAPED = [...'"\\/bfnrt'].map((letter) => letter.charCodeAt(0));
/** The decoder's start takes longer than so many letters. */
const FEW_BYTES = 16;

const decoder = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });

export type JsonKind = "object" | "array" | "string" | "number" | "word";

/** Reads one JSON text; whatever is not one, or more than is read, is thrown. */
export class JsonReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #depth = 0;
  #names = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Where it is: behind a value that was read, or at one that `kind` has told. */
  get at(): number {
    return this.#at;
  }

  /** Of the value that comes next. */
  kind(): JsonKind {
    switch (this.#next()) {
      case 0x7b:
        return "object";
      case 0x5b:
        return "array";
      case QUOTE:
        return "string";
      case 0x74: // true, false and null
      case 0x66:
      case 0x6e:
        return "word";
      default:
        return "number";
    }
  }

  /** @param field reads the value of that name */
  object(field: (name: string) => void): void {
    const names = new Set<string>();
    this.#sequence(0x7d, () => {
      const name = this.#text();
      this.#note(name, names);
      this.#expect(COLON);
      field(name);
    });
    this.#names -= names.size;
  }

  #note(name: string, names: Set<string>): void {
    if (names.has(name)) {
      throw new SyntaxError("a name occurs twice");
    }
    names.add(name);
    if (++this.#names > MAX_NAMES) {
      throw new RangeError("too many names");
    }
  }

  /** @param item reads the next value */
  array(item: () => void): void {
    this.#sequence(0x5d, item);
  }

  /** A string without its quotes; null where it takes up more bytes between them, escapes as they stand. */
  string(maxBytes: number): string | null {
    const escaped = this.#string();
    return Math.abs(escaped) > maxBytes ? null : this.#decoded(escaped);
  }

  /** A number as it is written. */
  number(): string {
    const text = this.#scalar();
    if (!NUMBER.test(text)) {
      throw new SyntaxError("no JSON value");
    }
    return text;
  }

  /** Passes over a value of any kind. */
  skip(): void {
    switch (this.kind()) {
      case "object":
        this.#skipObject();
        return;
      case "array":
        this.array(() => this.skip());
        return;
      case "string":
        this.#string();
        return;
      case "number":
        this.number();
        return;
      case "word":
        if (!WORDS.includes(this.#scalar())) {
          throw new SyntaxError("no JSON value");
        }
    }
  }

  /** Of most objects in a hostile text there is one name, which cannot occur twice. */
  #skipObject(): void {
    let first: number | null = null;
    let names: Set<string> | null = null;
    this.#sequence(0x7d, () => {
      const at = this.#at;
      if (first === null) {
        first = at;
        this.#string();
      } else {
        if (names === null) {
          names = new Set();
          this.#at = first;
          this.#note(this.#text(), names);
          this.#at = at;
        }
        this.#note(this.#text(), names);
      }
      this.#expect(COLON);
      this.skip();
    });
    this.#names -= (names as Set<string> | null)?.size ?? 0;
  }

  /** Nothing may follow. */
  end(): void {
    if (this.#next() !== undefined) {
      throw new SyntaxError("something follows the value");
    }
  }

  #sequence(end: number, element: () => void): void {
    if (++this.#depth > MAX_DEPTH) {
      throw new RangeError("nested too deep");
    }
    this.#next();
    this.#at++; // What opens it.
    if (this.#next() !== end) {
      element();
      while (this.#next() === COMMA) {
        this.#at++;
        element();
      }
    }
    this.#expect(end);
    this.#depth--;
  }

  #text(): string {
    return this.#decoded(this.#string());
  }

  /** The string that was passed over just now. */
  #decoded(escaped: number): string {
    const end = this.#at - 1;
    const text = decode(this.#bytes, end - Math.abs(escaped), end);
    return escaped < 0 ? (JSON.parse(`"${text}"`) as string) : text;
  }

  /** Passes over a string; gives its length, negative where there are escapes in it. */
  #string(): number {
    this.#expect(QUOTE);
    const bytes = this.#bytes;
    const begin = this.#at;
    let escapes = false;
    for (let byte = bytes[this.#at]; byte !== QUOTE; byte = bytes[this.#at]) {
      if (byte === undefined || byte < SPACE) {
        throw new SyntaxError("a string does not end, or has a control character");
      }
      if (byte === BACKSLASH) {
        escapes = true;
        this.#escape();
      } else {
        this.#at++;
      }
    }
    const length = this.#at++ - begin;
    return escapes ? -length : length;
  }

  #escape(): void {
    const letter = this.#bytes[this.#at + 1] ?? 0;
    this.#at += 2;
    if (letter === LETTER_U) {
      for (const end = this.#at + 4; this.#at < end; this.#at++) {
        if (!isHex(this.#bytes[this.#at] ?? 0)) {
          throw new SyntaxError("no escape");
        }
      }
    } else if (!ESCAPED.includes(letter)) {
      throw new SyntaxError("no escape");
    }
  }

  #scalar(): string {
    const begin = this.#at;
    let byte = this.#bytes[this.#at];
    // Letters, digits, signs and points.
    while (byte !== undefined && byte > SPACE && byte !== COMMA && byte !== 0x5d && byte !== 0x7d) {
      byte = this.#bytes[++this.#at];
    }
    if (this.#at - begin > MAX_SCALAR_BYTES) {
      throw new RangeError("a number is too long");
    }
    return decode(this.#bytes, begin, this.#at);
  }

  #expect(byte: number): void {
    if (this.#next() !== byte) {
      throw new SyntaxError(`no ${String.fromCharCode(byte)}`);
    }
    this.#at++;
  }

  #next(): number | undefined {
    let byte = this.#bytes[this.#at];
    while (byte === SPACE || byte === LF || byte === CR || byte === 0x09) {
      byte = this.#bytes[++this.#at];
    }
    return byte;
  }
}

function decode(bytes: Uint8Array, begin: number, end: number): string {
  let text = "";
  if (end - begin <= FEW_BYTES) {
    for (let at = begin; at < end; at++) {
      const byte = bytes[at] ?? 0;
      if (byte >= 0x80) {
        return decoder.decode(bytes.subarray(begin, end));
      }
      text += String.fromCharCode(byte);
    }
    return text;
  }
  return decoder.decode(bytes.subarray(begin, end));
}

function isHex(byte: number): boolean {
  const letter = byte | SPACE; // In lower case.
  return (byte >= 0x30 && byte <= 0x39) || (letter >= 0x61 && letter <= 0x66);
}

/** On one line: outside of its strings, JSON has line breaks only as space. */
export function lineOf(json: Uint8Array): Uint8Array {
  return json.map((byte) => (byte === CR || byte === LF ? SPACE : byte));
}
