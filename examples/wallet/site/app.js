// The page talks to the wallet's API at the address that it came from: the edge. It shows who
// answered each call, so that one can watch a slice move from the monolith to its new owner.

const at = (id) => document.getElementById(id);
const pesos = new Intl.NumberFormat("es-CO", { style: "currency", currency: "COP", maximumFractionDigits: 0 });
const moment = new Intl.DateTimeFormat("es-CO", { dateStyle: "medium", timeStyle: "short", timeZone: "America/Bogota" });
let token = ""; // only ever in memory: leaving the page logs out

async function call(method, path, body) {
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  const response = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  noteWhoAnswered(method, path, response);
  const answer = response.status === 204 ? {} : await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.message || "No se pudo. Intenta de nuevo.");
  return answer;
}

function noteWhoAnswered(method, path, response) {
  const who = response.headers.get("x-served-by") || "edge";
  const line = document.createElement("li");
  const mark = document.createElement("b");
  mark.textContent = who;
  mark.className = who === "monolith" ? "" : "new";
  line.append(mark, ` ${method} ${path} → ${response.status}`);
  at("answered").prepend(line);
  while (at("answered").children.length > 12) at("answered").lastChild.remove();
}

async function logIn(form) {
  const { phone, password } = Object.fromEntries(new FormData(form));
  const found = await call("POST", "/api/login", { phone, password });
  token = found.token;
  form.reset();
  at("hello").textContent = `Hola, ${found.name}`;
  showInside(true);
  at("hello").focus();
  await Promise.all([showBalance(), showLimits(), showMonths()]);
}

async function logOut() {
  await call("POST", "/api/logout");
  token = "";
  showInside(false);
}

function showInside(inside) {
  at("door").hidden = inside;
  at("inside").hidden = !inside;
  at("leave").hidden = !inside;
}

async function showBalance() {
  const { accounts } = await call("GET", "/api/accounts");
  at("balance").textContent = pesos.format(accounts[0].balance);
}

async function showLimits() {
  const limits = await call("GET", "/api/limits");
  at("left").textContent = pesos.format(limits.left_today);
  at("limits-note").textContent = `Hasta ${pesos.format(limits.per_payment)} en cada envío.`;
}

async function showMonths() {
  const { months } = await call("GET", "/api/statements");
  at("month").replaceChildren(...months.map((month) => new Option(month, month)));
  await showStatement();
}

async function showStatement() {
  const statement = await call("GET", `/api/statements/${at("month").value}`);
  const sums = { "Saldo inicial": "opening", "Recibiste": "received", "Enviaste": "sent", "Saldo final": "closing" };
  at("sums").replaceChildren(...Object.entries(sums).map(([name, field]) => pair(name, pesos.format(statement[field]))));
  at("statement-caption").textContent = statement.movements.length ? `Movimientos de ${statement.month}` : `Sin movimientos en ${statement.month}`;
  at("movements").replaceChildren(...statement.movements.map(row));
}

function pair(name, value) {
  const pair = document.createElement("div");
  pair.append(cell("dt", name), cell("dd", value));
  return pair;
}

function row(movement) {
  const row = document.createElement("tr");
  row.append(
    cell("td", moment.format(new Date(movement.at))),
    cell("td", movement.description),
    cell("td", pesos.format(movement.amount), "amount"),
    cell("td", pesos.format(movement.balance), "amount"),
  );
  return row;
}

function cell(tag, text, className = "") {
  return Object.assign(document.createElement(tag), { textContent: text, className });
}

async function sendStatement() {
  const { month, sent_to: to } = await call("POST", "/api/statements", { month: at("month").value });
  say(`Enviamos tu extracto de ${month} a ${to}.`);
}

function say(text) {
  at("notice").textContent = text;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => { at("notice").textContent = ""; }, 5000);
}

const attempt = (action) => async (event) => {
  event.preventDefault();
  try {
    await action(event.currentTarget);
  } catch (error) {
    say(error.message);
  }
};

at("login").addEventListener("submit", attempt((form) => logIn(form)));
at("pick").addEventListener("submit", attempt(showStatement));
at("send").addEventListener("click", attempt(sendStatement));
at("leave").addEventListener("click", attempt(logOut));
