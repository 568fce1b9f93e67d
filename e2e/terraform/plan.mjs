// What a folder's Terraform files would make, as far as that can be known without the provider, and everything that is wrong on the way.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { format } from "@cdktf/hcl-tools";
import { parse } from "@cdktf/hcl2json";
import { evaluate, Reference } from "./expressions.mjs";
import { resource as schemaOf } from "./schema.mjs";

const META = new Set(["count", "for_each", "lifecycle", "depends_on", "provider"]);

/** What stands with braces and no equals sign: anything else is an attribute, written as it was before version 5 of the provider. */
const BLOCKS = new Set(
  ("terraform backend required_providers provider variable validation locals resource data output" +
    " lifecycle precondition postcondition import moved").split(" "),
);

export class Plan {
  constructor(folder) {
    this.folder = folder;
    this.problems = [];
    this.planned = [];
    this.unreadable = false;
    this.config = { resource: {}, variable: {}, locals: {}, output: {}, terraform: [] };
  }

  async made() {
    for (const file of readdirSync(this.folder).filter((name) => name.endsWith(".tf")).sort()) {
      await this.read(file);
    }
    const outputs = {};
    if (!this.unreadable) {
      for (const [address, there] of Object.entries(this.config.resource)) {
        await this.resource(address, there);
      }
      for (const [name, { value }] of Object.entries(this.config.output)) {
        await this.tried(`output ${name}`, async () => (outputs[name] = await evaluate(value, new Scope(this))));
      }
    }
    return { problems: this.problems, resources: this.planned, outputs, terraform: this.config.terraform };
  }

  async tried(where, work) {
    try {
      await work();
    } catch (e) {
      this.problems.push(`${where}: ${e.message ?? e}`);
    }
  }

