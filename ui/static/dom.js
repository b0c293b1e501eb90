// Small words for making elements. Text is always text, never markup.

// el makes an element: el("div", {class: "x", onclick: f}, child, "text").
export function el(name, attributes = {}, ...children) {
  const e = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) e.addEventListener(key.slice(2), value);
    else if (key === "class") e.className = value;
    else e.setAttribute(key, value === true ? "" : value);
  }
  e.append(...children.filter((c) => c !== null && c !== undefined && c !== false));
  return e;
}

export const byID = (id) => document.getElementById(id);

// putMoney shows an amount in one line: a long one is set smaller.
export function putMoney(e, text) {
  e.textContent = text;
  e.classList.toggle("long", text.length > 10);
  return e;
}

export function yuan(fen) {
  const text = String(fen).padStart(3, "0");
  return text.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ",") + "." + text.slice(-2);
}
