// Shows /api/v1/openapi.json: doors by tag, with parameters, bodies and answers.
"use strict";

const METHODS = ["get", "post", "put", "patch", "delete", "head", "options"];
const DEEPEST = 4;
let whole = {};

function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function resolved(part) {
  if (!part || !part.$ref) return part || {};
  return part.$ref.slice(2).split("/").reduce((at, name) => at[name], whole);
}

function typeOf(given) {
  const schema = resolved(given);
  if (schema.enum) return schema.enum.join(" | ");
  if (schema.items) return "[" + typeOf(schema.items) + "]";
  const type = [].concat(schema.type || "any").join(" | ");
  return schema.format ? type + " (" + schema.format + ")" : type;
}

function addRow(table, cells) {
  const row = table.insertRow();
  for (const cell of cells) row.insertCell().textContent = cell;
}

function addFields(table, given, prefix, depth) {
  let schema = resolved(given);
  if (schema.items) schema = resolved(schema.items);
  if (depth > DEEPEST) return;
  for (const [name, field] of Object.entries(schema.properties || {})) {
    const needed = (schema.required || []).includes(name) ? "*" : "";
    addRow(table, [prefix + name + needed, typeOf(field), resolved(field).description || ""]);
    addFields(table, field, prefix + name + ".", depth + 1);
  }
}

function bodyOf(title, content) {
  const section = element("section");
  for (const [type, { schema }] of Object.entries(content || {})) {
    section.append(element("h4", title + " · " + type + " · " + typeOf(schema)));
    const table = element("table");
    addFields(table, schema, "", 0);
    if (table.rows.length) section.append(table);
  }
  return section;
}

function parametersOf(operation) {
  const table = element("table");
  for (const parameter of (operation.parameters || []).map(resolved)) {
    const needed = parameter.required ? "*" : "";
    const about = [parameter.in, parameter.description || ""].join(" ");
    addRow(table, [parameter.name + needed, typeOf(parameter.schema), about]);
  }
  return table;
}

function doorOf(path, method, operation) {
  const door = element("details");
  const head = element("summary");
  head.append(element("span", method.toUpperCase(), "method"), element("code", path));
  head.append(element("div", operation.summary, ""), element("div", operation["x-who"], "who"));
  door.append(head, element("p", operation.description), parametersOf(operation));
  door.append(bodyOf("→", resolved(operation.requestBody).content));
  for (const [status, answer] of Object.entries(operation.responses || {})) {
    door.append(bodyOf("← " + status, resolved(answer).content));
  }
  return door;
}

function sections(paths) {
  const byTag = new Map();
  for (const [path, item] of Object.entries(paths)) {
    for (const method of METHODS.filter((name) => name in item)) {
      const operation = { ...item[method] };
      operation.parameters = [...(item.parameters || []), ...(operation.parameters || [])];
      const tag = (operation.tags || ["-"])[0];
      byTag.set(tag, [...(byTag.get(tag) || []), doorOf(path, method, operation)]);
    }
  }
  return byTag;
}

async function show() {
  const answer = await fetch("/api/v1/openapi.json");
  if (!answer.ok) throw new Error(answer.status);
  whole = await answer.json();
  document.getElementById("version").textContent = whole.info.title + " " + whole.info.version;
  for (const [tag, doors] of sections(whole.paths)) {
    document.getElementById("doors").append(element("h2", tag), ...doors);
  }
}

show().catch(() => { document.getElementById("failure").hidden = false; });
