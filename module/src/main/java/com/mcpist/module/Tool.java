package com.mcpist.module;

import java.io.IOException;
import java.io.InputStream;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A tool: MCP's Tool object, of which clients are told, what running it changes, and its work.
 *
 * @param checked whether this process checks the arguments and results by the tool's schemas. A
 *     mounted server does so itself
 * @param statementFirst whether the tool begins {@linkplain #withStatementFirst with a statement}
 * @param renewsClaim whether the tool {@linkplain #renewingClaim renews its claim} before it acts
 */
public record Tool(
    ObjectNode definition,
    Effect effect,
    Handler handler,
    boolean checked,
    boolean statementFirst,
    boolean renewsClaim) {
  private static final JsonMapper JSON = JsonMapper.shared();

  public Tool {
    boolean readOnly = definition.path("annotations").path("readOnlyHint").asBoolean(false);
    if (readOnly != (effect == Effect.READS)) {
      throw new IllegalArgumentException(
          definition.path("name").asString() + ": readOnlyHint must say what the effect says");
    }
  }

  public Tool(ObjectNode definition, Effect effect, Handler handler) {
    this(definition, effect, handler, true, false, false);
  }

  /** The same tool, with other work. */
  public Tool with(Handler other) {
    return new Tool(definition, effect, other, checked, statementFirst, renewsClaim);
  }

  /**
   * The same tool, which writes the database, and whose first use of it is a query or an update of
   * Jdbi's. This travels with the ledger's first statement, which saves a round trip. It has an
   * effect only if the call is new.
   */
  public Tool withStatementFirst() {
    return new Tool(definition, effect, handler, checked, true, renewsClaim);
  }

  /**
   * Returns the same tool, which acts outside, and which calls {@link Claim#renew} before it acts.
   * If an attempt ends before that, for example because its origin dies while the tool prepares its
   * work, another attempt runs the call. For any other tool that acts outside, the outcome would be
   * unknown.
   */
  public Tool renewingClaim() {
    return new Tool(definition, effect, handler, checked, statementFirst, true);
  }

  /**
   * A tool whose definition is a JSON file beside the module's class, named after the tool.
   *
   * @throws IllegalArgumentException when the file is missing or is not a tool's definition
   */
  public static Tool of(Class<?> module, String name, Effect effect, Handler handler) {
    try (InputStream file = module.getResourceAsStream(name + ".json")) {
      if (file == null) {
        throw new IllegalArgumentException("No " + name + ".json beside " + module.getName());
      }
      return new Tool((ObjectNode) JSON.readTree(file), effect, handler);
    } catch (IOException e) {
      throw new IllegalArgumentException("Cannot read " + name + ".json", e);
    }
  }

  public String name() {
    return definition.path("name").asString();
  }

  /** The work of a tool. It may block. */
  @FunctionalInterface
  public interface Handler {
    /**
     * Does the work once.
     *
     * @throws ToolException for what the caller can mend; its message is shown to the client
     * @throws Question.InputRequired when the client must answer something first
     * @throws Exception for anything else; the client sees a correlation id only
     */
    ToolResult run(ToolCall call) throws Exception;
  }

  /**
   * An effect is what running a tool changes. It decides how a call survives its origin's death.
   */
  public enum Effect {
    /** Changes nothing: runs in a READ ONLY transaction, and is simply run again. */
    READS,
    /** Changes the database only: runs in the transaction that also records the call. */
    WRITES_DATABASE,
    /**
     * Changes something outside that must not happen twice: the call is claimed before it acts, and
     * is not run again once it may have acted.
     */
    ACTS_OUTSIDE,
    /** Changes something outside that takes the call's id as its idempotency key: is run again. */
    ACTS_OUTSIDE_IDEMPOTENTLY;
  }
}
