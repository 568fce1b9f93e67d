# Sourced by proxy-cpu, schedules and worker-overhead. A peer is one function: start_NAME PORT runs it in front of 127.0.0.1:$primary, and of
# 127.0.0.1:$standby where that is not empty, in $work, and appends its pid to pids. Each adds the gateway secret, and tells by
# X-Served-By which origin answered.

# Made up for measuring; the origins of a measurement listen on loopback and end with it.
GATEWAY_SECRET=a-secret-for-measuring-0123456789abcdef

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
    listen 127.0.0.1:$primary;
    location = /health { return 200 '{"status":"ok"}'; }
    location = /mcp { return 200 '{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","tools":[],"ttlMs":60000,"cacheScope":"private"}}'; }
  }
}
CONF
  /usr/sbin/nginx -c "$work/backend.conf" -e "$work/backend.log" &
  pids+=($!)
}

start_edge() {
  local app=$ROOT/target/app/edge origins='{"name":"primary","url":"http://127.0.0.1:'$primary'"}'
  [ -z "$standby" ] || origins+=',{"name":"standby","url":"http://127.0.0.1:'$standby'"}'
  EDGE_CONFIG='{"host":"127.0.0.1","port":'$1',"origins":['$origins']}' GATEWAY_SECRET=$GATEWAY_SECRET \
    "$(java25)" "@$app/jvm.options" -cp "$app/*" com.mcpist.edge.Main >"$work/edge.log" 2>&1 &
  pids+=($!)
}

# MCPist's edge on Cloudflare, in workerd.
start_worker() {
  local origins='{"name":"primary","url":"http://127.0.0.1:'$primary'"}'
  [ -z "$standby" ] || origins+=',{"name":"standby","url":"http://127.0.0.1:'$standby'"}'
  "$ROOT/worker/build.sh" >&2
  PORT=$1 EDGE_CONFIG='{"auth":"none","limits":"none","origins":['$origins']}' GATEWAY_SECRET=$GATEWAY_SECRET ADMIN_TOKEN=$GATEWAY_SECRET \
    node "$ROOT/worker/test/serve.mjs" </dev/null >"$work/edge.log" 2>&1 &
  pids+=($!)
}

start_haproxy() {
  haproxy_with "$1" 'backup' ''
}

# Retries on another server as often as it can. A backup server is for HAProxy none to retry on, so both are in one list, of
# which the first that is up is taken.
start_haproxy_retry() {
  haproxy_with "$1" '' 'balance first
  retry-on all-retryable-errors
  retries 3
  option redispatch 1'
}

# haproxy_with PORT STANDBY_OPTION LINES
haproxy_with() {
  cat >"$work/haproxy.cfg" <<CONF
defaults
  mode http
  timeout connect 1s
  timeout client 60s
  timeout server 60s
  http-reuse always
listen mcp
  bind 127.0.0.1:$1
  http-request set-header X-Gateway-Secret $GATEWAY_SECRET
  http-request set-header X-User-Id local
  http-response set-header X-Served-By %s
  option httpchk GET /health
  $3
  server primary 127.0.0.1:$primary check inter 1s
  ${standby:+server standby 127.0.0.1:$standby check inter 1s $2}
CONF
  /usr/sbin/haproxy -db -f "$work/haproxy.cfg" >"$work/haproxy.log" 2>&1 &
  pids+=($!)
}

start_nginx() {
  nginx_with "$1" '' ''
}

# Without max_fails=0 it sends nothing for 10 s to a server that has failed once, and has none when both have.
start_nginx_retry() {
  nginx_with "$1" 'max_fails=0' 'proxy_next_upstream error timeout http_500 http_502 http_503 http_504 non_idempotent;'
}

# nginx_with PORT SERVER_OPTION LINES
nginx_with() {
  cat >"$work/nginx.conf" <<CONF
daemon off;
worker_processes 2;
pid $work/nginx.pid;
error_log $work/nginx.log;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path $work/nginx-body;
  proxy_temp_path $work/nginx-proxy;
  upstream origins {
    server 127.0.0.1:$primary $2;
    ${standby:+server 127.0.0.1:$standby $2 backup;}
  }
  # Of several attempts the last is the one that answered.
  map \$upstream_addr \$served_by {
    ~:$primary\$ primary;
    ${standby:+~:$standby\$ standby;}
  }
  server {
    listen 127.0.0.1:$1;
    location / {
      proxy_pass http://origins;
      proxy_set_header X-Gateway-Secret $GATEWAY_SECRET;
      proxy_set_header X-User-Id local;
      add_header X-Served-By \$served_by;
      $3
    }
  }
}
CONF
  /usr/sbin/nginx -c "$work/nginx.conf" -e "$work/nginx.log" &
  pids+=($!)
}

start_caddy() {
  caddy_with "$1" ''
}

