# Only where mcpist.yml says `failover: load_balancer`. Changing that back takes all of this away, so nothing here is kept from being destroyed.

# Without the gateway secret an origin tells its status and nothing else, which is what is expected here: the secret is in no state.
# A Host header here would go to both origins; each pool has its own.
resource "cloudflare_load_balancer_monitor" "health" {
  count = local.balanced ? 1 : 0

  account_id       = local.cloudflare.account
  description      = "${local.service}: health"
  type             = "https"
  port             = 443
  method           = "GET"
  path             = local.monitor.path
  interval         = local.seconds.interval
  timeout          = local.seconds.timeout
  retries          = local.monitor.retries
  consecutive_down = local.monitor.consecutive_down
  consecutive_up   = local.monitor.consecutive_up
  expected_codes   = tostring(local.monitor.expected_code)
  expected_body    = local.monitor.expected_body
  follow_redirects = false
  allow_insecure   = false

  lifecycle {
    precondition {
      condition     = local.seconds.interval == floor(local.seconds.interval) && local.seconds.timeout == floor(local.seconds.timeout)
      error_message = "Cloudflare asks in whole seconds: give monitor.interval and monitor.timeout of mcpist.yml so."
    }
  }
}

# One origin each: steering "off" orders pools, and never the origins in one. See docs/adr/0020-terraform-owns-what-stays.md.
resource "cloudflare_load_balancer_pool" "origin" {
  for_each = local.hosts

  account_id      = local.cloudflare.account
  name            = "${local.service}-${each.key}"
  monitor         = cloudflare_load_balancer_monitor.health[0].id
  minimum_origins = 1
  enabled         = true

  origins = [
    {
      name    = each.key
      address = each.value
      enabled = true
      weight  = 1
      header  = { host = [each.value] }
    },
  ]

  lifecycle {
    # `mcpist drain` switches it off, and `undrain` on.
    ignore_changes = [enabled]
  }
}

# How Cloudflare goes on from its host name to an origin, with the gateway secret, is the zone's SSL/TLS mode. It must be Full (strict), and
# is not set here, since all else that the zone serves goes by it too: docs/operations/cloudflare.md#certificates. `mcpist doctor` looks.
resource "cloudflare_load_balancer" "edge" {
  count = local.balanced ? 1 : 0

  zone_id          = var.zone_id
  name             = local.cloudflare.load_balancer
  description      = "${local.service}: behind the Worker"
  default_pools    = [for name in local.names : cloudflare_load_balancer_pool.origin[name].id]
  fallback_pool    = cloudflare_load_balancer_pool.origin[local.names[length(local.names) - 1]].id
  steering_policy  = "off"
  proxied          = true
  session_affinity = "none"
  adaptive_routing = { failover_across_pools = true }

  lifecycle {
    # `mcpist drain` changes the order, and `undrain` brings it back. A new origin's pool gets into it by `undrain` too:
    # docs/adr/0020-terraform-owns-what-stays.md.
    ignore_changes = [default_pools]
  }
}
