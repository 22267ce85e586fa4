/** Elements made of plain values. Every text is set as text: nothing here, and nothing else, parses markup. */

type Child = Node | string | number | null | undefined | false;
type Given = Record<string, unknown>;

/** An element with properties (`onclick`, `className`, …; `data-…`, `aria-…` and `role` as attributes) and children. */
export function el<K extends keyof HTMLElementTagNameMap>(tag: K, given: Given = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.includes("-") || name === "role" || name === "for") made.setAttribute(name, String(value));
    else (made as unknown as Given)[name] = value;
  }
  made.append(...children.filter((child): child is Node | string | number => child !== null && child !== undefined && child !== false).map((child) => (child instanceof Node ? child : String(child))));
  return made;
}

/** An element of the page by its id. */
export function byId<E extends HTMLElement = HTMLElement>(id: string): E {
  return document.getElementById(id) as E;
}

/** Replaces what an element holds. */
export function fill(holder: Element, ...children: Child[]): void {
  holder.replaceChildren(...children.filter((child): child is Node | string | number => child !== null && child !== undefined && child !== false).map((child) => (child instanceof Node ? child : String(child))));
}

/** Text for screen readers alone. */
export function unseen(text: string): HTMLElement {
  return el("span", { className: "unseen" }, text);
}
