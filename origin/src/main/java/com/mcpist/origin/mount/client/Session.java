package com.mcpist.origin.mount.client;

import com.mcpist.module.Claim;
import com.mcpist.module.ToolRunner.AttemptFailedException;
import java.util.function.Consumer;
import tools.jackson.databind.node.ObjectNode;

/** What was agreed with a server: lives as long as its process, or as its session over HTTP. */
interface Session {
  Hello hello();

  /** Until the deadline, by System.nanoTime. */
  ObjectNode request(String method, ObjectNode params, Listener listener, long deadline)
      throws MountException, InterruptedException;

  /** Whether no request can be sent any more: another session is needed. */
  boolean isOver();

  /** The process's, or 0. */
  long pid();

  /** Of the process and its descendants, or 0. */
  long residentBytes();

  /** Ends it; where it has a process, no process of its tree is left. */
  void close();

  /**
   * Renews the claim of a call, when the session is there and right before the request is sent.
   *
   * @throws MountException of kind NOT_SENT if the claim has ended: the request must not be sent
   */
  static void renew(Claim claim) throws MountException, InterruptedException {
    try {
      claim.renew();
    } catch (AttemptFailedException e) {
      throw MountException.notSent("this origin has no claim to the call any more");
    }
  }

  /** Begins a session with a server. */
  interface Opener {
    /**
     * Waits for the server's hello until the deadline.
     *
     * @param updated told the URI of a resource that has changed
     * @param over told once that the session is over, and why; an empty text: in good order
     */
    Session open(Consumer<String> updated, Consumer<String> over, long deadline)
        throws MountException, InterruptedException;
  }
}
