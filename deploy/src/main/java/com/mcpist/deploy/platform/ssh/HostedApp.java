package com.mcpist.deploy.platform.ssh;

import java.util.Optional;

/**
 * Where an origin is on a host.
 *
 * @param host what ssh calls it
 * @param app the container's name, and its folder's below {@code ~/.mcpist}
 * @param address where it listens; a release is tried on the port after
 * @param engine podman or docker; empty: whichever is there
 */
public record HostedApp(
    String host, String app, String address, int port, Optional<String> engine) {}
