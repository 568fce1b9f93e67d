package com.mcpist.deploy.verify;

import com.mcpist.deploy.origin.OriginClient;

/** Something that is verified: an origin, or the edge. */
public record Subject(String name, OriginClient client) {}
