# Where the Worker keeps which origins are drained and what the probes have seen. `mcpist deploy --worker` finds it by its title.
resource "cloudflare_workers_kv_namespace" "state" {
  account_id = local.cloudflare.account
  title      = "${local.worker}-state"

  lifecycle {
    # A new one would forget who is drained.
    prevent_destroy = true
  }
}

# The Worker's program and settings are versions, which `mcpist deploy --worker` brings out and takes back; here is only how it is reached.
resource "cloudflare_workers_custom_domain" "edge" {
  account_id = local.cloudflare.account
  zone_id    = var.zone_id
  hostname   = local.deployment.domain
  service    = local.worker

  lifecycle {
    # Every client would be cut off.
    prevent_destroy = true
  }
}

# The probes of the quiet hours.
resource "cloudflare_workers_cron_trigger" "probe" {
  account_id  = local.cloudflare.account
  script_name = local.worker
  schedules   = [{ cron = "* * * * *" }]
}
