// The provider's resources: by type, for each attribute "required", "optional", "computed" or "optional computed", and its type. One in another is
// written with a dot: origins.address.
import { readFileSync } from "node:fs";

/**
 * What Cloudflare sets by itself, and what the provider replaces the resource for when it changes. Where the provider does not compute such an attribute,
 * leaving it out means "take it away": each plan after the first would replace the resource. 5.14.0 had `environment` so.
 * Which attributes replace is in the provider's source alone (RequiresReplace), so this is looked through when the provider's version changes.
 */
const SET_BY_CLOUDFLARE = {
  cloudflare_workers_custom_domain: ["environment", "zone_id", "zone_name"],
};

/** From what `terraform providers schema -json` prints, or from attributes.json, which has the part of it that terraform/ uses. */
export function read(file) {
  const json = JSON.parse(readFileSync(file, "utf8"));
  if (json.provider_schemas === undefined) {
    return json;
  }
  const resources = {};
  for (const { resource_schemas } of Object.values(json.provider_schemas)) {
    for (const [type, { block }] of Object.entries(resource_schemas ?? {})) {
      resources[type] = {};
      flatten("", block.attributes, resources[type]);
    }
  }
  return resources;
}

function flatten(path, attributes, into) {
  for (const [name, attribute] of Object.entries(attributes)) {
    const nested = attribute.nested_type;
    const type = nested ? { single: "object", list: ["list", "object"] }[nested.nesting_mode] : attribute.type;
    into[path + name] = [...["required", "optional", "computed"].filter((mode) => attribute[mode]), written(type)].join(" ");
    if (nested) {
      flatten(`${path}${name}.`, nested.attributes, into);
    }
  }
}

function written(type) {
  return Array.isArray(type) ? `${type[0]}(${written(type[1])})` : type;
}

/** What is wrong with the values of a resource of this type; each names the attribute. */
export function problems(type, values, attributes) {
  const found = [];
  names("", values, attributes, found);
  for (const name of SET_BY_CLOUDFLARE[type] ?? []) {
    if (values[name] === undefined && attributes[name] && !has(attributes[name], "computed")) {
      found.push(`${name} is set by Cloudflare and not computed by the provider: every plan would replace the resource. Set it, or take another provider`);
    }
  }
  return found;
}

function has(attribute, word) {
  return attribute.split(" ").includes(word);
}

/** An object's attributes, which are those right below the path. */
function names(path, values, attributes, found) {
  for (const [name, value] of Object.entries(values)) {
    const attribute = attributes[path + name];
    if (attribute === undefined) {
      found.push(`there is no attribute ${path}${name}`);
    } else if (!has(attribute, "required") && !has(attribute, "optional")) {
      found.push(`${path}${name} is the provider's to set`);
    } else {
      shape(path + name, value, attribute.split(" ").at(-1), attributes, found);
    }
  }
  for (const [name, attribute] of Object.entries(attributes)) {
    const last = name.startsWith(path) ? name.slice(path.length) : "";
    if (last !== "" && !last.includes(".") && has(attribute, "required") && values[last] === undefined) {
      found.push(`${name} is required`);
    }
  }
}

/** Whether a value that is written out is of its type. What an expression comes to is for Terraform to see. */
function shape(path, value, type, attributes, found) {
  if (typeof value === "string" && value.includes("${")) {
    return;
  }
  const [, container, item] = type.match(/^(list|map)\((.*)\)$/) ?? [];
  const kind = Array.isArray(value) ? "list" : { object: "object", boolean: "bool" }[typeof value] ?? typeof value;
  if (kind !== (container === "map" ? "object" : (container ?? type))) {
    found.push(`${path}: must be ${type}, not ${kind}`);
  } else if (container) {
    for (const one of Object.values(value)) {
      shape(path, one, item, attributes, found);
    }
  } else if (type === "object") {
    names(`${path}.`, value, attributes, found);
  }
}
