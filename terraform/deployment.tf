# What mcpist.yml says, with the defaults of what it does not say. `mcpist` reads the same file.
locals {
  deployment = yamldecode(file("${path.module}/../mcpist.yml"))
  cloudflare = local.deployment.cloudflare
  service    = try(local.deployment.service, "mcpist")
  worker     = try(local.cloudflare.worker, local.service)
  balanced   = try(local.deployment.edge.failover, "worker") == "load_balancer"

  monitor = merge(
    {
      path             = "/health"
      interval         = "30s"
      timeout          = "5s"
      retries          = 2
      consecutive_down = 2
      consecutive_up   = 3
      expected_body    = "\"status\":\"ok\""
      expected_code    = 200
    },
    try(local.deployment.monitor, {}),
  )

  units = { ms = 0.001, s = 1, m = 60, h = 3600 }
  seconds = {
    for key in ["interval", "timeout"] :
    key => tonumber(regex("^[0-9]+", local.monitor[key])) * local.units[regex("[a-z]+$", local.monitor[key])]
  }

  # In the order in which they are preferred.
  names = [for origin in local.deployment.origins : origin.name]
  hosts = {
    for origin in local.deployment.origins :
    origin.name => regex("^https://([^/:]+)", origin.url)[0] if local.balanced
  }
}
