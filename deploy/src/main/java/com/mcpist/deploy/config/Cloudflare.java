package com.mcpist.deploy.config;

import java.util.Optional;

/**
 * What there is on Cloudflare in front of the origins.
 *
 * @param account the account's id, 32 hexadecimal digits
 * @param worker the Worker's name
 * @param loadBalancer the load balancer's host name, where it is what chooses the origin
 */
public record Cloudflare(String account, String worker, Optional<String> loadBalancer) {}
