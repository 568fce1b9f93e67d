// node check.mjs SCHEMA FOLDER…: for each folder what is wrong with its Terraform files, and what is written in them; and the schema's attributes, as JSON.
// SCHEMA is attributes.json, or what `terraform providers schema -json` prints.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { format } from "@cdktn/hcl-tools";
import { parse } from "@cdktn/hcl2json";
import { names } from "./names.mjs";
import { problems, read } from "./schema.mjs";

/** What a resource has beside its attributes. */
const META = new Set(["count", "for_each", "lifecycle", "depends_on", "provider"]);

/** What stands with braces and no equals sign: anything else is an attribute, written as it was before version 5 of the provider. */
const BLOCKS = new Set(
  ("terraform backend required_providers provider variable validation locals resource data output" +
    " lifecycle precondition postcondition import moved").split(" "),
);

async function checked(folder, schema) {
  const found = [];
  let readable = true;
  const config = { terraform: [], resources: {}, locals: {}, variables: {}, outputs: {} };
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".tf")).sort()) {
    const text = readFileSync(join(folder, file), "utf8");
    try {
      collect(await parse(file, text), config);
    } catch (e) {
      found.push(`${file}: ${e.message ?? e}`);
      readable = false;
      continue;
    }
    if ((await format(text)) !== text) {
      found.push(`${file}: is not formatted as terraform fmt does`);
    }
    for (const [, block] of text.matchAll(/^\s*([a-z_]+)(?: +"[^"]*")* +\{/gm)) {
      if (!BLOCKS.has(block)) {
        found.push(`${file}: ${block} is an attribute: ${block} = { … }`);
      }
    }
  }
  for (const [address, body] of Object.entries(config.resources)) {
    found.push(...resource(address, body, schema).map((problem) => `${address}: ${problem}`));
  }
  found.push(...(readable ? await names(config, schema) : []));
  return { problems: found, terraform: config.terraform, resources: config.resources };
}

function collect(parsed, config) {
  config.terraform.push(...(parsed.terraform ?? []));
  Object.assign(config.locals, ...(parsed.locals ?? []));
  for (const kind of ["variable", "output"]) {
    for (const [name, [body]] of Object.entries(parsed[kind] ?? {})) {
      config[`${kind}s`][name] = body;
    }
  }
  for (const [type, named] of Object.entries(parsed.resource ?? {})) {
    for (const [name, bodies] of Object.entries(named)) {
      if (bodies.length > 1 || config.resources[`${type}.${name}`]) {
        throw new Error(`${type}.${name} is there twice`);
      }
      config.resources[`${type}.${name}`] = bodies[0];
    }
  }
}

function resource(address, body, schema) {
  const type = address.split(".")[0];
  const attributes = schema[type];
  if (attributes === undefined) {
    return [`the provider has no resource ${type}`];
  }
  const ignored = (body.lifecycle?.[0].ignore_changes ?? []).map((name) => name.replace(/^\$\{(.*)\}$/, "$1"));
  return [
    ...problems(type, Object.fromEntries(Object.entries(body).filter(([name]) => !META.has(name))), attributes),
    ...ignored.filter((name) => !attributes[name]).map((name) => `ignore_changes has ${name}, which is no attribute`),
  ];
}

const [schema, ...folders] = process.argv.slice(2);
const attributes = read(schema);
const checks = await Promise.all(folders.map((folder) => checked(folder, attributes)));
process.stdout.write(JSON.stringify({ attributes, checks }));
