package com.mcpist.origin.db;

import java.util.Optional;

/**
 * Which database, and how much of it.
 *
 * @param url what calls use
 * @param migrations the tables' owner, past a pooler: it changes the schema, and makes the role of
 *     {@code url}; empty: another origin does
 * @param poolSize connections for calls, at most
 * @param development whether, without {@code migrations}, the role of {@code url} may be the
 *     tables' owner
 */
public record DatabaseConfig(
    DatabaseUrl url, Optional<DatabaseUrl> migrations, int poolSize, boolean development) {
  /** What all origins' roles are members of. */
  static final String ORIGIN_ROLE = "mcpist_origin";

  /**
   * Whether {@code url} is the owner's, whose sessions for calls lay its rights down. Where a
   * pooler hands the sessions out, that cannot be.
   */
  boolean assumesRole() {
    return development && migrations.isEmpty() && !url.pooler();
  }

  /** What sessions for calls connect to. */
  DatabaseUrl calls() {
    return assumesRole() ? url.assuming(ORIGIN_ROLE) : url;
  }

  /** What may change the schema; empty where this origin may not. */
  Optional<DatabaseUrl> owner() {
    return assumesRole() ? Optional.of(url) : migrations;
  }
}
