// The cashier's page: it shows the newest view and turns keys into requests.

import { follow, get, post } from "./api.js";
import { ask, askAmount, askNumber, askWho } from "./ask.js";
import { byID, el, yuan } from "./dom.js";
import { keypad, amountKey, amount, clearAmount } from "./keypad.js";
import { choose, list } from "./list.js";
import { reports, signOn, signOnKey } from "./operators.js";
import { panel, refreshPanel } from "./panel.js";
import { reconciliation, yesterday } from "./reconcile.js";
import { result, showing, waiting } from "./screens.js";
import { loadWords, otherLanguage, say, setLanguage } from "./words.js";

const approvedStays = 4000; // ms until the screen is free for the next customer
const noticeStays = 6000; // ms

let view = null;
let skew = 0; // ms that the terminal's clock is ahead of this page's
let dismissed = null; // order whose end the cashier has seen
let listing = false;
let found = null; // order that was looked for by a number
let foundTransaction = null; // what became of it
let reporting = false; // the shift and its reports
let report; // of a reconciliation: undefined for none, null while it is on its way
let lastNotice = null;
let language = null;

const now = () => Date.now() + skew;
const final = (state) =>
  ["approved", "declined", "reversed", "notsent", "refunded", "voided", "byhand", "stored"].includes(state);

// shown is the transaction that fills the screen, if any.
function shown() {
  const t = view.current;
  return t && t.order !== dismissed ? t : null;
}

function dismiss() {
  dismissed = view.current && view.current.order;
  render();
}

async function sell() {
  const sale = { amount_fen: amount() };
  const again = (error) => {
    if (error.code === "in_doubt") ask("override", () => act("/api/sale", { ...sale, override: true }, clearAmount));
    else toast(error.code);
  };
  await act("/api/sale", sale, clearAmount, again);
}

// act asks for something; what takes a supervisor is asked for again with one.
async function act(path, body = {}, done = () => {}, fail = (error) => toast(error.code, error.seconds)) {
  try {
    await post(path, body);
    byID("toast").hidden = true; // what it says is mended
    done();
  } catch (error) {
    const wrong = body.supervisor && ["wrong_pin", "not_supervisor"].includes(error.code);
    if (wrong) toast(error.code);
    if (wrong || error.code === "needs_supervisor") {
      askWho("supervisor", (supervisor) => act(path, { ...body, supervisor }, done, fail));
    } else fail(error);
  }
}

const cancel = () => act("/api/cancel", { order: view.current.order });
const arrive = (who) => act("/api/sign-on", who);
const present = () => act("/api/present", { order: view.current.order });

async function reconcile() {
  report = null;
  render();
  try {
    report = await post("/api/reconcile", { day: yesterday(now()) });
  } catch (error) {
    report = undefined;
    toast(error.code);
  }
  render();
}

// find shows the transaction that has a number: on a slip, or on a wallet's bill.
async function find(number) {
  try {
    foundTransaction = await get("/api/find?number=" + encodeURIComponent(number));
    found = foundTransaction.order;
    listing = true;
    choose(found);
  } catch (error) {
    toast(error.code);
  }
  render();
}

// lookAgain keeps what was found up to date.
async function lookAgain() {
  const order = found;
  const t = await get("/api/transactions/" + order).catch(() => null);
  if (t && found === order) { foundTransaction = t; render(); }
}

function leaveList() {
  listing = false;
  found = foundTransaction = null;
  render();
}

// deeds are what can be done about a transaction in the list.
const deeds = {
  reprint: (order, copy) => act(`/api/transactions/${order}/reprint`, { copy }),
  query: (order) => act(`/api/transactions/${order}/query`),
  reverse: (order) => act(`/api/transactions/${order}/reverse`),
  dispute: (order, reason) => act(`/api/transactions/${order}/dispute`, { reason }),
  reconcile,
  find: () => askNumber("find", find),
  reports: () => { reporting = true; render(); },
  printShift: () => act("/api/shift/print"),
  printTotals: () => act("/api/totals/print"),
  signOff: () => ask("sign_off", () => act("/api/sign-off", {}, leaveLists)),
  settle: () => ask("settle", () => act("/api/settle")),
  void: (t) => ask("void", () => act(`/api/transactions/${t.order}/void`)),
  close: (t, moved) => ask(moved ? "moved_yes" : "moved_no",
    () => act(`/api/transactions/${t.order}/close`, { moved })),
  refund: (t) => askAmount("refund", t.left_fen, (fen) => {
    if (fen > 0) act(`/api/transactions/${t.order}/refund`, { amount_fen: fen });
    else toast("refund_sum");
  }),
};

function leaveLists() {
  listing = reporting = false;
  render();
}

let toastTimer = 0;
function toast(code, seconds) {
  const box = byID("toast");
  const wait = seconds ? ` ${seconds} ${say("seconds")}` : "";
  box.textContent = say("refusal." + code, say("refusal.trouble")) + wait;
  box.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { box.hidden = true; }, noticeStays);
}

