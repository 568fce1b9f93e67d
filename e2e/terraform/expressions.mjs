// Works Terraform's expressions out, as far as these files use them. What only an apply can know is a Reference.
import { readFileSync } from "node:fs";
import { getExpressionAst } from "@cdktf/hcl2json";
import { parse as parseYaml } from "yaml";

/** An attribute of a resource that does not exist yet. */
export class Reference {
  constructor(address) {
    this.address = address;
  }
  toJSON() {
    return `\${${this.address}}`;
  }
}

const FUNCTIONS = {
  file: (path) => readFileSync(path, "utf8"),
  yamldecode: (text) => parseYaml(text),
  merge: (...maps) => Object.assign({}, ...maps.filter((map) => map !== null)),
  tonumber: Number,
  tostring: String,
  floor: Math.floor,
  length: (value) => Object.keys(value).length,
  regex: (pattern, value) => {
    const found = String(value).match(new RegExp(pattern));
    if (!found) {
      throw new Error(`"${value}" does not match ${pattern}`);
    }
    return found.length > 1 ? found.slice(1) : found[0];
  },
};

const OPERATORS = {
  equal: (a, b) => a === b,
  notEqual: (a, b) => a !== b,
  logicalAnd: (a, b) => a && b,
  logicalOr: (a, b) => a || b,
  lessThan: (a, b) => a < b,
  greaterThan: (a, b) => a > b,
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
};

function member(value, key) {
  if (value instanceof Reference) {
    throw new Error(`${value.address} has no ${key}`);
  }
  const there = value !== null && typeof value === "object" && Object.hasOwn(value, key);
  if (!there) {
    throw new Error(`there is no "${key}"`);
  }
  return value[key];
}

/** The value of what hcl2json gives for an attribute: a text with an expression in it, or what the text says. */
export async function evaluate(value, scope) {
  if (typeof value === "string" && value.includes("${")) {
    const whole = value.match(/^\$\{([\s\S]*)\}$/);
    const single = whole !== null && !/\$\{/.test(whole[1].replace(/"(?:[^"\\]|\\.)*"/g, ""));
    const source = single ? whole[1] : JSON.stringify(value);
    return node(await getExpressionAst("expression", source), scope, Buffer.from(source));
  }
  if (Array.isArray(value)) {
    return Promise.all(value.map((one) => evaluate(one, scope)));
  }
  if (value !== null && typeof value === "object") {
    const all = {};
    for (const [key, one] of Object.entries(value)) {
      all[key] = await evaluate(one, scope);
    }
    return all;
  }
  return value;
}

async function node(tree, scope, source) {
  const value = (child) => node(child, scope, source);
  const { children, meta } = tree;
  switch (tree.type) {
    case "literalValue":
      return literal(meta);
    case "scopeTraversal":
      return scope.resolve(meta.traversal.map((step) => step.segment));
    case "template": {
      const parts = [];
      for (const child of children) {
        parts.push(await value(child));
      }
      return parts.length === 1 ? parts[0] : parts.map((part) => (part instanceof Reference ? part.toJSON() : part)).join("");
    }
    case "parentheses":
    case "templateWrap":
      return value(children[0]);
    case "tuple":
      return Promise.all(children.map(value));
    case "object":
      return object(children, scope, source);
    case "index":
      return member(await value(children[0]), await value(children[1]));
    case "relativeTraversal": {
      let found = await value(children[0]);
      for (const step of meta.traversal) {
        found = member(found, step.segment);
      }
      return found;
    }
    case "conditional":
      // Both are worked out, as Terraform does not: a branch that is not taken may refer to nothing.
      return (await value(children[0])) ? value(children[1]) : value(children[2]);
    case "binaryOp":
      return OPERATORS[meta.operator](await value(children[0]), await value(children[1]));
    case "unaryOp":
      return meta.operator === "negate" ? -(await value(children[0])) : !(await value(children[0]));
    case "function":
      return call(meta.name, children, value);
    case "for":
      return loop(tree, scope, source);
    default:
      throw new Error(`the check does not know ${tree.type}: ${meta?.value}`);
  }
}

function literal(meta) {
  switch (meta.type) {
    case "number":
      return Number(meta.value);
    case "bool":
      return meta.value === "true";
    case "string":
      return meta.value;
    default:
      return null;
  }
}

async function object(children, scope, source) {
  const made = {};
  for (let i = 0; i < children.length; i += 2) {
    const [key, child] = [children[i], children[i + 1]];
    const { start, end } = key.range;
    const name = key.children.length > 0 ? await node(key.children[0], scope, source) : source.subarray(start.byte, end.byte).toString();
    made[name] = await node(child, scope, source);
  }
  return made;
}

async function call(name, children, value) {
  if (name === "try" || name === "can") {
    for (const child of children) {
      try {
        const found = await value(child);
        return name === "can" ? true : found;
      } catch {
        // The next one, as Terraform does.
      }
    }
    if (name === "can") {
      return false;
    }
    throw new Error("try: none of its expressions can be worked out");
  }
  if (!Object.hasOwn(FUNCTIONS, name)) {
    throw new Error(`the check does not know the function ${name}`);
  }
  return FUNCTIONS[name](...(await Promise.all(children.map(value))));
}

async function loop(tree, scope, source) {
  const { meta, children } = tree;
  const collection = await node(children[0], scope, source);
  const isObject = meta.openRangeValue === "{";
  const [keyNode, valueNode, condition] = isObject ? children.slice(1) : [undefined, ...children.slice(1)];
  const made = isObject ? {} : [];
  for (const [key, value] of Object.entries(collection)) {
    const names = { [meta.valVar]: value };
    if (meta.keyVar) {
      names[meta.keyVar] = Array.isArray(collection) ? Number(key) : key;
    }
    const inner = scope.with(names);
    if (condition && !(await node(condition, inner, source))) {
      continue;
    }
    const result = await node(valueNode, inner, source);
    if (isObject) {
      made[await node(keyNode, inner, source)] = result;
    } else {
      made.push(result);
    }
  }
  return made;
}
