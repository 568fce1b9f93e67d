# Sourced by proxy-cpu. A peer is one function: start_NAME PORT runs it in front of $backend, in $work, and
# appends its pid to pids.

# An origin that does nothing, so that what is measured is the proxy.
start_backend() {
  cat >"$work/backend.conf" <<CONF
daemon off;
worker_processes 1;
pid $work/backend.pid;
error_log $work/backend.log;
events { worker_connections 1024; }
http {
  access_log off;
  default_type application/json;
  keepalive_requests 100000000;
  client_body_temp_path $work/body;
  server {
    listen 127.0.0.1:$backend;
    location = /health { return 200 '{"status":"ok"}'; }
    location = /mcp { return 200 '{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","tools":[],"ttlMs":60000,"cacheScope":"private"}}'; }
  }
}
CONF
  /usr/sbin/nginx -c "$work/backend.conf" -e "$work/backend.log" &
  pids+=($!)
}

start_edge() {
  local app=$ROOT/target/app/edge
  EDGE_CONFIG='{"host":"127.0.0.1","port":'$1',"origins":[{"name":"backend","url":"http://127.0.0.1:'$backend'"}]}' \
    GATEWAY_SECRET=a-secret-for-measuring-0123456789abcdef \
    "$(java25)" "@$app/jvm.options" -cp "$app/*" com.mcpist.edge.Main >"$work/edge.log" 2>&1 &
  pids+=($!)
}

start_haproxy() {
  cat >"$work/haproxy.cfg" <<CONF
defaults
  mode http
  timeout connect 1s
  timeout client 30s
  timeout server 30s
  http-reuse always
listen mcp
  bind 127.0.0.1:$1
  http-request set-header X-Gateway-Secret a-secret-for-measuring-0123456789abcdef
  server backend 127.0.0.1:$backend
CONF
  /usr/sbin/haproxy -db -f "$work/haproxy.cfg" >"$work/haproxy.log" 2>&1 &
  pids+=($!)
}

# load PORT SECONDS: 16 connections, each with a tools/list as a client of 2026-07-28 sends it.
load() {
  cat >"$work/post.lua" <<'LUA'
wrk.method = "POST"
wrk.path = "/mcp"
wrk.body = '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}'
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Accept"] = "application/json, text/event-stream"
wrk.headers["MCP-Protocol-Version"] = "2026-07-28"
wrk.headers["Mcp-Method"] = "tools/list"
LUA
  wrk -t1 -c16 -d"$2" -s "$work/post.lua" "http://127.0.0.1:$1/mcp"
}
