package com.mcpist.drill.tool;

import tools.jackson.databind.JsonNode;

/**
 * What the client of a call was told of its effect.
 *
 * @param text the call's own text; equal calls have the same. A mounted tool's ends in a blank and
 *     a number, which is larger in each later call of the same client
 * @param effectsBefore the size of the file of effects, in bytes, right after the client was told;
 *     0 without such a file
 */
public record Told(String text, Word word, long effectsBefore) {

  /** The kinds of answers, as far as they tell of the effect. */
  public enum Word {
    /** A result. */
    DONE,
    /** An error that says that the call had no effect. */
    NOT_RUN,
    /** An error that says that the outcome is unknown. */
    UNKNOWN,
    /** Another error, or no answer. */
    NOTHING;

    private static final String OUTCOME_UNKNOWN = "outcome of this call is unknown";
    private static final String NOTHING_WAS_RUN = "Nothing was run.";

    /**
     * Returns what a JSON-RPC response tells that is an error, or whose result is one of a tool. An
     * error tells it by its data. A tool's error has none, and tells it in its text.
     */
    public static Word ofError(JsonNode response) {
      JsonNode data = response.at("/error/data");
      String said = response.at("/result/content/0/text").asString("");
      if (data.path("effect").asString("").equals("none") || said.contains(NOTHING_WAS_RUN)) {
        return NOT_RUN;
      }
      return data.path("code").asString("").equals("outcome_unknown")
              || said.contains(OUTCOME_UNKNOWN)
          ? UNKNOWN
          : NOTHING;
    }
  }

  boolean is(Word other) {
    return word == other;
  }
}
