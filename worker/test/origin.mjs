// Origins on free ports, for tests in workerd, which cannot listen. The query of a call says how it is answered: `answer=long` with
// more than an edge holds, `answer=large` with 1 MiB, `answer=events` with as many events, `answer=lasts` with a stream that lasts,
// `answer=drips` with a long answer that never ends, `answer=halts` with an event and no end, `answer=broken` with a part of an answer, `answer=ids` with an event
// that has an id and no response, `answer=spaces` with the spaces of a slow answer and no more, anything else with a whole one.
// `answer=reset` with none, `answer=full` with X-Not-Run, `answer=refused` with 429, `answer=waits` and `answer=steps` (a step of progress, then the rest) after /go?QUERY.
// /status answers with what it was asked, as HTML. /seen?QUERY tells how many calls had that query, /told?QUERY the headers of those that it was told are undelivered, of which it has
// no room for as many as `deaf=` says; with `refuses` it refuses them for good, and with `platform` something else answers in its place.
//
// What is below /stopped is a platform's page. What is below /bare has no /health.
//
// A second port answers the same, and keeps no ledger. The third has mortal processes, one for each name by which it is asked, whose
// database's clock is an hour behind: a call `answer=poison` ends the process,
// `answer=reset` only the connection, `answer=busy` is turned away three times, `answer=refused-later` is answered with `status=`
// after a first attempt that breaks, `answer=stopped` with a platform's page of `status=` the first time, `answer=stops` with the
// beginning of a stream the first time, and with such a page the second time. They have no /status.
//
// The last port has a platform alone, whose page has the status that /becomes?STATUS has set.
import { createServer } from "node:http";

const PIECE = Buffer.alloc(1024 * 1024, " ");
const PIECES = 24;
const HOUR = 3_600_000;
const message = {
  jsonrpc: "2.0",
  method: "notifications/message",
  params: { data: "x".repeat(1024 * 1024) },
};
/** What was told to /events/ID, in any order of the tests. An event's data may say how often it is answered with 503 or with a
 * platform's page, or with which status it always is. */
const events = [];
const EVENT = Buffer.from(`data: ${JSON.stringify(message)}\n\n`);

export async function setup(project) {
  const origin = await listen(answer);
  const mortal = await listen(answerOfMortal);
  const foreign = await listen(answer, false);
  const session = await listen(answerInSession, false);
  const platform = await listen(answerOfPlatform, false);
  project.provide("platformPort", platform.address().port);
  project.provide("originPort", origin.address().port);
  project.provide("mortalPort", mortal.address().port);
  project.provide("foreignPort", foreign.address().port);
  project.provide("sessionPort", session.address().port);
  return () => {
    for (const server of [origin, mortal, foreign, session, platform]) {
      server.closeAllConnections();
      server.close();
    }
  };
}

