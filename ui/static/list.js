// The list of transactions, what can be done about each, and its slips.

import { el, yuan } from "./dom.js";
import { say } from "./words.js";

let chosen = null; // order whose slip is shown

// choose opens one transaction of the list.
export function choose(order) {
  chosen = order;
}

// list shows what was looked for, then what a person has to find out, then the newest
// transactions.
export function list(view, close, deeds, found) {
  const hand = view.hand.map((t) => row(t, deeds));
  const rows = view.recent.filter((t) => !view.hand.some((h) => h.order === t.order)).map((t) => row(t, deeds));
  return el("section", { class: "list" },
    found && el("h1", {}, say("find")),
    found && el("div", { class: "rows", id: "found" }, row(found, deeds)),
    hand.length > 0 && el("h1", {}, say("by_hand")),
    hand.length > 0 && el("div", { class: "rows" }, ...hand),
    el("h1", {}, say("transactions")),
    rows.length > 0 ? el("div", { class: "rows" }, ...rows) : el("p", {}, say("none_yet")),
    el("div", { class: "row" },
      el("button", { class: "plain", onclick: deeds.find }, say("find")),
      el("button", { class: "plain", onclick: deeds.settle }, `${say("settle")} · ${say("batch_open")} ${view.batch}`),
      el("button", { class: "plain", onclick: deeds.reconcile }, say("reconcile")),
      el("button", { class: "plain", onclick: deeds.reports }, say("reports")),
      el("button", { class: "plain", onclick: close }, say("back"))));
}

function row(t, deeds) {
  const time = new Date(t.created_at).toLocaleTimeString("zh-CN", { hour12: false, timeZone: "Asia/Shanghai" });
  const box = el("article", { class: "transaction " + t.state });
  const head = el("button", { class: "head", onclick: () => {
    chosen = chosen === t.order ? null : t.order;
    box.replaceChildren(head, ...detail(t, deeds));
  } },
    el("span", {}, time),
    el("span", {}, [say("kind." + t.kind), t.wallet && say("wallet." + t.wallet)].filter(Boolean).join(" · ")),
    el("span", { class: "money" }, (t.kind === "refund" ? "−" : "") + say("currency") + yuan(t.amount_fen)),
    el("span", { class: "state" }, say("state." + t.state)));
  box.append(head, ...detail(t, deeds));
  return box;
}

function detail(t, deeds) {
  if (chosen !== t.order) return [];
  const facts = [
    `${say("order")} ${t.order}`, `${say("trace")} ${String(t.trace).padStart(6, "0")}`,
    t.of && `${say("of_sale")} ${t.of}`,
    t.reason && `${say("reason")} ${say("reason." + t.reason)}`,
    t.left_fen > 0 && t.left_fen < t.amount_fen && `${say("left")} ${say("currency")}${yuan(t.left_fen)}`,
  ].filter(Boolean).map((text) => el("p", { class: "small" }, text));
  const papers = t.slips.map((s) => el("img", { class: "paper", alt: say("copy." + s.copy), src: `${s.url}?${s.count}` }));
  const buttons = deedsFor(t, deeds).map(([key, act]) => el("button", { class: "plain", onclick: act }, say(key)));
  return [...facts, buttons.length > 0 && el("div", { class: "deeds" }, ...buttons), ...papers].filter(Boolean);
}

// deedsFor gives what can be done about a transaction, as words and what they do.
function deedsFor(t, deeds) {
  const all = [];
  if (["approved", "voided", "refunded"].includes(t.state)) {
    for (const copy of ["merchant", "customer"]) all.push([`reprint_${copy}`, () => deeds.reprint(t.order, copy)]);
  }
  if (t.left_fen > 0) all.push(["refund", () => deeds.refund(t)]);
  if (t.left_fen > 0 && t.left_fen === t.amount_fen) all.push(["void", () => deeds.void(t)]);
  if (["pending", "unknown", "reversing", "voiding", "byhand"].includes(t.state)) {
    all.push(["query_now", () => deeds.query(t.order)]);
  }
  if (t.hand && !t.hand.closed) {
    all.push(["moved_yes", () => deeds.close(t, true)], ["moved_no", () => deeds.close(t, false)]);
  }
  return all;
}
