// The demo's side panel: it plays scanner, payer, line and paper.

import { post, postPicture } from "./api.js";
import { byID, el } from "./dom.js";
import { say } from "./words.js";

const wallets = ["wechat", "alipay", "unionpay", "ecny", "hzbank", "yiqianbao", "allinpaywallet"];

let said = null; // where the panel says what came of it

async function attempt(work) {
  try {
    said.textContent = (await work()) || "";
  } catch (error) {
    said.textContent = error.message;
  }
}

async function show(wallet) {
  const { code } = await post("/api/sim/code", { wallet });
  await post("/api/sim/scan", { code });
  return code;
}

const picked = new Map(); // what stays when the panel is made anew in another language

function choice(name, options, send) {
  const now = picked.has(name) ? picked.get(name) : options[0][0];
  const pick = (value) => attempt(async () => {
    picked.set(name, value);
    await send(value);
  });
  return el("fieldset", {}, el("legend", {}, say("sim." + name)),
    ...options.map(([value, label]) => el("label", {},
      el("input", { type: "radio", name, value: String(value), checked: value === now,
        onchange: () => pick(value) }), say("sim." + label))));
}

function typed() {
  const field = el("input", { type: "text", autocomplete: "off", spellcheck: "false", placeholder: "13…" });
  return el("form", { class: "scan", onsubmit: (event) => {
    event.preventDefault();
    const code = field.value;
    field.value = "";
    attempt(() => post("/api/sim/scan", { code }).then(() => ""));
  } }, field, el("button", {}, say("sim.scan")));
}

function picture() {
  const send = (file) => attempt(async () => {
    const r = await postPicture(file);
    return r.found > 0 ? `${r.found} ${say("sim.found")}` : say("sim." + r.reason);
  });
  const file = el("input", { type: "file", accept: "image/png,image/jpeg", hidden: true,
    onchange: () => { if (file.files[0]) send(file.files[0]); file.value = ""; } });
  return el("label", { class: "drop", ondragover: (e) => e.preventDefault(), ondrop: (e) => {
    e.preventDefault();
    if (e.dataTransfer.files[0]) send(e.dataTransfer.files[0]);
  } }, say("sim.picture"), file);
}

export function panel() {
  said = el("p", { class: "said", id: "said" });
  return [
    el("h2", {}, say("sim.title")),
    el("h3", {}, say("sim.wallets")),
    el("div", { class: "wallets" }, ...wallets.map((w) =>
      el("button", { class: "w-" + w, "data-wallet": w, onclick: () => attempt(() => show(w)) },
        say("wallet." + w, say("sim." + w))))),
    el("button", { id: "scan-terminal", hidden: true, onclick: () => attempt(async () => {
      await post("/api/sim/present", { order: shownOrder });
    }) }, say("sim.scan_terminal")),
    el("h3", {}, say("sim.type")), typed(), picture(), said,
    choice("payer", [["approve", "approve"], ["password", "password"], ["refuse", "refuse"], ["ignore", "ignore"]],
      (mode) => post("/api/sim/payer", { mode })),
    choice("line", [[true, "up"], [false, "down"]], (up) => post("/api/sim/line", { up })),
    choice("paper", [[true, "in"], [false, "out"]], (paper) => post("/api/sim/paper", { in: paper })),
    el("h3", {}, say("sim.slips")),
    el("div", { id: "papers" }),
  ];
}

let shownPapers = "";
let shownOrder = ""; // whose code the terminal shows

// refreshPanel hangs out the slips of the last approved sales.
export function refreshPanel(view) {
  const papers = byID("papers");
  if (!papers) return;
  shownOrder = view.current && view.current.code ? view.current.order : "";
  byID("scan-terminal").hidden = shownOrder === "";
  const urls = view.recent.flatMap((t) => t.slips.filter((s) => s.state === "printed")
    .map((s) => `${s.url}?${s.count}`)).slice(0, 6);
  const mark = urls.join() + document.documentElement.lang;
  if (mark === shownPapers && papers.childElementCount === urls.length) return;
  shownPapers = mark;
  papers.replaceChildren(...urls.map((src) => el("img", { class: "paper", src, alt: "slip" })));
}
