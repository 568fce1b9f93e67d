package com.mcpist.origin.mount.client;

import com.mcpist.module.Claim;
import com.mcpist.origin.mcp.Budget.Charge;
import tools.jackson.databind.node.ObjectNode;

/**
 * The one that waits for a request's answer. All methods are called on the thread that made the
 * request.
 */
public interface Listener {
  /**
   * Takes over the charge for the answer, before the request returns its result or throws its
   * error. A request that needs several answers has several charges, one after the other.
   */
  default void holds(Charge charge) {
    charge.close();
  }

  /**
   * Takes note of the bytes of memory that it took to read an answer. The method is called for an
   * answer that cannot be read, too.
   */
  default void costs(long bytes) {}

  /** The parameters of notifications/progress; its token is ours. */
  void progress(ObjectNode params);

  /** The parameters of notifications/message. */
  void log(ObjectNode params);

  /**
   * Answers a question of the server: elicitation/create, sampling/createMessage or roots/list. May
   * block; the request's limit does not run meanwhile.
   *
   * @return the result
   * @throws MountException of kind ANSWERED: the server gets this error as its answer. Any other
   *     exception ends the request, and is what the request throws
   */
  ObjectNode ask(String method, ObjectNode params) throws MountException, InterruptedException;

  /**
   * Returns the claim under which the request may be sent. The session renews the claim right
   * before it sends the request, and sends it only while the claim holds.
   */
  Claim claim();

  /**
   * Returns the user whose share of the server's places the request takes. Empty for the origin's
   * own requests, which have a share like a user's.
   */
  default String user() {
    return "";
  }

  /** Whether nobody waits any more; asked for several times a second. */
  boolean cancelled();
}
