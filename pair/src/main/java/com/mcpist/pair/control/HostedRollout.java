package com.mcpist.pair.control;

/**
 * A release on its way.
 *
 * @param id the release's
 * @param unchanged whether it ran, or was on its way, already
 */
public record HostedRollout(String id, boolean unchanged) {}
