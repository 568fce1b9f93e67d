package com.mcpist.origin.module;

import java.util.List;

/**
 * Completes one argument of a prompt, or one variable of a resource template, while a person types.
 *
 * @param of the prompt's name or the template's URI template
 * @param argument the argument's or variable's name
 * @param handler proposes values
 */
public record Completion(String of, String argument, Handler handler) {
  /** The work of a completion. Runs on a virtual thread; may block, and changes nothing. */
  @FunctionalInterface
  public interface Handler {
    /**
     * Proposes values, the best first; clients get the first hundred.
     *
     * @param typed what has been typed so far, may be empty
     * @param call its arguments are those that the client has settled already, as strings
     * @throws Exception the client sees a correlation id only
     */
    List<String> complete(String typed, ToolCall call) throws Exception;
  }
}
