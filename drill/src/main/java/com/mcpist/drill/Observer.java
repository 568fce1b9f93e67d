package com.mcpist.drill;

/** Told how a game day goes, in plain words. */
public interface Observer {
  /** Something that is worth a line of its own. */
  void says(String line);

  /** A part of it begins. */
  void begins(String step);

  /** What that part is at now. */
  void isAt(String detail);

  /** A part of it is done. */
  void found(Report report);
}
