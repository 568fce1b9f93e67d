package com.mcpist.origin.mcp;

import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The way back to the client that sent one POST. Every method may be called from any thread and
 * none blocks. Of {@link #respond}, {@link #refuse}, {@link #accepted}, {@link #hold} and {@link
 * #abandon} exactly one is called, last.
 */
public interface Exchange {
  Headers headers();

  /** What the call holds of this process's memory. */
  Budget.Hold held();

  /**
   * Says that the request will not be turned away: before this none of the answer is sent, so that
   * {@link #refuse} has a status to say it by. Said again, it does nothing.
   */
  void admitted();

  /** Says that it will not be busy either, for a while only after which an answer begins. */
  default void started() {}

  /** Gives the client an id that it sends with all later requests. */
  void session(String id);

  /** Whether the client takes messages ahead of the response. */
  boolean streams();

  /**
   * Sends a notification ahead of the response. It is dropped where the client takes no stream, or
   * reads too slowly: a notification is never worth holding up a tool and its transaction.
   */
  void notify(byte[] message);

  /** Sends the response, and ends. */
  void respond(int status, byte[] message);

  /** Turns the request away with the error as the response and further headers, and ends. */
  void refuse(int status, Map<String, String> headers, byte[] message);

  /** Says by the status that the message was taken and has no response, and ends. */
  void accepted(int status);

  /**
   * Keeps the stream open until this origin stops, and ends it then with the farewell; ended is run
   * once or more when it has ended, or the client has gone.
   */
  void hold(Supplier<byte[]> farewell, Runnable ended);

  /**
   * Ends without a response because another origin should be asked: with a 503, or by breaking the
   * stream where one has begun.
   */
  void abandon(byte[] message);

  /** Whether the client has closed the connection. */
  boolean closed();

  /** A POST's HTTP headers; names in any case. */
  @FunctionalInterface
  public interface Headers {
    /** The header's value, several values joined with a comma, null where there is none. */
    @Nullable String get(String name);
  }
}
