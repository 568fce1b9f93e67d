package com.mcpist.origin.health;

/**
 * Who this process is.
 *
 * @param release the release it is of
 * @param digest the image it runs from, empty outside one
 * @param environment where it runs, as {@code production-primary}
 * @param instance names the process
 */
public record OriginIdentity(String release, String digest, String environment, String instance) {}
