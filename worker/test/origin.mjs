// An origin on a free port, for tests in workerd, which cannot listen. The query of a call says how it is answered: `answer=long`
// with more than an edge holds, `answer=large` with 1 MiB, `answer=events` with as many events, `answer=lasts` with a stream that lasts, `answer=broken` with a part of an answer, anything else with a whole one. /seen?QUERY tells how many
// calls had that query.
import { createServer } from "node:http";

const PIECE = Buffer.alloc(1024 * 1024, " ");
const PIECES = 24;
const message = {
  jsonrpc: "2.0",
  method: "notifications/message",
  params: { data: "x".repeat(1024 * 1024) },
};
const EVENT = Buffer.from(`data: ${JSON.stringify(message)}\n\n`);

export async function setup(project) {
  const seen = new Map();
  const server = createServer((request, response) => answer(request, response, seen));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  project.provide("originPort", server.address().port);
  return () => {
    server.closeAllConnections();
    server.close();
  };
}

function answer(request, response, seen) {
  const [path, query = ""] = request.url.split("?", 2);
  request.resume();
  if (path === "/seen") {
    response.end(String(seen.get(query) ?? 0));
    return;
  }
  response.setHeader("Content-Type", "application/json");
  if (path === "/health") {
    response.end('{"status":"ok"}');
    return;
  }
  seen.set(query, (seen.get(query) ?? 0) + 1);
  if (query.startsWith("answer=long")) {
    pour(response, PIECE, "{}", PIECES);
  } else if (query.startsWith("answer=events")) {
    response.setHeader("Content-Type", "text/event-stream");
    pour(response, EVENT, 'data: {"jsonrpc":"2.0","id":1,"result":{}}\n\n', PIECES);
  } else if (query.startsWith("answer=large")) {
    response.end(PIECE);
  } else if (query.startsWith("answer=lasts")) {
    response.setHeader("Content-Type", "text/event-stream");
    response.write('data: {"jsonrpc":"2.0","id":9,"result":{}}\n\n');
  } else if (query.startsWith("answer=broken")) {
    response.write(PIECE, () => response.destroy());
  } else {
    response.end('{"jsonrpc":"2.0","id":1,"result":{}}');
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