function notice() {
  const n = view.notice;
  const mark = n ? n.at + n.code : "";
  const old = lastNotice === null; // of before this page
  if (mark === lastNotice) return;
  lastNotice = mark;
  if (!n || old) return;
  if (n.code === "found") {
    if (byID("ask").open) byID("ask").close();
    find(n.order);
  } else if (n.code === "confirm_code") ask("confirm", () => act("/api/confirm"));
  else if (n.code !== "needs_supervisor") toast(n.code); // whoever asked is asked who allows it
}

function header() {
  byID("shop").textContent = view.shop;
  byID("language").textContent = say("language");
  byID("duty").textContent = view.on_duty ? `${view.on_duty.operator} ${view.on_duty.name}` : "";
  byID("devices").replaceChildren(...view.devices.map((d) =>
    el("span", { class: "device " + d.state, title: d.name + " " + d.cause },
      say("device." + d.kind), d.state === "ok" ? " ✓" : " ✗")));
  const banner = byID("banner");
  const lines = [];
  if (view.guard === "broken") lines.push(say("operators_broken"));
  if (!view.line.up) lines.push(`${say("line_down")} ${say("layer." + view.line.layer)}`);
  if (view.hand.length > 0) lines.push(`${view.hand.length} ${say("by_hand")}`);
  if (view.offline.count > 0) {
    lines.push(`${view.offline.count} ${say("offline_taken")} ${say("currency")}${yuan(view.offline.sum_fen)}`);
  }
  if (view.settling.length > 0) lines.push(`${view.settling.length} ${say("settling")}`);
  if (view.unsent > view.in_doubt.length) lines.push(`${view.unsent} ${say("unsent")}`);
  if (view.in_doubt.length > 0) lines.push(`${view.in_doubt.length} ${say("in_doubt")}`);
  if (view.unprinted > 0) {
    const printer = view.devices.find((d) => d.kind === "printer" && d.state !== "ok");
    const why = printer ? " · " + say("trouble." + printer.cause) : "";
    lines.push(`${view.unprinted} ${say("slip_waiting")}${why}`);
  }
  banner.textContent = lines.join("　");
  banner.hidden = lines.length === 0;
}

// nobody says whether an operator has to sign on before anything is sold.
const nobody = () => view.guard === "on" && !view.on_duty;

// hint is why the camera sees no code yet.
const hint = () => (view.devices.find((d) => d.hint) || {}).hint;

// A button that is made anew between press and release is never clicked: what is to be
// shown waits until the finger is up.
let pressed = false;
let waits = false;
function press() { pressed = true; }
function release() {
  setTimeout(() => { // after the click
    pressed = false;
    if (waits) render();
  });
}

function render() {
  waits = pressed;
  if (!view || pressed) return;
  header();
  const t = shown();
  const stage = byID("stage");
  document.body.dataset.state = reporting ? "reports" : listing ? "list" : t ? t.state : nobody() ? "sign_on" : "idle";
  if (reporting) stage.replaceChildren(reports(view, () => { reporting = false; render(); }, deeds));
  else if (listing && report !== undefined) {
    stage.replaceChildren(reconciliation(report, () => { report = undefined; render(); }, deeds));
  } else if (listing) stage.replaceChildren(list(view, leaveList, deeds, foundTransaction));
  else if (!t && nobody()) signOn(stage, arrive, () => { listing = true; render(); });
  else if (!t) stage.replaceChildren(keypad(sell, () => { listing = true; render(); }));
  else if (t.state === "created") stage.replaceChildren(waiting(t, now, cancel, view.presents && present, hint()));
  else if (t.code && t.ends_at) stage.replaceChildren(showing(t, now, cancel));
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
  if (t && t.state === "created") listing = reporting = false;
  if (view.demo && byID("panel").hidden) {
    byID("panel").hidden = false;
    byID("panel").replaceChildren(...panel());
  }
  refreshPanel(view);
  notice();
  if (found) lookAgain();
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
  byID("clock").textContent = new Date(now()).toLocaleTimeString("zh-CN", { hour12: false, timeZone: "Asia/Shanghai" });
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
  if (reporting) {
    if (event.key === "Escape" || event.key === "Enter") { reporting = false; render(); }
  } else if (listing) {
    if (event.key === "Escape" || event.key === "Enter") leaveList();
    if (event.key.toLowerCase() === "n") deeds.find();
  } else if (t) {
    if (event.key === "Escape" && !final(t.state)) cancel();
    if (event.key.toLowerCase() === "q" && t.state === "created" && view.presents) present();
    if (event.key === "Enter" && t.state !== "created" && t.state !== "authorizing") dismiss();
  } else if (nobody()) {
    if (event.key.toLowerCase() === "f") { listing = true; render(); }
    else if (/^[0-9]$/.test(event.key)) signOnKey();
    return; // the fields take it
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
document.addEventListener("pointerdown", press, true);
for (const end of ["pointerup", "pointercancel", "dragend"]) document.addEventListener(end, release, true);
// A click in the panel leaves the keys with the till; only the text field takes them.
byID("panel").addEventListener("mousedown", (event) => {
  if (event.target.closest("input[type=text]")) return;
  event.preventDefault();
  document.activeElement.blur();
});
setInterval(tick, 200);
follow(onView, onLine);
