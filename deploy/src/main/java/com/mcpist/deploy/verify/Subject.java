package com.mcpist.deploy.verify;

import com.mcpist.deploy.originclient.OriginClient;

/** Something that is verified: an origin, or the edge. */
public record Subject(String name, OriginClient client) {}
