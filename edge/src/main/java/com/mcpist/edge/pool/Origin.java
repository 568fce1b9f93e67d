package com.mcpist.edge.pool;

import java.net.URI;

/** An origin that calls may be sent to: its name in mcpist.yml; scheme, host and port. */
public record Origin(String name, URI url) {}
