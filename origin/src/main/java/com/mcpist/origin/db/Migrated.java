package com.mcpist.origin.db;

import java.time.Instant;

/**
 * That this process has migrated the tables of a module, or of the origin itself; the versions are
 * the same where only functions have changed.
 */
public record Migrated(String owner, int from, int to, Instant began, Instant ended) {}
