package com.mcpist.origin.trace;

import java.sql.SQLException;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A part of an attempt's way, from when it is made until it is closed. Used on the thread of its
 * call, of which it is the current one until then.
 */
public interface Span extends AutoCloseable {
  /** Of which nobody is told. */
  Span NONE = new Span() {};

  /** What this thread is at. */
  static Span current() {
    Span span = Current.SPAN.get();
    return span == null ? NONE : span;
  }

  /** Does a tool's work as a part of this. Throws what that throws. */
  default <T> T tool(String name, Callable<T> work) throws Exception {
    return work.call();
  }

  /**
   * Asks a mounted server as a part of this. Throws what that throws.
   *
   * @param target the name of the tool or prompt there; empty: it has none
   */
  default <T> T ask(String mount, String method, String target, Callable<T> work) throws Exception {
    return work.call();
  }

  /** A statement has just ended, which took so long; {@code failure}: null if it has not failed. */
  default void ran(String sql, long nanos, @Nullable SQLException failure) {}

  /** Tells the one who gets this, name by name, that its work is a part of this. */
  default void putInto(BiConsumer<String, String> carrier) {}

  default void set(String name, String value) {}

  default void set(String name, long value) {}

  /** It has failed, in this way; OpenTelemetry's {@code error.type}. The first one counts. */
  default void fail(String type) {}

  /** Of its trace, where that is kept; else null. */
  default @Nullable String traceId() {
    return null;
  }

  @Override
  default void close() {}

  /** Of each thread. */
  final class Current {
    static final ThreadLocal<@Nullable Span> SPAN = new ThreadLocal<>();

    private Current() {}
  }
}
