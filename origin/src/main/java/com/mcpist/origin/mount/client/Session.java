package com.mcpist.origin.mount.client;

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
