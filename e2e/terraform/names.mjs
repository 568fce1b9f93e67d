// Whether what an expression names is there: a local, a variable, a resource, and the resource's attribute.
import { getExpressionAst } from "@cdktn/hcl2json";

/** What is wrong with the names in all expressions; each says where. */
export async function names(config, schema) {
  const found = [];
  const { locals, variables, outputs, resources } = config;
  for (const [where, value] of Object.entries({ locals, variables, outputs, ...resources })) {
    for (const expression of expressions(value)) {
      try {
        visit(await tree(expression), (path) => {
          const problem = missing(path, config, schema);
          if (problem) {
            found.push(`${where}: ${problem}`);
          }
        });
      } catch (e) {
        found.push(`${where}: ${e.message ?? e}`);
      }
    }
  }
  return found;
}

/** Of a value and all in it; what is ignored is named and no expression. */
function expressions(value) {
  if (typeof value === "string") {
    return value.includes("${") ? [value] : [];
  }
  if (value === null || typeof value !== "object") {
    return [];
  }
  return Object.entries(value).flatMap(([key, one]) => (key === "ignore_changes" ? [] : expressions(one)));
}

/** hcl2json gives an attribute's expression in ${ and }, and a template as it is written. */
function tree(text) {
  const whole = text.match(/^\$\{([\s\S]*)\}$/);
  const single = whole !== null && !/\$\{/.test(whole[1].replace(/"(?:[^"\\]|\\.)*"/g, ""));
  return getExpressionAst("expression", single ? whole[1] : `"${text}"`);
}

/** Each path that is followed from a name: cloudflare_load_balancer_pool.origin[…].id is one of three steps, with * for what is worked out. */
function visit(node, seen, after = []) {
  const { type, meta, children = [] } = node;
  if (type === "scopeTraversal") {
    seen([...meta.traversal.map((step) => step.segment), ...after]);
    return;
  }
  const steps = { relativeTraversal: () => meta.traversal.map((step) => step.segment), index: () => ["*"] }[type];
  children.forEach((child, i) => visit(child, seen, steps && i === 0 ? [...steps(), ...after] : []));
}

/** What is missing of a path; nothing where its name is a loop's or the language's own. */
function missing([first, second, ...rest], { locals, variables, resources }, schema) {
  if (first === "local") {
    return Object.hasOwn(locals, second) ? undefined : `there is no local ${second}`;
  }
  if (first === "var") {
    return Object.hasOwn(variables, second) ? undefined : `there is no variable ${second}`;
  }
  if (!first.startsWith("cloudflare_")) {
    return undefined;
  }
  const there = resources[`${first}.${second}`];
  if (there === undefined) {
    return `there is no ${first}.${second}`;
  }
  const attribute = there.count === undefined && there.for_each === undefined ? rest[0] : rest[1];
  return attribute === undefined || attribute === "*" || schema[first]?.[attribute] ? undefined : `${first}.${second} has no ${attribute}`;
}
