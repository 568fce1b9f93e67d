package com.mcpist.origin.http;

/**
 * Where and how the origin listens.
 *
 * @param host the address to bind
 * @param port the port to bind, 0 for any free one
 * @param instance names this process in its heartbeat
 * @param secrets the accepted gateway secrets
 * @param limits what a connection may take
 */
public record ServerConfig(
    String host, int port, String instance, GatewaySecrets secrets, Limits limits) {
  /** With the default limits. */
  public ServerConfig(String host, int port, String instance, GatewaySecrets secrets) {
    this(host, port, instance, secrets, Limits.DEFAULT);
  }
}
