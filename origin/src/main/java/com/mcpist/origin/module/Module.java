package com.mcpist.origin.module;

import java.util.List;

/**
 * A set of tools that belong together, and what goes with them. One package implements it; {@code
 * Modules} names it. Every list is in the order in which clients see it, and never changes.
 */
public interface Module {
  /** The module's name, lower case: the prefix of its tools' names and of its tables. */
  String name();

  /** The tools. */
  default List<Tool> tools() {
    return List.of();
  }

  /** The prompts. */
  default List<Prompt> prompts() {
    return List.of();
  }

  /** The resources that have a fixed URI. */
  default List<Resource> resources() {
    return List.of();
  }

  /** The resources whose URI has variables; asked after the fixed ones, in order. */
  default List<Resource.Template> resourceTemplates() {
    return List.of();
  }

  /** What completes the arguments of prompts and the variables of templates. */
  default List<Completion> completions() {
    return List.of();
  }
}
