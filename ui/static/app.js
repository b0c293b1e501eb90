// The cashier's page: it shows the newest view and turns keys into requests.

import { follow, post } from "./api.js";
import { byID, el } from "./dom.js";
import { keypad, amountKey, amount, clearAmount } from "./keypad.js";
import { list } from "./list.js";
import { panel, refreshPanel } from "./panel.js";
import { result, waiting } from "./screens.js";
import { loadWords, otherLanguage, say, setLanguage } from "./words.js";

const approvedStays = 4000; // ms until the screen is free for the next customer
const noticeStays = 6000; // ms

let view = null;
let skew = 0; // ms that the terminal's clock is ahead of this page's
let dismissed = null; // order whose end the cashier has seen
let listing = false;
let lastNotice = "";
let language = null;

const now = () => Date.now() + skew;
const final = (state) => ["approved", "declined", "reversed", "notsent"].includes(state);

// shown is the transaction that fills the screen, if any.
function shown() {
  const t = view.current;
  return t && t.order !== dismissed ? t : null;
}

function dismiss() {
  dismissed = view.current && view.current.order;
  render();
}

async function sell(override = false) {
  try {
    await post("/api/sale", { amount_fen: amount(), override });
    clearAmount();
  } catch (error) {
    if (error.code === "in_doubt") ask("override", () => sell(true));
    else toast(error.code);
  }
}

async function act(path, body) {
  try {
    await post(path, body);
  } catch (error) {
    toast(error.code);
  }
}

const cancel = () => act("/api/cancel", { order: view.current.order });
const reprint = (order, copy) => act(`/api/transactions/${order}/reprint`, { copy });

// ask puts a question that must be answered.
function ask(name, yes) {
  const dialog = byID("ask");
  const close = (then) => () => {
    dialog.close();
    if (then) then();
  };
  dialog.replaceChildren(
    el("h2", {}, say(name + "_title")),
    el("p", {}, say(name + "_text")),
    el("div", { class: "row" },
      el("button", { class: "plain", onclick: close() }, say("no")),
      el("button", { class: "danger", onclick: close(yes) }, say("yes"))),
  );
  if (!dialog.open) dialog.showModal();
}

let toastTimer = 0;
function toast(code) {
  const box = byID("toast");
  box.textContent = say("refusal." + code, say("refusal.trouble"));
  box.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { box.hidden = true; }, noticeStays);
}

function notice() {
  const n = view.notice;
  const mark = n ? n.at + n.code : "";
  if (mark === lastNotice) return;
  lastNotice = mark;
  if (!n || now() - Date.parse(n.at) > noticeStays) return; // an old one, of before this page
  if (n.code === "confirm_code") ask("confirm", () => act("/api/confirm"));
  else toast(n.code);
}

function header() {
  byID("shop").textContent = view.shop;
  byID("language").textContent = say("language");
  byID("devices").replaceChildren(...view.devices.map((d) =>
    el("span", { class: "device " + d.state, title: d.name + " " + d.cause },
      say("device." + d.kind), d.state === "ok" ? " ✓" : " ✗")));
  const banner = byID("banner");
  const lines = [];
  if (view.in_doubt.length > 0) lines.push(`${view.in_doubt.length} ${say("in_doubt")}`);
  if (view.unprinted > 0) {
    const printer = view.devices.find((d) => d.kind === "printer" && d.state !== "ok");
    const why = printer ? " · " + say("trouble." + printer.cause) : "";
    lines.push(`${view.unprinted} ${say("slip_waiting")}${why}`);
  }
  banner.textContent = lines.join("　");
  banner.hidden = lines.length === 0;
}

function render() {
  if (!view) return;
  header();
  const t = shown();
  const stage = byID("stage");
  document.body.dataset.state = listing ? "list" : t ? t.state : "idle";
  if (listing) stage.replaceChildren(list(view, () => { listing = false; render(); }, reprint));
  else if (!t) stage.replaceChildren(keypad(sell, () => { listing = true; render(); }));
  else if (t.state === "created") stage.replaceChildren(waiting(t, now, cancel));
  else stage.replaceChildren(result(t, now, dismiss, cancel));
}

function onView(next) {
  skew = Date.parse(next.now) - Date.now();
  if (view === null && next.current && final(next.current.state)) dismissed = next.current.order;
  view = next;
  if (language === null) language = view.language;
  setLanguage(language);
  const t = view.current;
  if (t && t.state === "notsent" && t.reason === "cancelled") dismissed = t.order;
  if (t && t.state === "created") listing = false;
  if (view.demo && byID("panel").hidden) {
    byID("panel").hidden = false;
    byID("panel").replaceChildren(...panel());
  }
  refreshPanel(view);
  notice();
  render();
}

function onLine(up) {
  if (up) return;
  const banner = byID("banner");
  banner.textContent = say("offline");
  banner.hidden = false;
}

// Every moment: the clock, the countdowns, and green that returns by itself.
function tick() {
  byID("clock").textContent = new Date(now()).toLocaleTimeString("zh-CN", { hour12: false });
  if (!view) return;
  const t = shown();
  if (t && t.state === "approved" && now() - Date.parse(t.changed_at) > approvedStays) dismiss();
  for (const e of document.querySelectorAll("[data-ends]")) {
    const left = Math.max(0, Math.ceil((Number(e.dataset.ends) - now()) / 1000));
    e.textContent = `${left} ${say("seconds")}`;
  }
  for (const e of document.querySelectorAll("progress[data-until]")) {
    e.value = Math.max(0, Number(e.dataset.until) - now());
  }
}

function onKey(event) {
  if (byID("ask").open || event.target.closest("#panel") || !view) return;
  const t = listing ? null : shown();
  if (listing) {
    if (event.key === "Escape" || event.key === "Enter") { listing = false; render(); }
  } else if (t) {
    if (event.key === "Escape" && !final(t.state)) cancel();
    if (event.key === "Enter" && t.state !== "created" && t.state !== "authorizing") dismiss();
  } else if (event.key === "Enter") sell();
  else if (event.key.toLowerCase() === "f") { listing = true; render(); }
  else if (!amountKey(event.key)) return;
  event.preventDefault();
}

await loadWords();
byID("language").addEventListener("click", () => {
  language = otherLanguage();
  setLanguage(language);
  if (view && view.demo) byID("panel").replaceChildren(...panel());
  if (view) refreshPanel(view);
  render();
});
document.addEventListener("keydown", onKey);
setInterval(tick, 200);
follow(onView, onLine);
