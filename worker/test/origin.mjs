// Origins on free ports, for tests in workerd, which cannot listen. The query of a call says how it is answered: `answer=long` with
// more than an edge holds, `answer=large` with 1 MiB, `answer=events` with as many events, `answer=lasts` with a stream that lasts,
// `answer=drips` with a long answer that never ends, `answer=halts` with an event and no end, `answer=broken` with a part of an answer, anything else with a whole one.
// /seen?QUERY tells how many calls had that query.
//
// The other port has mortal processes, one for each name by which it is asked, whose database's clock is an hour behind: a call
// `answer=poison` ends the process, `answer=reset` only the connection, `answer=busy` is turned away three times.
import { createServer } from "node:http";

const PIECE = Buffer.alloc(1024 * 1024, " ");
const PIECES = 24;
const HOUR = 3_600_000;
const message = {
  jsonrpc: "2.0",
  method: "notifications/message",
  params: { data: "x".repeat(1024 * 1024) },
};
const EVENT = Buffer.from(`data: ${JSON.stringify(message)}\n\n`);

export async function setup(project) {
  const origin = await listen(answer);
  const mortal = await listen(answerOfMortal);
  project.provide("originPort", origin.address().port);
  project.provide("mortalPort", mortal.address().port);
  return () => {
    for (const server of [origin, mortal]) {
      server.closeAllConnections();
      server.close();
    }
  };
}

async function listen(handler) {
  const seen = new Map();
  const server = createServer((request, response) => {
    const [path, query = ""] = request.url.split("?", 2);
    request.resume();
    if (path === "/seen") {
      response.end(String(seen.get(query) ?? 0));
      return;
    }
    response.setHeader("Content-Type", "application/json");
    if (path !== "/health") {
      seen.set(query, (seen.get(query) ?? 0) + 1);
    }
    handler(request, response, { path, query, times: seen.get(query) });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

function answer(_request, response, { path, query }) {
  if (path === "/health") {
    response.end('{"status":"ok"}');
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
  } else if (query.startsWith("answer=drips")) {
    response.write(query.endsWith("short") ? " " : Buffer.concat(Array(9).fill(PIECE)));
    const drip = setInterval(() => response.write(" "), 100);
    response.once("close", () => clearInterval(drip));
  } else if (query.startsWith("answer=broken")) {
    response.write(PIECE, () => response.destroy());
  } else {
    response.end('{"jsonrpc":"2.0","id":1,"result":{}}');
  }
}

const processes = new Map();

function answerOfMortal(request, response, { path, query, times }) {
  const { host } = request.headers;
  const instance = processes.get(host) ?? 1;
  if (path === "/health") {
    const clock = Date.now() - HOUR;
    response.end(
      JSON.stringify({ status: "ok", instance: `${instance}`, uptimeSeconds: 9, clock }),
    );
  } else if (query.startsWith("answer=poison")) {
    processes.set(host, instance + 1);
    response.write(" ", () => request.socket.destroy());
  } else if (query.startsWith("answer=reset") && times <= 3) {
    response.write(" ", () => request.socket.destroy());
  } else if (query.startsWith("answer=busy") && times <= 3) {
    response.writeHead(503, { "X-Not-Run": "busy", "Retry-After": "1" }).end("{}");
  } else if (query.startsWith("answer=share-spent")) {
    if (times > 1) {
      response.writeHead(429, { "Retry-After": "1" }).end("{}");
    } else {
      response.write(" ", () => request.socket.destroy());
    }
  } else {
    const { "x-attempt": attempt, "x-deadline": deadline } = request.headers;
    response.end(JSON.stringify({ jsonrpc: "2.0", id: 1, result: { attempt, deadline } }));
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
