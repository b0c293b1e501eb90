// Who is on duty: signing on, the shift so far, and number and PIN of a person. A PIN
// is nowhere but in its field, and leaves it with the request.

import { el, yuan } from "./dom.js";
import { say } from "./words.js";

// credentials are two fields and keys for them. take gives what was typed and empties
// the PIN; done is called by Enter in it.
export function credentials() {
  let done = () => {};
  const field = (name, type, most) => el("input", {
    class: "ask-amount who-" + name, name, type, inputmode: "numeric", maxlength: most, placeholder: say(name),
    "aria-label": say(name), autocomplete: "off", onfocus: (event) => { active = event.target; },
  });
  const number = field("operator", "text", 4);
  const pin = field("pin", "password", 8);
  let active = number;
  const type = (text) => {
    if (active.value.length < active.maxLength) active.value += text;
    active.focus();
  };
  const enter = () => {
    if (active === number || pin.value === "") (number.value === "" ? number : pin).focus();
    else done();
  };
  const onEnter = (event) => {
    event.stopPropagation(); // no key of the till
    if (event.key !== "Enter") return;
    event.preventDefault();
    enter();
  };
  for (const f of [number, pin]) {
    f.addEventListener("keydown", onEnter);
    f.addEventListener("beforeinput", (event) => {
      if (/\D/.test(event.data || "")) event.preventDefault(); // digits only
    });
  }
  const key = (label, act, kind = "") => el("button", {
    class: "key " + kind, type: "button", tabindex: "-1", onclick: act,
    onmousedown: (event) => event.preventDefault(), // the field keeps its cursor
  }, label);
  const keys = el("div", { class: "keys digits" },
    ..."123456789".split("").map((d) => key(d, () => type(d))),
    key("⌫", () => { active.value = active.value.slice(0, -1); active.focus(); }, "soft"),
    key("0", () => type("0")), key("↵", enter, "soft"));
  const wipe = () => { pin.value = ""; };
  return {
    fields: [number, pin], keys, wipe,
    begin: () => active.focus(),
    onDone: (then) => { done = then; },
    take: () => {
      const typed = { operator: number.value, pin: pin.value };
      wipe();
      return typed;
    },
  };
}

let screen = null; // of signing on: kept, so that a view that comes does not empty it
let wake = () => {}; // puts the cursor back
let language = "";

// signOnKey takes a key that was pressed beside the fields.
export const signOnKey = () => wake();

// signOn shows the screen for an operator who comes.
export function signOn(stage, arrive, openList) {
  if (screen && screen.parentNode === stage && language === document.documentElement.lang) return;
  const who = credentials();
  const submit = () => arrive(who.take());
  who.onDone(submit);
  language = document.documentElement.lang;
  screen = el("section", { class: "sign-on" },
    el("h1", {}, say("sign_on")),
    el("div", { class: "who" }, ...who.fields), who.keys,
    el("div", { class: "row" },
      el("button", { class: "plain", type: "button", onclick: openList }, say("list")),
      el("button", { class: "plain go", type: "button", onclick: submit }, say("confirm"))));
  stage.replaceChildren(screen);
  wake = who.begin;
  wake();
}

// reports shows the running shift and what can be printed.
export function reports(view, close, deeds) {
  const duty = view.on_duty;
  const button = (word, act) => el("button", { class: "plain", type: "button", onclick: act }, say(word));
  return el("section", { class: "list" },
    el("h1", {}, say("reports")),
    view.guard === "" || view.guard === "off" ? el("p", {}, say("no_operators")) : null,
    view.guard === "broken" ? el("p", {}, say("operators_broken")) : null,
    duty && shift(duty),
    el("div", { class: "deeds" },
      duty && button("print_shift", deeds.printShift),
      button("print_totals", deeds.printTotals),
      duty && button("sign_off", deeds.signOff)),
    el("button", { class: "plain wide", type: "button", onclick: close }, say("back")));
}

function shift(duty) {
  const t = duty.totals;
  const since = new Date(duty.from).toLocaleString("zh-CN", { hour12: false, timeZone: "Asia/Shanghai" });
  const line = (word, n, fen) => n > 0 && el("p", {}, `${say(word)} ${n} × ${say("currency")}${yuan(fen)}`);
  return el("article", { class: "transaction shift" },
    el("strong", {}, `${duty.operator} ${duty.name} · ${say("role." + duty.role)}`),
    el("p", { class: "small" }, `${say("shift")} ${duty.shift} · ${say("since")} ${since}`),
    line("kind.sale", t.sales, t.sale_sum_fen), line("refund", t.refunds, t.refund_sum_fen),
    line("void", t.voids, t.void_sum_fen), line("still_open", t.open, t.open_sum_fen),
    el("strong", { class: "money" }, `${say("net")} ${money(duty.net_fen)}`));
}

const money = (fen) => (fen < 0 ? "−" : "") + say("currency") + yuan(Math.abs(fen));
