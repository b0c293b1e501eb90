// The list of transactions, and the slip of one of them.

import { el, yuan } from "./dom.js";
import { say } from "./words.js";

let chosen = null; // order whose slip is shown

export function list(view, close, reprint) {
  const rows = view.recent.map((t) => row(t, view, close, reprint));
  return el("section", { class: "list" },
    el("h1", {}, say("transactions")),
    rows.length > 0 ? el("div", { class: "rows" }, ...rows) : el("p", {}, say("none_yet")),
    el("button", { class: "plain wide", onclick: close }, say("back")));
}

function row(t, view, close, reprint) {
  const time = new Date(t.created_at).toLocaleTimeString("zh-CN", { hour12: false });
  const box = el("article", { class: "transaction " + t.state });
  const head = el("button", { class: "head", onclick: () => {
    chosen = chosen === t.order ? null : t.order;
    box.replaceChildren(head, ...detail(t, reprint));
  } },
    el("span", {}, time),
    el("span", {}, t.wallet ? say("wallet." + t.wallet) : ""),
    el("span", { class: "money" }, say("currency") + yuan(t.amount_fen)),
    el("span", { class: "state" }, say("state." + t.state)));
  box.append(head, ...detail(t, reprint));
  return box;
}

function detail(t, reprint) {
  if (chosen !== t.order) return [];
  const facts = [
    `${say("order")} ${t.order}`, `${say("trace")} ${String(t.trace).padStart(6, "0")}`,
    t.reason && `${say("reason")} ${say("reason." + t.reason)}`,
  ].filter(Boolean).map((text) => el("p", { class: "small" }, text));
  if (t.state !== "approved") return facts;
  const copies = ["merchant", "customer"].map((copy) =>
    el("button", { class: "plain", onclick: () => reprint(t.order, copy) },
      `${say("reprint")} ${say("copy." + copy)}`));
  const papers = t.slips.map((s) => el("img", { class: "paper", alt: say("copy." + s.copy), src: `${s.url}?${s.count}` }));
  return [...facts, el("div", { class: "row" }, ...copies), ...papers];
}
