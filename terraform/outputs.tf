output "url" {
  description = "Where clients connect."
  value       = "https://${cloudflare_workers_custom_domain.edge.hostname}/mcp"
}

output "state_namespace" {
  description = "The id of the Worker's KV namespace."
  value       = cloudflare_workers_kv_namespace.state.id
}

output "load_balancer" {
  description = "The load balancer's id; null where the Worker fails over by itself."
  value       = local.balanced ? cloudflare_load_balancer.edge[0].id : null
}

output "pools" {
  description = "The pools' ids by origin."
  value       = { for name, pool in cloudflare_load_balancer_pool.origin : name => pool.id }
}
