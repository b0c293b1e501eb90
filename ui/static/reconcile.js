// The comparison of a day's books with the acquirer's bill.

import { el, yuan } from "./dom.js";
import { say } from "./words.js";

// yesterday is the last day in Beijing whose bill can be there.
export function yesterday(now) {
  return new Date(now + 8 * 3600e3 - 24 * 3600e3).toISOString().slice(0, 10);
}

// reconciliation shows a report, or null while it is on its way.
export function reconciliation(report, close, deeds) {
  const body = report === null ? [el("div", { class: "spinner dark" })] : [
    el("p", {}, `${report.day} · ${report.matched} ${say("matched")} · ` +
      `${report.differences.length + report.more} ${say("differences")}`),
    el("div", { class: "rows" }, ...report.differences.map((d) => difference(d, deeds))),
  ];
  return el("section", { class: "list" },
    el("h1", {}, say("reconcile")), ...body,
    el("button", { class: "plain wide", onclick: close }, say("back")));
}

const reasons = { missing: "bill_missing", amount: "bill_amount", late: "bill_paid" };

function difference(d, deeds) {
  const acts = {
    reverse: () => deeds.reverse(d.order),
    hand: () => deeds.dispute(d.order, reasons[d.kind]),
    query: () => deeds.query(d.order),
  };
  const money = (fen) => say("currency") + yuan(fen);
  return el("article", { class: "transaction difference" },
    el("strong", {}, say("difference." + d.kind)),
    d.order && el("p", { class: "small" }, `${say("order")} ${d.order}`),
    d.line > 0 && el("p", { class: "small" }, `${say("bill_line")} ${d.line} ${d.why}`),
    d.order && el("p", { class: "small" }, `${say("here")} ${money(d.ours_fen)} · ${say("bill")} ${money(d.theirs_fen)}`),
    acts[d.action] ? el("button", { class: "plain", onclick: acts[d.action] }, say("do." + d.action)) :
      el("p", { class: "small" }, say("do.office")));
}
