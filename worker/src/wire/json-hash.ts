import { JsonReader } from "./json-text";

/** Longer strings all have the same hash. */
const MAX_STRING_BYTES = 64 * 1024;
const EMPTY_OBJECT = 1;
const EMPTY_ARRAY = 2;
const LONG_STRING = 3;
const FACTOR = 0x9e3779b1;

/**
 * A hash of a JSON value. Texts that the ledger takes for the same arguments have the same hash, whatever their spaces, their escapes
 * and the order of their properties. Other texts may share a hash, as 1 and 1.0 do.
 *
 * @param json null: a missing value, which stands for an object without properties
 */
export function jsonHash(json: Uint8Array | null): number {
  return json === null ? EMPTY_OBJECT : hashNext(new JsonReader(json), json);
}

function hashNext(reader: JsonReader, json: Uint8Array): number {
  const kind = reader.kind();
  const begin = reader.at;
  let hash = EMPTY_OBJECT;
  switch (kind) {
    case "object":
      reader.object((name) => {
        hash += mixed(mixed(hashText(name)) + hashNext(reader, json)); // A sum, which has no order.
        hash |= 0;
      });
      return hash;
    case "array":
      hash = EMPTY_ARRAY;
      reader.array(() => {
        hash = mixed(hash + hashNext(reader, json));
      });
      return hash;
    case "string": {
      const text = reader.string(MAX_STRING_BYTES);
      return mixed(text === null ? LONG_STRING : hashText(`"${text}`));
    }
    case "number":
      return mixed(hashText(String(Number(reader.number()))));
    default:
      reader.skip();
      return mixed(hashText(`${String.fromCharCode(...json.subarray(begin, reader.at))}.`));
  }
}

function hashText(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) {
    hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  }
  return hash;
}

function mixed(value: number): number {
  const product = Math.imul(value ^ (value >>> 16), FACTOR);
  return product ^ (product >>> 15);
}
