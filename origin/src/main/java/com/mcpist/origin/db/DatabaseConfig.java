package com.mcpist.origin.db;

/**
 * Which database, and how much of it.
 *
 * @param url what calls use
 * @param migrations what changes the schema: a direct connection where {@code url} is a pooler
 * @param poolSize connections for calls, at most
 */
public record DatabaseConfig(DatabaseUrl url, DatabaseUrl migrations, int poolSize) {}
