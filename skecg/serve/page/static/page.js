"use strict";

// The page works without this file: the form then opens the report. Here the answer
// comes into the page, and the sheet can be zoomed and measured.

const $ = (id) => document.getElementById(id);
const largest = Number($("form").dataset.largest);
let chosen = null; // the files of the recording that is shown
let zoom = 1;
let asked = 0;

function say(text) {
  $("status").textContent = text;
}

async function problem(response) {
  const body = await response.json().catch(() => ({}));
  return typeof body.detail === "string" ? body.detail : `The service answered ${response.status}.`;
}

// A WFDB record is a header and its signal files.
function nameOf(files) {
  return (files.find((file) => /\.hea$/i.test(file.name)) || files[0]).name;
}

function form(files, field = "file") {
  const data = new FormData();
  for (const file of files) data.append(field, file);
  for (const name of ["sex", "age", "speed", "gain"]) {
    if ($(name).value) data.append(name, $(name).value);
  }
  return data;
}

async function show(files) {
  const mine = ++asked;
  chosen = files;
  const size = files.reduce((sum, file) => sum + file.size, 0);
  say("Reading…");
  $("result").setAttribute("aria-busy", "true");
  try {
    // A refused upload is cut off, of which a browser only says that it failed.
    if (size > largest) throw new Error(`${nameOf(files)} has ${size} bytes; at most ${largest} are read.`);
    const response = await fetch("v1/report?part=true", { method: "POST", body: form(files) });
    if (!response.ok) throw new Error(await problem(response));
    const answer = await response.text();
    if (mine !== asked) return; // a later one is on its way
    $("result").innerHTML = answer; // rendered and escaped by the service
    $("tools").hidden = false;
    $("caveat").hidden = true; // the answer has its own, beside the probability
    say(`${nameOf(files)} was read; the result is below.`);
    zoomTo(1);
    document.querySelectorAll(".sheet svg").forEach(measureOn);
    document.querySelectorAll("tr[data-waves]:not([data-waves=''])").forEach(offerWaves);
    $("explain").setAttribute("aria-pressed", "false");
  } catch (error) {
    if (mine !== asked) return;
    $("result").textContent = "";
    $("tools").hidden = true;
    $("caveat").hidden = false;
    say(error.message);
  }
  $("result").removeAttribute("aria-busy");
}

function element(name, text, children = []) {
  const made = document.createElement(name);
  made.textContent = text;
  made.append(...children);
  return made;
}

// The title of a criterion becomes a button that marks its waves on the median beats.
function offerWaves(row) {
  if (!document.querySelector(".ecg-beats")) return;
  const title = row.querySelector("th");
  const button = element("button", title.textContent);
  button.type = "button";
  button.title = "Mark its waves on the median beats";
  button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", () => {
    const on = button.getAttribute("aria-pressed") === "false";
    for (const other of document.querySelectorAll(".criteria button")) other.setAttribute("aria-pressed", "false");
    button.setAttribute("aria-pressed", on);
    const waves = on ? row.dataset.waves.split("|") : [];
    for (const wave of document.querySelectorAll(".ecg-beats [data-wave]")) {
      const name = wave.dataset.wave.replace("QS ", "S ").replace("R' ", "R ");
      wave.classList.toggle("used", waves.includes(name));
    }
  });
  title.replaceChildren(button);
}

async function explain() {
  const mine = asked;
  const on = $("explain").getAttribute("aria-pressed") === "false";
  if (!chosen) return;
  if (!on) return show(chosen);
  say("Leaving out each wave of each lead…");
  try {
    const response = await fetch("v1/explain", { method: "POST", body: form(chosen) });
    if (!response.ok) throw new Error(await problem(response));
    const answer = await response.json();
    if (mine !== asked) return; // another recording is shown by now
    $("sheet").innerHTML = answer.sheet; // drawn by the service
    measureOn(document.querySelector("#sheet svg"));
    zoomTo(zoom);
    document.querySelector(".explanation")?.remove();
    $("sheet").after(tableOf(answer));
    $("explain").setAttribute("aria-pressed", "true");
    say("The attributions are behind the traces, and in the table below the sheet.");
  } catch (error) {
    if (mine === asked) say(error.message);
  }
}