async function listen(handler, ledger = true) {
  const seen = new Map();
  const told = new Map();
  const went = new Set();
  const server = createServer((request, response) => {
    const [path, query = ""] = request.url.split("?", 2);
    if (handler !== answerInSession && !path.startsWith("/events/") && path !== "/status") {
      request.resume();
    }
    if (path === "/seen") {
      response.end(String(seen.get(query) ?? 0));
      return;
    }
    if (path === "/told") {
      response.end(JSON.stringify(told.get(query) ?? []));
      return;
    }
    if (path === "/go") {
      went.add(query);
      response.end();
      return;
    }
    if (path === "/events") {
      response.end(JSON.stringify(events));
      return;
    }
    if (path.startsWith("/events/")) {
      void take(request, response, path.slice("/events/".length));
      return;
    }
    if (request.headers["x-undelivered"] !== undefined) {
      const all = [...(told.get(query) ?? []), request.headers];
      told.set(query, all);
      const deaf = all.length <= Number(/deaf=(\d+)/.exec(query)?.[1] ?? "0");
      if (query.includes("platform")) {
        response.writeHead(404).end();
      } else if (deaf) {
        response.writeHead(503, { "X-Ledger": "kept", "X-Not-Run": "busy" }).end();
      } else {
        response.writeHead(query.includes("refuses") ? 400 : 204, { "X-Ledger": "kept" }).end();
      }
      return;
    }
    if (path.startsWith("/stopped/")) {
      response.writeHead(403).end("<html>This service is stopped</html>");
      return;
    }
    response.setHeader("Content-Type", "application/json");
    if (ledger) {
      response.setHeader("X-Ledger", "kept");
    }
    if (path === "/bare/health") {
      response.writeHead(404).end();
      return;
    }
    if (path !== "/health") {
      seen.set(query, (seen.get(query) ?? 0) + 1);
    }
    const go = async () => {
      while (!went.has(query) && !response.destroyed) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    handler(request, response, { path, query, times: seen.get(query), go });
  });
  // Where both ends have stood still, a connection that is closed for being idle is one on which a request is just coming.
  server.keepAliveTimeout = 0;
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

async function take(request, response, id) {
  const event = JSON.parse(Buffer.concat(await request.toArray()).toString());
  events.push({ id, ...event });
  const times = events.filter((other) => other.id === id).length;
  if (times <= (event.data.pages ?? 0)) {
    response.writeHead(200).end("<html>This service starts</html>");
    return;
  }
  response.setHeader("X-Ledger", "kept");
  const status = times <= (event.data.deaf ?? 0) ? 503 : (event.data.status ?? 204);
  response.writeHead(status).end();
}

async function answer(request, response, { path, query, go }) {
  if (path === "/health") {
    response.end('{"status":"ok"}');
  } else if (path === "/status") {
    const asked = JSON.parse(Buffer.concat(await request.toArray()).toString());
    response.setHeader("Content-Type", "text/html; charset=utf-8");
    response.setHeader("Content-Security-Policy", "script-src 'sha256-x'");
    response.setHeader("X-Mine", "1");
    response.end(JSON.stringify({ headers: request.headers, asked }, null, 1));
  } else if (query.startsWith("answer=long")) {
    pour(response, PIECE, "{}", PIECES);
  } else if (query.startsWith("answer=events")) {
    response.setHeader("Content-Type", "text/event-stream");
    pour(response, EVENT, 'data: {"jsonrpc":"2.0","id":1,"result":{}}\n\n', PIECES);
  } else if (query.startsWith("answer=large")) {
    response.end(PIECE);
  } else if (query.startsWith("answer=lasts")) {
    response.setHeader("Content-Type", "text/event-stream");
    response.write('data: {"jsonrpc":"2.0","id":9,"result":{}}\n\n');
  } else if (query.startsWith("answer=halts")) {
    response.setHeader("Content-Type", "text/event-stream");
    response.write('data: {"method":"notifications/message"}\n\n', () => response.destroy());
  } else if (query.startsWith("answer=ids")) {
    response.setHeader("Content-Type", "text/event-stream");
    response.end(`id: 9\ndata:\n\n${query.includes("reset") ? "id:\ndata:\n\n" : ""}`);
  } else if (query.startsWith("answer=spaces")) {
    response.write(Buffer.concat(Array(9).fill(PIECE)), () => response.destroy());
  } else if (query.startsWith("answer=drips")) {
    response.write(query.endsWith("short") ? " " : `[${Buffer.concat(Array(9).fill(PIECE))}`);
    const drip = setInterval(() => response.write(" "), 100);
    response.once("close", () => clearInterval(drip));
  } else if (query.startsWith("answer=broken")) {
    response.write(PIECE, () => response.destroy());
  } else if (query.startsWith("answer=reset")) {
    request.socket.destroy();
  } else if (query.startsWith("answer=refused")) {
    response.writeHead(429, { "Retry-After": "7" });
    const refusal = { code: "rate_limited" };
    const error = { jsonrpc: "2.0", id: 1, error: { code: -32000, data: refusal } };
    response.end(JSON.stringify(query.includes("plainly") ? refusal : error));
  } else if (query.startsWith("answer=full")) {
    response.writeHead(503, { "X-Not-Run": "busy" }).end("{}");
  } else if (query.startsWith("answer=waits")) {
    await go();
    response.end('{"jsonrpc":"2.0","id":1,"result":{}}');
  } else if (query.startsWith("answer=steps")) {
    response.setHeader("Content-Type", "text/event-stream");
    response.write('data: {"jsonrpc":"2.0","method":"notifications/progress"}\n\n');
    await go();
    response.end('data: {"jsonrpc":"2.0","id":1,"result":{}}\n\n');
  } else {
    response.end('{"jsonrpc":"2.0","id":1,"result":{}}');
  }
}

let pageStatus = 200;

function answerOfPlatform(_request, response, { path, query }) {
  if (path === "/becomes") {
    pageStatus = Number(query);
    response.end();
    return;
  }
  response.writeHead(pageStatus, { Location: "/sign-in" }).end("<html>A platform's page</html>");
}

const servers = new Map();

/** Servers with sessions, one for each path; PATH/forget ends them, PATH/vanish breaks all connections until PATH/return. */
async function answerInSession(request, response, { path }) {
  const [, place, , command] = path.split("/");
  const server = servers.get(place) ?? { opened: 0, known: new Set(), gone: false };
  servers.set(place, server);
  if (path === "/health" || command !== undefined) {
    server.gone = command === "vanish" || (server.gone && command !== "return");
    server.known = command === "forget" ? new Set() : server.known;
    response.writeHead(command === undefined ? 404 : 200).end();
    return;
  }
  if (server.gone) {
    request.socket.destroy();
    return;
  }
  const pieces = await request.toArray();
  const { method, params } = JSON.parse(Buffer.concat(pieces).toString() || "{}");
  if (method === "initialize") {
    // The edge lists tools in a session of its own.
    const id = params.clientInfo.name === "mcpist-edge" ? "edge" : `s${++server.opened}`;
    server.known.add(id);
    response.setHeader("Mcp-Session-Id", id);
    if (params.clientInfo.name === "ledger") {
      response.setHeader("X-Ledger", "kept");
    }
  } else if (!server.known.has(request.headers["mcp-session-id"])) {
    response.writeHead(method === "resources/read" ? 404 : 400);
  }
  const result = { session: request.headers["mcp-session-id"] };
  response.end(JSON.stringify({ jsonrpc: "2.0", id: 7, result }));
}

const processes = new Map();

function answerOfMortal(request, response, { path, query, times }) {
  const { host } = request.headers;
  const instance = processes.get(host) ?? 1;
  const pageAt = query.startsWith("answer=stopped") ? 1 : query.startsWith("answer=stops") ? 2 : 0;
  if (path === "/health") {
    const clock = Date.now() - HOUR;
    response.end(
      JSON.stringify({ status: "ok", instance: `${instance}`, uptimeSeconds: 900, clock }),
    );
  } else if (path === "/status") {
    response.writeHead(404).end();
  } else if (query.startsWith("answer=poison")) {
    processes.set(host, instance + 1);
    response.write(" ", () => request.socket.destroy());
  } else if (query.startsWith("answer=reset") && times <= 3) {
    response.write(" ", () => request.socket.destroy());
  } else if (query.startsWith("answer=busy") && times <= 3) {
    response.writeHead(503, { "X-Not-Run": "busy", "Retry-After": "1" }).end("{}");
  } else if (query.startsWith("answer=refused-later")) {
    if (times > 1) {
      const status = Number(/status=(\d+)/.exec(query)[1]);
      response.writeHead(status, { "Retry-After": "1" }).end("{}");
    } else {
      response.write(" ", () => request.socket.destroy());
    }
  } else if (query.startsWith("answer=stops") && times === 1) {
    response.setHeader("Content-Type", "text/event-stream");
    response.write('data: {"method":"notifications/message"}\n\n', () => response.destroy());
  } else if (times === pageAt) {
    response.removeHeader("X-Ledger");
    response.writeHead(Number(/status=(\d+)/.exec(query)[1]), { Location: "/sign-in" });
    response.end('{"jsonrpc":"2.0","id":1,"result":"of a platform"}');
  } else {
    const { "x-attempt": attempt, "x-deadline": deadline, "x-call-id": callId } = request.headers;
    const result = { attempt, deadline, callId };
    response.end(JSON.stringify({ jsonrpc: "2.0", id: 1, result }));
  }
}

// As fast as they are read, and no faster.
function pour(response, piece, end, left) {
  if (left === 0) {
    response.end(end);
    return;
  }
  const next = () => pour(response, piece, end, left - 1);
  if (response.write(piece)) {
    setImmediate(next);
  } else {
    response.once("drain", next);
  }
}