# Without buffer_requests it cannot send a body again that it has read. With it, version 2.6.2 sends some requests with the body of
# another one that was under way, which no setting may do.
start_caddy_retry() {
  caddy_with "$1" 'lb_try_duration 5s
    lb_retry_match {
      method POST
    }'
}

# caddy_with PORT LINES
caddy_with() {
  cat >"$work/Caddyfile" <<CONF
{
  admin off
  auto_https off
}
http://:$1 {
  bind 127.0.0.1
  reverse_proxy 127.0.0.1:$primary ${standby:+127.0.0.1:$standby} {
    lb_policy first
    health_uri /health
    health_interval 1s
    fail_duration 2s
    header_up X-Gateway-Secret $GATEWAY_SECRET
    header_up X-User-Id local
    header_down X-Served-By {http.reverse_proxy.upstream.hostport}
    header_down X-Served-By 127.0.0.1:$primary primary
    ${standby:+header_down X-Served-By 127.0.0.1:$standby standby}
    $2
  }
}
CONF
  HOME=$work XDG_DATA_HOME=$work XDG_CONFIG_HOME=$work \
    /usr/bin/caddy run --adapter caddyfile --config "$work/Caddyfile" >"$work/caddy.log" 2>&1 &
  pids+=($!)
}

# FastMCP's proxy knows one address, so HAProxy stands behind it and chooses the origin.
start_fastmcp() {
  start_behind
  cat >"$work/gateway.py" <<PY
from fastmcp.server import create_proxy

create_proxy("http://127.0.0.1:$behind/mcp").run(
    transport="http", host="127.0.0.1", port=$1, stateless_http=True, show_banner=False, log_level="ERROR")
PY
  "$(python_of clients.d/fastmcp.txt)" "$work/gateway.py" >"$work/fastmcp.log" 2>&1 &
  pids+=($!)
  door=("BEHIND=$behind")
}

# ContextForge without plugins and without its limits. It asks a server for its tools when that is registered, and the origins do
# not run yet: a loop in the background registers them.
start_contextforge() {
  local python address=http://127.0.0.1:$1 token settings
  start_behind
  python=$(python_of proxies.d/contextforge.txt)
  settings=("DATABASE_URL=sqlite:///$work/contextforge.db" "JWT_SECRET_KEY=$GATEWAY_SECRET" "AUTH_ENCRYPTION_SECRET=$GATEWAY_SECRET"
    "PLATFORM_ADMIN_PASSWORD=$GATEWAY_SECRET" "BASIC_AUTH_PASSWORD=$GATEWAY_SECRET" SSRF_ALLOW_LOCALHOST=true PLUGINS_ENABLED=false
    RATE_LIMITING_ENABLED=false TOOL_RATE_LIMIT=1000000 LOG_LEVEL=ERROR MCPGATEWAY_UI_ENABLED=false MCPGATEWAY_ADMIN_API_ENABLED=true
    ADMIN_REQUIRE_PASSWORD_CHANGE_ON_BOOTSTRAP=false)
  (cd "$work" && exec env "${settings[@]}" "$python" -m mcpgateway.cli mcpgateway.main:app --host 127.0.0.1 --port "$1") \
    >"$work/contextforge.log" 2>&1 &
  pids+=($!)
  token=$(cd "$work" && env "${settings[@]}" "$python" -m mcpgateway.utils.create_jwt_token --username admin@example.com --admin \
    --exp 600 --secret "$GATEWAY_SECRET" 2>/dev/null | tail -n 1)
  until curl -sf -o "$work/registered" "$address/gateways" --header "Authorization: Bearer $token" \
    --json '{"name":"pair","url":"http://127.0.0.1:'"$behind"'/mcp","transport":"STREAMABLEHTTP"}'; do
    sleep 0.5
  done &
  pids+=($!)
  door=("BEHIND=$behind" DOOR_TOOL=pair-memory-save DOOR_REVISION=2025-06-18 "DOOR_HEADER=Authorization: Bearer $token")
}

# The port of the HAProxy that a gateway forwards to, as start_haproxy has it.
start_behind() {
  behind=$(free_port)
  start_haproxy "$behind"
}

# python_of LIST: a Python with the packages of that file, installed on the first run.
python_of() {
  local list=$ROOT/bench/$1 folder
  folder=$ROOT/target/bench/$(basename "$1" .txt)
  if ! cmp -s "$list" "$folder/installed.txt"; then
    rm -rf "$folder"
    python3 -m venv "$folder" >&2
    "$folder/bin/pip" install -q -r "$list" >&2
    cp "$list" "$folder/installed.txt"
  fi
  echo "$folder/bin/python"
}

# pinned LIST PACKAGE: its version there.
pinned() {
  sed -n "s/^$2==//p" "$ROOT/bench/$1"
}

# load PORT SECONDS [CONNECTIONS]: 16 connections, each with a tools/list as a client of 2026-07-28 sends it.
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
  wrk -t1 -c"${3:-16}" -d"$2" --latency -s "$work/post.lua" "http://127.0.0.1:$1/mcp"
}
