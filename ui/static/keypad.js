// The amount, typed in fen: the last two digits are 分.

import { el, putMoney, yuan } from "./dom.js";
import { say } from "./words.js";

const digitsMax = 10;
let digits = "";
let display = null;

export const amount = () => Number(digits || "0");

export function clearAmount() {
  digits = "";
  show();
}

function show() {
  if (display) putMoney(display, say("currency") + yuan(digits || "0"));
}

function type(text) {
  const next = (digits + text).replace(/^0+/, "");
  if (next.length <= digitsMax) digits = next;
  show();
}

// amountKey takes a key of the keyboard; false if it is none of the amount's.
export function amountKey(key) {
  if (/^[0-9]$/.test(key)) type(key);
  else if (key === "Backspace") { digits = digits.slice(0, -1); show(); }
  else if (key === "Escape") clearAmount();
  else return false;
  return true;
}

export function keypad(sell, openList) {
  display = el("output", { class: "amount" });
  const key = (label, act, kind = "") => el("button", { class: "key " + kind, type: "button", onclick: act }, label);
  const grid = el("div", { class: "keys" },
    ..."123".split("").map((d) => key(d, () => type(d))),
    key("⌫", () => amountKey("Backspace"), "soft"),
    ..."456".split("").map((d) => key(d, () => type(d))),
    key(say("cancel"), clearAmount, "soft"),
    ..."789".split("").map((d) => key(d, () => type(d))),
    key(say("list"), openList, "soft"),
    key("00", () => type("00")), key("0", () => type("0")),
    key(say("confirm"), () => sell(), "go"));
  const box = el("section", { class: "enter" }, el("h1", {}, say("enter_amount")), display, grid);
  show();
  return box;
}
