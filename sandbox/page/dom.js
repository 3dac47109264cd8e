// Making DOM nodes; data only ever enters the page as text nodes and attributes, never as markup.

const SVG = "http://www.w3.org/2000/svg";

/** Makes an element: `on*` keys are listeners, null and false are left out, true is an empty attribute. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** An icon of the sprite in index.html; it is decoration, so the button around it carries the name. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

/** A round button that shows only an icon. */
export function iconButton(name, label, onclick, more = {}) {
  return el("button", { type: "button", class: "icon-button", "aria-label": label, title: label, onclick, ...more }, icon(name));
}

/** Shows exactly `nodes` inside `parent`, touching only what differs, so that focus and scroll stay. */
export function reconcile(parent, nodes) {
  let at = parent.firstChild;
  for (const node of nodes) {
    if (node === at) at = at.nextSibling;
    else parent.insertBefore(node, at);
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

/** Keeps one node per key and makes it anew only when what it shows has changed. */
export class KeyedList {
  #kept = new Map();

  constructor(parent) {
    this.parent = parent;
  }

  show(items) {
    const kept = new Map();
    for (const { key, shows, make } of items) {
      const signature = JSON.stringify(shows);
      const before = this.#kept.get(key);
      kept.set(key, before?.signature === signature ? before : { signature, node: make(before?.node) });
    }
    this.#kept = kept;
    reconcile(this.parent, [...kept.values()].map((one) => one.node));
  }

  clear() {
    this.#kept = new Map();
    this.parent.replaceChildren();
  }
}
