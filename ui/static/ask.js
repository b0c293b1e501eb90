// Questions that must be answered before anything else.

import { byID, el, yuan } from "./dom.js";
import { credentials } from "./operators.js";
import { say } from "./words.js";

// ask puts a question; yes is called if it is answered so.
export function ask(name, yes) {
  put(say(name + "_title"), [el("p", {}, say(name + "_text"))], yes);
}

// askAmount asks for an amount of at most most fen, which is offered.
export function askAmount(name, most, go) {
  const field = el("input", { class: "ask-amount", type: "text", inputmode: "decimal", value: yuan(most).replaceAll(",", "") });
  put(say(name + "_title"), [el("p", {}, say(name + "_text")), field], () => go(fenOf(field.value)));
  field.select();
}

// askWho asks a supervisor to type number and PIN.
export function askWho(name, go) {
  const who = credentials();
  put(say(name + "_title"), [el("p", {}, say(name + "_text")), ...who.fields, who.keys], () => go(who.take()), (submit) => who.onDone(submit));
  byID("ask").addEventListener("close", who.wipe, { once: true });
  who.begin();
}

// askNumber asks for a number that stands on a slip or a bill.
export function askNumber(name, go) {
  const field = el("input", { class: "ask-number", type: "text", inputmode: "numeric", maxlength: "64" });
  put(say(name + "_title"), [el("p", {}, say(name + "_text")), field], () => go(field.value.trim()));
  field.focus();
}

// fenOf reads yuan with up to two decimals; NaN for anything else.
export function fenOf(text) {
  const m = /^\s*(\d{1,10})(?:\.(\d{1,2}))?\s*$/.exec(text);
  return m ? Number(m[1]) * 100 + Number((m[2] || "").padEnd(2, "0")) : NaN;
}

function put(title, body, yes, onForm) {
  const dialog = byID("ask");
  const close = (then) => (event) => {
    event.preventDefault();
    dialog.close();
    if (then) then();
  };
  const form = el("form", { onsubmit: close(yes) },
    el("h2", {}, title), ...body,
    el("div", { class: "row" },
      el("button", { class: "plain", type: "button", onclick: close() }, say("no")),
      el("button", { class: "danger", type: "submit" }, say("yes"))));
  if (onForm) onForm(() => form.requestSubmit());
  dialog.replaceChildren(form);
  if (!dialog.open) dialog.showModal();
}
