/** Access to Cloudflare by its HTTP interface: the Worker, its secrets, and the load balancer. */
@NullMarked
package com.mcpist.deploy.platform.cloudflare;

import org.jspecify.annotations.NullMarked;
