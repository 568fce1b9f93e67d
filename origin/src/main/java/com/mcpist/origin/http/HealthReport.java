package com.mcpist.origin.http;

import tools.jackson.databind.node.ObjectNode;

/**
 * What a check of the origin's health found.
 *
 * @param healthy whether calls should come here
 * @param details what only those with the gateway secret are told
 */
public record HealthReport(boolean healthy, ObjectNode details) {}
