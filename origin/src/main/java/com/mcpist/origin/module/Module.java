package com.mcpist.origin.module;

import java.util.List;

/** A set of tools that belong together. One package implements it; {@code Modules} names it. */
public interface Module {
  /** The module's name, lower case: the prefix of its tools' names and of its tables. */
  String name();

  /** The tools, in the order in which clients see them. */
  List<Tool> tools();
}
