package com.mcpist.edge.pool;

import java.net.URI;

/**
 * An origin that calls may be sent to.
 *
 * @param name its name in mcpist.yml
 * @param url its scheme, host and port
 */
public record Origin(String name, URI url) {}
