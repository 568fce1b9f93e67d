package com.mcpist.origin.mount.client;

/** The limits of the lists that are read from a mounted server. */
public final class ListLimits {
  /** The entries of one list, such as tools. */
  public static final int MOST_ENTRIES = 1_000;

  /** The pages of one list. */
  public static final int MOST_PAGES = 100;

  /** The bytes of all entries as JSON. Lists are held in memory, and kept in the database. */
  public static final int MOST_BYTES = 1024 * 1024;

  private ListLimits() {}
}
