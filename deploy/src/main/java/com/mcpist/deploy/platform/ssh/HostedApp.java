package com.mcpist.deploy.platform.ssh;

import module java.base;

/** A release is tried on the port after; without an engine it is whichever is there. */
public record HostedApp(
    String host, String app, String address, int port, Optional<String> engine) {}
