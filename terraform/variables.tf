variable "zone_id" {
  description = "The id of the zone that the domain of mcpist.yml is in."
  type        = string

  validation {
    condition     = can(regex("^[0-9a-f]{32}$", var.zone_id))
    error_message = "It is 32 hexadecimal digits: the zone's overview in Cloudflare's dashboard shows it."
  }
}