function tableOf(answer) {
  const number = (value) => (value === null ? "–" : (value < 0 ? "−" : "+") + Math.abs(value).toFixed(2));
  const cell = (name, text, scope) => {
    const made = element(name, text);
    if (scope) made.scope = scope;
    return made;
  };
  const head = ["", ...answer.waves].map((wave) => wave ? cell("th", wave, "col") : element("td", ""));
  const rows = answer.leads.map((lead, k) => element("tr", "", [
    cell("th", lead, "row"), ...answer.importances[k].map((value) => cell("td", number(value))),
  ]));
  const caption = "Log-odds that are lost without each wave. Orange speaks for LVH, blue against it; " +
    "the limb leads count together, and parts need not add up.";
  const table = element("table", "", [
    element("caption", caption), element("thead", "", [element("tr", "", head)]), element("tbody", "", rows),
  ]);
  const section = element("div", "", [table]);
  section.className = "explanation";
  return section;
}

function zoomTo(factor) {
  zoom = Math.min(6, Math.max(1, factor));
  const sheet = document.querySelector("#sheet svg");
  if (sheet) sheet.style.width = `${100 * zoom}%`;
}

// The user unit of the sheet is 1 mm; speed and gain turn it into ms and mV.
function measureOn(sheet) {
  if (!sheet) return;
  const speed = Number(sheet.dataset.speed);
  const gain = Number(sheet.dataset.gain);
  const box = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  for (const [name, value] of [["fill", "#1565c0"], ["fill-opacity", "0.18"], ["stroke", "#1565c0"], ["stroke-width", "0.2"]]) {
    box.setAttribute(name, value);
  }
  let start = null;
  const at = (event) => new DOMPoint(event.clientX, event.clientY).matrixTransform(sheet.getScreenCTM().inverse());
  sheet.addEventListener("pointerdown", (event) => {
    start = at(event);
    sheet.setPointerCapture(event.pointerId);
    sheet.append(box);
    box.setAttribute("width", 0);
  });
  sheet.addEventListener("pointermove", (event) => {
    if (!start) return;
    const end = at(event);
    box.setAttribute("x", Math.min(start.x, end.x));
    box.setAttribute("y", Math.min(start.y, end.y));
    box.setAttribute("width", Math.abs(end.x - start.x));
    box.setAttribute("height", Math.abs(end.y - start.y));
    const milliseconds = (1000 * Math.abs(end.x - start.x)) / speed;
    const millivolts = (start.y - end.y) / gain;
    $("caliper").textContent = `${milliseconds.toFixed(0)} ms, ${millivolts.toFixed(2)} mV`;
  });
  for (const name of ["pointerup", "pointercancel"]) {
    sheet.addEventListener(name, () => { start = null; });
  }
}

async function save(event, path, type) {
  event.preventDefault();
  if (!chosen) return;
  const body = form(chosen, path === "v1/predict" ? "files" : "file");
  const response = await fetch(path, { method: "POST", body });
  if (!response.ok) return say(await problem(response));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([await response.text()], { type }));
  link.download = event.target.download;
  link.click();
  URL.revokeObjectURL(link.href);
}

$("examples").hidden = false;
$("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const files = chosen || [...$("file").files];
  if (files.length) show(files);
});
$("file").addEventListener("change", () => { if ($("file").files.length) show([...$("file").files]); });
for (const name of ["sex", "age", "speed", "gain"]) {
  $(name).addEventListener("change", () => { if (chosen) show(chosen); });
}
for (const button of document.querySelectorAll("[data-example]")) {
  button.addEventListener("click", async () => {
    const response = await fetch(`v1/examples/${button.dataset.example}`);
    if (!response.ok) return say(await problem(response));
    show([new File([await response.blob()], `${button.textContent} (synthetic).csv`)]);
  });
}
$("explain").addEventListener("click", explain);
$("larger").addEventListener("click", () => zoomTo(zoom * 1.5));
$("smaller").addEventListener("click", () => zoomTo(zoom / 1.5));
$("save-report").addEventListener("click", (event) => save(event, "v1/report?download=true", "text/html"));
$("save-json").addEventListener("click", (event) => save(event, "v1/predict", "application/json"));
for (const name of ["dragover", "dragleave", "drop"]) {
  $("drop").addEventListener(name, (event) => {
    event.preventDefault();
    $("drop").classList.toggle("over", name === "dragover");
    if (name === "drop" && event.dataTransfer.files.length) show([...event.dataTransfer.files]);
  });
}
