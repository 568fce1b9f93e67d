import { ConfigError, Fields } from "./fields";
import { isLoopback } from "./loopback";

/** Where calls go. */
export interface Origin {
  readonly name: string;
  /** As `https://host`, without a slash at the end. */
  readonly url: string;
  /** Whether it is out from the beginning. */
  readonly drained: boolean;
}

/** In the order of preference. */
export function readOrigins(entries: unknown): Origin[] {
  if (!Array.isArray(entries) || entries.length === 0) {
    throw ConfigError.field("origins", "must have one origin or more");
  }
  const origins = entries.map((entry, i) => readOrigin(entry, `origins[${i}].`));
  origins.forEach((origin, i) => {
    if (origins.findIndex((o) => o.name === origin.name) !== i) {
      throw ConfigError.field(`origins[${i}].name`, "is another origin's name");
    }
  });
  return origins;
}

function readOrigin(entry: unknown, prefix: string): Origin {
  const fields = new Fields(entry, prefix, ["name", "url", "plaintext", "drained"]);
  const name = fields.text("name", "");
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(name)) {
    throw fields.wrong("name", "must be letters, digits, '.', '_' or '-'");
  }
  return { name, url: url(fields), drained: fields.flag("drained") };
}

/** Calls carry the gateway secret and clients' keys. */
function url(fields: Fields): string {
  const plaintext = fields.flag("plaintext");
  const parsed = parse(fields.text("url", ""));
  const bare =
    parsed !== null &&
    (parsed.protocol === "http:" || parsed.protocol === "https:") &&
    parsed.pathname === "/" &&
    parsed.search === "" &&
    parsed.hash === "";
  if (!bare) {
    throw fields.wrong("url", "must be as http://host:port or https://host");
  }
  if (parsed.username !== "" || parsed.password !== "") {
    throw fields.wrong("url", "must have no user and password in it");
  }
  if (parsed.protocol === "http:" && !plaintext && !isLoopback(parsed.hostname)) {
    throw fields.wrong(
      "url",
      `must begin with https://, or be on localhost: calls carry the gateway secret; in a network of your own the origin's "plaintext": true allows http`,
    );
  }
  return parsed.origin;
}

function parse(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}
