// The screens of one transaction, each with its own colour, shape and words.

import { el, putMoney, yuan } from "./dom.js";
import { say } from "./words.js";

const shapes = {
  approved: "tick.svg", declined: "cross.svg", reversed: "undo.svg", notsent: "undo.svg",
  pending: "question.svg", unknown: "question.svg", querying: "question.svg", reversing: "question.svg",
  held: "question.svg", stored: "question.svg", byhand: "question.svg", voiding: "undo.svg", voided: "undo.svg",
  refunding: "undo.svg", refunded: "undo.svg",
};

const hints = {
  authorizing: "working", pending: "pending_hint", unknown: "querying_hint", querying: "querying_hint",
  held: "held_hint", stored: "stored_hint", byhand: "byhand_hint", refunding: "refunding_hint",
  reversing: "reversing_hint", declined: "declined_hint", reversed: "reversed_hint", notsent: "notsent_hint",
};

const money = (t) => putMoney(el("output", { class: "amount" }), say("currency") + yuan(t.amount_fen));

// waiting asks for a code.
export function waiting(t, now, cancel, present, hint) {
  const ends = Date.parse(t.ends_at);
  return el("section", { class: "waiting" },
    money(t),
    el("h1", {}, say("show_code")),
    el("p", {}, say("wallets")),
    hint && el("p", { class: "hint" }, say("sim." + hint)),
    countdown(t, ends, now),
    el("div", { class: "row" },
      present && el("button", { class: "plain", onclick: present }, say("show_qr")),
      el("button", { class: "plain", onclick: cancel }, say("cancel"))));
}

// showing lets the payer scan the terminal.
export function showing(t, now, cancel) {
  return el("section", { class: "showing" },
    money(t),
    el("h1", {}, say("scan_me")),
    el("img", { class: "code", src: t.code, alt: say("scan_me") }),
    countdown(t, Date.parse(t.ends_at), now),
    el("button", { class: "plain wide", onclick: cancel }, say("cancel")));
}

function countdown(t, ends, now) {
  const whole = ends - Date.parse(t.state === "created" ? t.created_at : t.changed_at);
  return el("div", { class: "countdown" },
    el("progress", { max: whole, value: ends - now(), "data-until": ends }),
    el("span", { "data-ends": ends }, `${Math.max(0, Math.ceil((ends - now()) / 1000))} ${say("seconds")}`));
}

// result shows how a transaction stands or ended.
export function result(t, now, dismiss, cancel) {
  const doubt = ["unknown", "querying", "reversing", "pending"].includes(t.state);
  const open = ["authorizing", "held", "pending", "unknown", "querying"].includes(t.state);
  return el("section", { class: "result" },
    t.state === "authorizing" ? el("div", { class: "spinner" }) :
      el("img", { class: "shape", src: shapes[t.state], alt: "" }),
    el("h1", {}, say("state." + t.state)),
    doubt && el("p", { class: "shout" }, say("never_rescan")),
    money(t),
    wallet(t),
    hints[t.state] && el("p", {}, say(hints[t.state])),
    (t.reason || t.text) && t.state !== "approved" &&
      el("p", { class: "small" }, [t.reason && say("reason." + t.reason), t.text].filter(Boolean).join(" · ")),
    open && t.ends_at && countdown(t, Date.parse(t.ends_at), now),
    el("p", { class: "small" }, `${say("order")} ${t.order}`),
    el("div", { class: "row" },
      open && el("button", { class: "plain", onclick: cancel }, say("cancel")),
      t.state !== "authorizing" && el("button", { class: "plain", onclick: dismiss }, say("confirm"))));
}

function wallet(t) {
  if (t.state !== "approved" || !t.wallet) return null;
  const over = t.clearing ? " · " + say("clearing." + t.clearing) : "";
  return el("p", { class: "wallet" }, say("wallet." + t.wallet) + over);
}