  async read(file) {
    const text = readFileSync(join(this.folder, file), "utf8");
    try {
      this.collect(file, await parse(file, text));
    } catch (e) {
      this.problems.push(`${file}: ${e.message ?? e}`);
      this.unreadable = true;
      return;
    }
    if ((await format(text)) !== text) {
      this.problems.push(`${file}: is not formatted as terraform fmt does`);
    }
    for (const [, block] of text.matchAll(/^\s*([a-z_]+)(?: +"[^"]*")* +\{/gm)) {
      if (!BLOCKS.has(block)) {
        this.problems.push(`${file}: ${block} is an attribute: ${block} = { … }`);
      }
    }
  }

  collect(file, parsed) {
    for (const locals of parsed.locals ?? []) {
      Object.assign(this.config.locals, locals);
    }
    this.config.terraform.push(...(parsed.terraform ?? []));
    for (const kind of ["variable", "output"]) {
      for (const [name, blocks] of Object.entries(parsed[kind] ?? {})) {
        this.config[kind][name] = blocks[0];
      }
    }
    for (const [type, named] of Object.entries(parsed.resource ?? {})) {
      for (const [name, blocks] of Object.entries(named)) {
        if (blocks.length > 1 || this.config.resource[`${type}.${name}`]) {
          this.problems.push(`${file}: ${type}.${name} is there twice`);
        }
        this.config.resource[`${type}.${name}`] = { type, name, file, body: blocks[0] };
      }
    }
  }

  async resource(address, there) {
    const schema = schemaOf(there.type);
    if (!schema) {
      this.problems.push(`${there.file}: the provider has no resource ${there.type}`);
      return;
    }
    const own = Object.fromEntries(Object.entries(there.body).filter(([name]) => !META.has(name)));
    // Also where there are no instances, which is all that a plan would look at.
    this.names(address, own, schema.attributes);
    const lifecycle = there.body.lifecycle?.[0] ?? {};
    for (const name of lifecycle.ignore_changes ?? []) {
      const attribute = name.replace(/^\$\{(.*)\}$/, "$1");
      if (!schema.attributes.has(attribute)) {
        this.problems.push(`${address}: ignore_changes has ${attribute}, which is no attribute`);
      }
    }
    await this.tried(address, async () => {
      const collection = there.body.for_each === undefined ? {} : await evaluate(there.body.for_each, new Scope(this));
      for (const key of await this.instances(there)) {
        const each = typeof key === "string" ? { each: { key, value: collection[key] } } : {};
        await this.instance(address, { ...there, own, schema, lifecycle }, key, new Scope(this, each));
      }
    });
  }

  async instance(address, { type, name, own, schema, lifecycle }, key, scope) {
    const values = await evaluate(own, scope);
    for (const [attribute, value] of Object.entries(values)) {
      this.shape(`${address}.${attribute}`, value, schema.attributes.get(attribute) ?? { kind: "any" });
    }
    for (const { condition, error_message } of lifecycle.precondition ?? []) {
      if (!(await evaluate(condition, scope))) {
        this.problems.push(`${address}: ${error_message}`);
      }
    }
    this.planned.push({ type, name, key: key ?? null, values, lifecycle });
  }

  /** The keys of a resource's instances: one undefined where there is neither count nor for_each. */
  async instances({ body }) {
    if (body.count !== undefined) {
      return [...Array(await evaluate(body.count, new Scope(this))).keys()];
    }
    return body.for_each === undefined ? [undefined] : Object.keys(await evaluate(body.for_each, new Scope(this)));
  }

  /** A resource as others see it: each attribute a reference; by key where there are several. */
  async seen(type, name) {
    const there = this.config.resource[`${type}.${name}`];
    const schema = schemaOf(type);
    if (!there || !schema) {
      throw new Error(`there is no ${type}.${name}`);
    }
    const one = (key) => {
      const address = `${type}.${name}${key === undefined ? "" : `[${JSON.stringify(key)}]`}`;
      const attributes = [...schema.readable, ...schema.attributes.keys()];
      return Object.fromEntries(attributes.map((attribute) => [attribute, new Reference(`${address}.${attribute}`)]));
    };
    const keys = await this.instances(there);
    if (there.body.count !== undefined) {
      return keys.map(one);
    }
    return there.body.for_each === undefined ? one() : Object.fromEntries(keys.map((key) => [key, one(key)]));
  }

  names(address, values, attributes) {
    for (const name of Object.keys(values)) {
      if (!attributes.has(name)) {
        this.problems.push(`${address}: there is no attribute ${name}`);
      }
    }
    for (const [name, attribute] of attributes) {
      if (attribute.required && values[name] === undefined) {
        this.problems.push(`${address}: ${name} is required`);
      }
    }
  }

  /** Whether a value is of its type, and below it of theirs. */
  shape(where, value, type) {
    if (value === null || value instanceof Reference || type.kind === "any") {
      return;
    }
    const kind = Array.isArray(value) ? "list" : typeof value;
    if (kind !== (type.kind === "map" ? "object" : type.kind)) {
      this.problems.push(`${where}: must be of type ${type.kind}, not ${kind}`);
      return;
    }
    if (type.kind === "object") {
      this.names(where, value, type.attributes);
    }
    if (kind === "list" || kind === "object") {
      for (const [key, one] of Object.entries(value)) {
        this.shape(`${where}.${key}`, one, type.of ?? type.attributes.get(key) ?? { kind: "any" });
      }
    }
  }
}

/** The names that an expression can see. */
class Scope {
  constructor(plan, names = {}) {
    this.plan = plan;
    this.names = names;
  }

  with(more) {
    return new Scope(this.plan, { ...this.names, ...more });
  }

  async resolve(path) {
    const [first, second] = path;
    const { config, folder } = this.plan;
    if (Object.hasOwn(this.names, first)) {
      return follow(this.names[first], path, 1);
    }
    switch (first) {
      case "path":
        return folder;
      case "var":
        if (!Object.hasOwn(config.variable, second)) {
          throw new Error(`there is no variable ${second}`);
        }
        return new Reference(`var.${second}`);
      case "local":
        if (!Object.hasOwn(config.locals, second)) {
          throw new Error(`there is no local ${second}`);
        }
        return follow(await evaluate(config.locals[second], new Scope(this.plan)), path, 2);
      default:
        return follow(await this.plan.seen(first, second), path, 2);
    }
  }
}

function follow(value, path, from) {
  return path.slice(from).reduce((found, key) => {
    const there = found !== null && typeof found === "object" && !(found instanceof Reference) && Object.hasOwn(found, key);
    if (!there) {
      throw new Error(`${path.join(".")}: there is no "${key}"`);
    }
    return found[key];
  }, value);
}
