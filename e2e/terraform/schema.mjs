// The provider's resources, read from the text of its generated bindings: what attributes there are, of which types, and which are required.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const LIB = fileURLToPath(new URL("node_modules/@cdktf/provider-cloudflare/lib/", import.meta.url));

/** The text without the source map, which is most of it. */
function text(folder, file) {
  return readFileSync(`${LIB}${folder}/${file}`, "utf8").replace(/\/\/# sourceMappingURL=.*/g, "");
}

/** A resource's schema by its type; undefined where the provider has no such resource. */
export function resource(type) {
  const folder = type.replace(/^cloudflare_/, "").replaceAll("_", "-");
  if (!type.startsWith("cloudflare_") || !existsSync(`${LIB}${folder}/index.js`)) {
    return undefined;
  }
  const code = text(folder, "index.js");
  if (!code.includes(`tfResourceType = "${type}"`)) {
    return undefined;
  }
  const required = requiredByInterface(text(folder, "index.d.ts"));
  const whole = code.match(/synthesizeAttributes\(\) \{\s*return \{([^}]*)\}/);
  const config = [...required.keys()].find((name) => name.endsWith("Config"));
  return {
    attributes: attributes(whole[1], code, required, required.get(config)),
    // What the provider fills in can be referred to and not be set.
    readable: new Set([...code.matchAll(/get[A-Za-z]*Attribute\('([a-z0-9_]+)'\)/g)].map((found) => found[1])),
  };
}

/** For each interface the attributes that have no question mark, by the names that their documentation gives. */
function requiredByInterface(declarations) {
  const interfaces = new Map();
  for (const [, name, body] of declarations.matchAll(/export interface (\w+)[^{]*\{([\s\S]*?)\n\}/g)) {
    const names = new Set();
    for (const [, attribute, optional] of body.matchAll(/#([a-z0-9_]+) [^}]*\}\s*\*\/\s*readonly \w+(\??):/g)) {
      if (optional === "") {
        names.add(attribute);
      }
    }
    interfaces.set(name, names);
  }
  return interfaces;
}

function attributes(lines, code, required, needed) {
  const found = new Map();
  for (const [, name, mapping] of lines.matchAll(/^\s*([a-z0-9_]+): (.+),\s*$/gm)) {
    found.set(name, { ...typed(mapping, code, required), required: needed.has(name) });
  }
  return found;
}

/** From how a value is mapped to its type: {kind: string|number|boolean|list|map|object, of, attributes}. */
function typed(mapping, code, required) {
  const list = mapping.match(/^cdktf\.listMapper\((\S+), (?:true|false)\)/);
  if (list) {
    return { kind: "list", of: typed(list[1], code, required) };
  }
  const map = mapping.match(/^cdktf\.hashMapper\((.+?)\)\(/);
  if (map) {
    return { kind: "map", of: typed(map[1], code, required) };
  }
  const simple = mapping.match(/^cdktf\.(string|number|boolean|any)ToTerraform/);
  if (simple) {
    return { kind: simple[1] };
  }
  const struct = mapping.match(/^(\w+)ToTerraform/)[1];
  const body = code.match(new RegExp(`function ${struct}ToTerraform\\(struct\\) \\{[\\s\\S]*?return \\{\\n([\\s\\S]*?)\\n    \\};`));
  const declared = struct[0].toUpperCase() + struct.slice(1);
  return { kind: "object", attributes: attributes(body[1], code, required, required.get(declared)) };
}
