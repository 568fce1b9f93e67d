import { type OutputUnit, type Schema, Validator } from "@cfworker/json-schema";
import document from "../../../contract/edge-config.schema.json";

/** EDGE_CONFIG or a secret is missing or malformed; the message names it and never quotes a value. */
export class ConfigError extends Error {
  static field(name: string, problem: string): ConfigError {
    return new ConfigError(`EDGE_CONFIG: ${name} ${problem}`);
  }
}

interface Rule {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Rule>>;
  readonly items?: Rule;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: unknown;
  readonly errorMessage?: string;
  /** By keyword, of `required` by the missing field. */
  readonly errorMessages?: Readonly<Record<string, string | Record<string, string>>>;
}

const RULES = document as unknown as Rule;
const validator = new Validator(document as unknown as Schema, "2020-12");

/**
 * EDGE_CONFIG as an object of contract/edge-config.schema.json, with its defaults.
 *
 * @throws ConfigError naming what is malformed or missing
 */
export function readJson(text: string | undefined): unknown {
  if (text === undefined || text.trim() === "") {
    throw new ConfigError("EDGE_CONFIG is not set: it must be JSON with the origins");
  }
  const json = parse(text);
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new ConfigError("EDGE_CONFIG: must be a JSON object");
  }
  const { errors } = validator.validate(json);
  // The innermost is the last; of several fields that are missing, the first is named.
  const last = errors.at(-1);
  const error = errors.find((it) => it.keywordLocation === last?.keywordLocation);
  if (error !== undefined) {
    throw configError(error);
  }
  addDefaults(json, RULES);
  return json;
}

function parse(text: string): unknown {
  try {
    // A field that is null counts as absent.
    return JSON.parse(text, function (this: unknown, _, value: unknown) {
      return value === null && !Array.isArray(this) ? undefined : value;
    });
  } catch {
    throw new ConfigError("EDGE_CONFIG: malformed JSON");
  }
}

function configError(error: OutputUnit): ConfigError {
  const keyword = error.keyword;
  // The validator names what is missing in its message only.
  const missing = keyword === "required" ? (/"(.+)"/.exec(error.error)?.[1] ?? "") : "";
  const rule = ruleOf(error.keywordLocation);
  const location = decodeURI(error.instanceLocation + (missing === "" ? "" : `/${missing}`));
  const field = (rule.type === "string" ? location.replace(/\/\d+$/, "") : location)
    .replace(/^#\//, "")
    .replace(/\/(\d+)(?=\/|$)/g, "[$1]")
    .replaceAll("/", ".");
  if (keyword === "false") {
    return ConfigError.field(field, "is an unknown field");
  }
  const told = rule.errorMessages?.[keyword] ?? rule.errorMessage;
  const message = typeof told === "object" ? told[missing] : told;
  return ConfigError.field(field, message ?? problem(rule));
}

/** The part of the schema that has a keyword. */
function ruleOf(keywordLocation: string): Rule {
  const path = keywordLocation.split("/").slice(1, -1);
  return path.reduce((rule, key) => (rule as Record<string, Rule>)[key] ?? {}, RULES);
}

/** What is said where the schema has no message of its own. */
function problem(rule: Rule): string {
  if (rule.minimum !== undefined) {
    return `must be from ${rule.minimum} to ${rule.maximum}`;
  }
  if (rule.enum !== undefined) {
    return `must be ${rule.enum.join(" or ")}`;
  }
  switch (rule.type) {
    case "boolean":
      return "must be true or false";
    case "string":
      return "must be a string";
    default:
      return `must be an ${rule.type}`;
  }
}

function addDefaults(value: unknown, rule: Rule): void {
  if (Array.isArray(value)) {
    for (const item of value) {
      addDefaults(item, rule.items ?? {});
    }
  } else if (typeof value === "object" && value !== null) {
    const object = value as Record<string, unknown>;
    for (const [name, property] of Object.entries(rule.properties ?? {})) {
      if (object[name] === undefined && property.default !== undefined) {
        object[name] = structuredClone(property.default);
      }
      addDefaults(object[name], property);
    }
  }
}
